"""The vendor's operator in the admin: defines a type, issues a licence, its key and its certificate, and ends it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from licensing.rules.key_format import normalise
from tests.browser.shots import shoot
from tests.factories.tenants import PASSWORD, member
from tests.licensing.vendors import vendor


@pytest.fixture
def operator(page: Page, site: str) -> Page:
    """Signed in as vendor_ops of a vendor with one product and one customer."""
    lumen = vendor()
    account, _principal = member(lumen.house, "vendor_ops", "auditor")
    member(lumen.house, "approver")
    page.goto(f"{site}/accounts/sign-in/")
    page.get_by_label(re.compile("e-mail", re.IGNORECASE)).fill(account.email)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("form button[type=submit], form .btn-primary").first.click()
    return page


def test_from_type_to_certificate_and_end(operator: Page, site: str) -> None:
    """Every step by its form; the key is shown once and the file is downloaded; the history tells all of it."""
    define_a_type(operator, site)
    address = issue_a_licence(operator, site)
    draw_a_key(operator)
    sign_a_certificate(operator)
    operator.goto(address)
    suspend_and_reinstate(operator)
    renew_and_extend(operator)
    ask_for_its_end(operator, site)
    for name, path in (("bulk", "license/bulk/"), ("licenses", "license/")):
        operator.goto(f"{site}/admin/licensing/{path}")
        shoot(operator, name)


def define_a_type(page: Page, site: str) -> None:
    page.goto(f"{site}/admin/licensing/licensetype/add/")
    page.get_by_label("Name").fill("Lumen CAD Pro, yearly")
    page.get_by_label("Code").fill("cad-pro-yearly")
    page.get_by_label("Product").select_option(index=1)
    page.get_by_label("Model").select_option("subscription")
    page.get_by_label("Term in months").fill("12")
    page.get_by_label("Days of grace").fill("14")
    page.get_by_role("textbox", name="Features (optional)").fill("render-3d\nexport until 2027-06-30")
    page.get_by_role("textbox", name="Limits (optional)").fill("projects = 250")
    shoot(page, "type-form")
    page.get_by_role("button", name="Define the licence type").click()
    expect(page.get_by_text("is ready to use")).to_be_visible()
    shoot(page, "type")


def issue_a_licence(page: Page, site: str) -> str:
    """Returns the address of its page."""
    page.goto(f"{site}/admin/licensing/license/add/")
    page.get_by_label("Licence type").select_option(index=1)
    page.locator(".select2-selection").first.click()
    page.locator(".select2-search__field").fill("Fjord")
    page.locator(".select2-results__option", has_text="Fjord Design").click()
    page.get_by_label("Units").fill("25")
    shoot(page, "license-form")
    page.get_by_role("button", name="Issue the licence").click()
    expect(page.get_by_text(re.compile("Licence L-.* is issued"))).to_be_visible()
    return page.url


def draw_a_key(page: Page) -> None:
    """Shown once, and afterwards by its beginning alone."""
    page.get_by_role("link", name="Issue a key").click()
    page.get_by_role("button", name="Issue the key").click()
    shown = page.get_by_label("Licence key", exact=True)
    key = shown.input_value()
    shoot(page, "key")
    page.get_by_role("link", name="I have copied it").click()
    assert key not in page.content()
    expect(page.get_by_text(f"{normalise(key)[:6]}…").first).to_be_visible()


def sign_a_certificate(page: Page) -> None:
    page.get_by_role("link", name="Sign a certificate").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Sign and download").click()
    assert re.fullmatch(r"L-.*-1\.lic", download.value.suggested_filename)
    assert "BEGIN SEATLEDGER LICENSE" in Path(download.value.path()).read_text()


def suspend_and_reinstate(page: Page) -> None:
    page.get_by_text("More steps").click()
    shoot(page, "steps")
    page.get_by_role("link", name="Suspend").click()
    page.get_by_label("Reason").fill("Invoice 4711 is unpaid")
    shoot(page, "suspend")
    page.get_by_role("button", name="Suspend the licence").click()
    expect(page.locator(".note--warn").get_by_text("Invoice 4711 is unpaid")).to_be_visible()
    page.get_by_text("More steps").click()
    page.get_by_role("link", name="Reinstate").click()
    page.get_by_label("Reason").fill("Paid")
    page.get_by_role("button", name="Reinstate the licence").click()


def renew_and_extend(page: Page) -> None:
    """The history tells every step so far."""
    page.get_by_text("More steps").click()
    page.get_by_role("link", name="Record a renewal").click()
    page.get_by_label("Reason").fill("Order 12")
    page.get_by_role("button", name="Record the renewal").click()
    page.get_by_text("More steps").click()
    page.get_by_role("link", name="Change the units").click()
    page.get_by_label("Units").fill("30")
    page.get_by_label("Reason").fill("Five more people")
    page.get_by_role("button", name="Show the price").click()
    shoot(page, "price")
    page.get_by_role("button", name="Change the units").click()
    shoot(page, "license")
    titles = page.locator(".timeline strong").all_inner_texts()
    assert titles[:2] == ["Units changed", "Renewal recorded"]
    assert titles[2:] == ["Reinstated", "Suspended", "Certificate signed", "Key issued", "Issued"]


def ask_for_its_end(page: Page, site: str) -> None:
    """Whoever asked does not decide."""
    page.get_by_text("More steps").click()
    page.get_by_role("link", name="Ask to revoke").click()
    page.get_by_label("Reason").fill("Returned")
    page.get_by_role("button", name="Ask to revoke the licence").click()
    page.goto(f"{site}/changes/")
    shoot(page, "changes")
    page.locator("tbody a").first.click()
    expect(page.get_by_text("somebody else has to decide")).to_be_visible()
    shoot(page, "change")
