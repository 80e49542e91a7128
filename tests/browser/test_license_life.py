"""A licence from trial to revocation, walked by two people in the pages of a vendor over fifteen months.

The clocks of the server are led from date to date; everything else is done by forms. At each step the page, a
validation with the key and the timeline have to say the same.
"""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from identity.operations import create_account, grant_membership
from kernel.clock import DatabaseClock, SystemClock
from tests.browser.accessibility import barriers
from tests.browser.shots import shoot
from tests.factories import licensing
from tests.factories.tenants import PASSWORD, tenant
from tests.licensing.vendors import Vendor

FJORD, NORDLYS = "Fjord Design", "Nordlys AS"
OPERATOR, APPROVER = "maja@lumen.example", "ida@lumen.example"
ISSUED = datetime(2024, 3, 4, 9, tzinfo=UTC)
BOUGHT = datetime(2024, 3, 25, 10, 30, tzinfo=UTC)
EXTENDED = datetime(2024, 7, 1, 8, tzinfo=UTC)
IN_GRACE = datetime(2025, 3, 28, 7, tzinfo=UTC)
RENEWED = datetime(2025, 4, 1, 9, tzinfo=UTC)
HANDED_ON = datetime(2025, 5, 14, 9, tzinfo=UTC)
REVOKED = datetime(2025, 6, 11, 9, tzinfo=UTC)
FOUR_MORE_UNITS = "1,018.26"
"""Four units at 348.00 a year for 267 of the 365 days from 25 March 2024 on."""
STORY = [
    "Issued", "Key issued", "Term began with the first use", "Activated on a machine", "Trial bought", "Units changed",
    "Term ended", "Renewed", "Asked to hand it on", "Handed on", "Request approved", "Asked to revoke it", "Revoked",
    "Request approved",
]  # fmt: skip


class LedClock:
    """The clock of the whole server: it runs on from the moment to which it was led last."""

    def __init__(self, at: datetime) -> None:
        self.lead(at)

    def lead(self, at: datetime) -> None:
        self._at, self._since = at, time.monotonic()

    def now(self) -> datetime:
        return self._at + timedelta(seconds=time.monotonic() - self._since)


@dataclass
class Walk:
    """A tab in which one of the two people is signed in, and the licence whose life it is."""

    page: Page
    site: str
    clock: LedClock
    license: str = ""
    key: str = ""

    def on(self, at: datetime, who: str = OPERATOR) -> "Walk":
        """That day somebody signs in, and looks at the licence once it is there."""
        self.clock.lead(at)
        return self.as_(who)

    def as_(self, who: str) -> "Walk":
        self.page.context.clear_cookies(name="session")
        self.page.goto(f"{self.site}/accounts/sign-in/")
        self.page.get_by_label("E-mail").fill(who)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(f"{self.site}/")
        if self.license and who == OPERATOR:
            self.page.goto(self.license)
        return self

    def step(self, name: str) -> None:
        """Opens the form of a step by the menu of the licence's page."""
        self.page.get_by_text("More steps").click()
        self.page.get_by_role("link", name=name, exact=True).click()

    def because(self, reason: str, button: str) -> None:
        self.page.get_by_label("Reason").fill(reason)
        self.page.get_by_role("button", name=button).click()

    def choose(self, customer: str) -> None:
        self.page.locator(".select2-selection").first.click()
        self.page.locator(".select2-search__field").fill(customer[:5])
        self.page.locator(".select2-results__option", has_text=customer).click()

    def says(self, state: str, text: str = "") -> None:
        """The state beside the title, and a sentence or date somewhere on the page."""
        expect(self.page.locator("h1 .pill")).to_have_text(state)
        if text:
            expect(self.page.get_by_text(text).first).to_be_visible()

    def validates(self, step: str = "validate", **scope: str) -> Any:
        """What software with the key is told now."""
        question = {"key": self.key, "nonce": "bm9uY2U", "scope": {"product": "lumen-cad", **scope}}
        machine = {"machine": {"platform": "Windows 11", "label": "CAD-07"}} if step != "validate" else {}
        answer = self.page.request.post(f"{self.site}/api/v1/{step}", data={**question, **machine})
        assert answer.status == 200, answer.text()
        return answer.json()

    def timeline(self) -> list[str]:
        """The titles of what happened, the oldest first."""
        return self.page.locator(".timeline strong").all_inner_texts()[::-1]


@pytest.fixture
def walk(page: Page, site: str, monkeypatch: pytest.MonkeyPatch) -> Walk:
    """A vendor with a trial that becomes a subscription, two customers, an operator and somebody who approves."""
    clock = LedClock(ISSUED - timedelta(days=1))
    for one in (SystemClock, DatabaseClock):
        monkeypatch.setattr(one, "now", lambda _self: clock.now())
    house = tenant("vendor", name="Lumen CAD")
    with house.writing():
        product = licensing.product(house.organization, code="lumen-cad", name="Lumen CAD Studio")
        customers = [licensing.party(house.organization, kind="licensee", name=name) for name in (FJORD, NORDLYS)]
    lumen = Vendor(house, product, customers[0])
    paid = lumen.license_type(
        code="studio-yearly", name="Studio, yearly", unit_price=348, currency="EUR", charge_period="year"
    )
    lumen.license_type("trial", code="studio-trial", name="Studio trial", converts_to=paid)
    for email, name, role in ((OPERATOR, "Maja Vik", "vendor_ops"), (APPROVER, "Ida Berg", "approver")):
        account = create_account(email=email, password=PASSWORD, display_name=name, clock=clock)
        with house.writing() as trail:
            grant_membership(account=account, roles=[role], trail=trail)
    return Walk(page, site, clock)


def test_the_life_of_a_licence(walk: Walk) -> None:
    """Trial, subscription, more units, grace, renewal, another holder, end: each by its form, and told at the end."""
    a_trial_is_issued(walk)
    it_is_bought(walk)
    it_gets_more_units(walk)
    its_term_ends_and_it_is_renewed(walk)
    it_changes_hands(walk)
    it_is_revoked(walk)
    it_can_be_read_as_a_story(walk)


def a_trial_is_issued(walk: Walk) -> None:
    """Its thirty days begin when software asks for the first time."""
    page = walk.on(ISSUED).page
    page.goto(f"{walk.site}/admin/licensing/license/add/")
    trial = page.get_by_label("Licence type").locator("option", has_text="Studio trial")
    page.get_by_label("Licence type").select_option(trial.get_attribute("value"))
    walk.choose(FJORD)
    page.get_by_label("Units").fill("10")
    page.get_by_role("button", name="Issue the licence").click()
    walk.license = page.url
    walk.says("Active", "The term has not begun")
    shoot(page, "life-1-trial-issued")
    page.get_by_role("link", name="Issue a key").click()
    page.get_by_role("button", name="Issue the key").click()
    walk.key = page.get_by_label("Licence key", exact=True).input_value()
    page.get_by_role("link", name="I have copied it").click()
    answer = walk.validates()
    assert (answer["valid"], [one["code"] for one in answer["warnings"]]) == (True, ["EXPIRES_SOON"])
    assert walk.validates("activations/activate", fingerprint="4C4C4544-0042")["valid"] is True
    page.reload()
    walk.says("Active", "3 Apr 2024, 09:00 UTC")
    expect(page.locator("#machines")).to_be_visible()
    shoot(page, "life-2-trial-in-use")


def it_is_bought(walk: Walk) -> None:
    """Key and machine stay; a year begins on the day."""
    page = walk.on(BOUGHT).page
    walk.step("Make it a paid licence")
    shoot(page, "life-3-buying")
    walk.because("Order 4711 of 25 March", "Make it a paid licence")
    walk.says("Active", "25 Mar 2025, 10:30 UTC")
    expect(page.get_by_role("link", name="Studio, yearly")).to_be_visible()
    expect(page.get_by_role("link", name="CAD-07", exact=True)).to_be_visible()
    shoot(page, "life-4-bought")
    answer = walk.validates(fingerprint="4C4C4544-0042")
    assert (answer["valid"], answer["warnings"]) == (True, [])


def it_gets_more_units(walk: Walk) -> None:
    """The price up to the end of the term is shown to the cent, and stands in the timeline."""
    page = walk.on(EXTENDED).page
    walk.step("Change the units")
    page.get_by_label("Units").fill("14")
    walk.because("Four more people in Bergen", "Show the price")
    expect(page.get_by_text(f"4 units more until 25 Mar 2025: {FOUR_MORE_UNITS} EUR.")).to_be_visible()
    shoot(page, "life-5-price")
    page.get_by_role("button", name="Change the units").click()
    expect(page.locator(".timeline li").first).to_contain_text(f"10 → 14 units, {FOUR_MORE_UNITS} EUR")
    assert walk.validates()["valid"] is True
    shoot(page, "life-6-more-units")


def its_term_ends_and_it_is_renewed(walk: Walk) -> None:
    """In grace it works and software is told until when; the next term begins where the last one ended."""
    page = walk.on(IN_GRACE).page
    walk.says("In grace", "The licence works until 8 Apr 2025, 10:30 UTC")
    expect(page.locator(".timeline li").first).to_contain_text("in grace until 8 Apr 2025")
    shoot(page, "life-7-in-grace", schemes=("light", "dark"))
    page.goto(f"{walk.site}/admin/licensing/license/")
    shoot(page, "life-7-list")
    answer = walk.validates()
    [warning] = answer["warnings"]
    assert (answer["valid"], warning["code"], warning["until"][:16]) == (True, "IN_GRACE", "2025-04-08T10:30")
    walk.on(RENEWED)
    walk.step("Renew")
    shoot(page, "life-8-renewing")
    walk.because("Invoice 88 is paid", "Renew the licence")
    walk.says("Active", "25 Mar 2026, 10:30 UTC")
    expect(page.locator(".timeline li").first).to_contain_text("25 Mar 2025 – 25 Mar 2026")
    shoot(page, "life-9-renewed")
    answer = walk.validates()
    assert (answer["valid"], answer["warnings"]) == (True, [])


def it_changes_hands(walk: Walk) -> None:
    """Maja asks, Ida approves; the key works on."""
    page = walk.on(HANDED_ON).page
    walk.step("Ask to hand it on")
    walk.choose(NORDLYS)
    shoot(page, "life-10-handing-on")
    walk.because("Nordlys has bought the studio", "Ask to hand it on")
    expect(page.locator(".note").get_by_text("asked for by Maja Vik")).to_be_visible()
    shoot(page, "life-11-asked")
    decide(walk, "The contract of sale is here", "life-12")
    walk.as_(OPERATOR)
    walk.says("Active", f"Lumen CAD Studio for {NORDLYS}")
    expect(page.locator("#custody").locator("xpath=ancestor::section")).to_contain_text(NORDLYS)
    shoot(page, "life-13-handed-on")
    assert walk.validates()["valid"] is True


def it_is_revoked(walk: Walk) -> None:
    """Only a second person ends it for good; software is told at once, and no step is left."""
    page = walk.on(REVOKED).page
    walk.step("Ask to revoke")
    shoot(page, "life-14-revoking")
    walk.because("Returned under the contract of sale", "Ask to revoke the licence")
    walk.says("Active")
    assert walk.validates()["valid"] is True
    decide(walk, "Agreed with Nordlys by telephone", "life-15")
    walk.as_(OPERATOR)
    walk.says("Revoked", "Returned under the contract of sale")
    expect(page.get_by_text("More steps")).to_have_count(0)
    # The key and the machine.
    expect(page.locator("table .pill", has_text="Not usable")).to_have_count(2)
    answer = walk.validates()
    assert (answer["valid"], answer["code"]) == (False, "REVOKED")


def decide(walk: Walk, reason: str, name: str) -> None:
    """Ida finds the request among those that wait, and approves it."""
    page = walk.as_(APPROVER).page
    page.goto(f"{walk.site}/changes/")
    shoot(page, f"{name}-requests")
    page.locator("tbody a").first.click()
    expect(page.get_by_text("Maja Vik")).to_be_visible()
    page.get_by_label("Reason").fill(reason)
    shoot(page, f"{name}-request")
    page.get_by_role("button", name="Approve and carry out").click()
    expect(page.get_by_text("is approved and carried out")).to_be_visible()
    shoot(page, f"{name}-decided")


def it_can_be_read_as_a_story(walk: Walk) -> None:
    """Who, when, what and why, the oldest last, with names and without an id or a code."""
    page = walk.page
    assert walk.timeline() == STORY
    told = page.locator(".timeline").inner_text()
    for words in (
        f"10 units for {FJORD}, Studio trial", "Studio trial → Studio, yearly", "Order 4711 of 25 March", "CAD-07",
        "Four more people in Bergen", f"{FJORD} → {NORDLYS}", "Nordlys has bought the studio",
        "The contract of sale is here", "by Maja Vik", "by Ida Berg", "25 Mar 2024, 10:30 UTC", "by the clock",
    ):  # fmt: skip
        assert words in told
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-|[{}]|None|license\.", told)
    assert barriers(page) == []
    shoot(page, "life-16-story", schemes=("light", "dark"))
