"""The portal of a vendor's customers by the list: works, anonymous, wrong role, other customer, other house, queries;
and the rule behind its notices."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from identity.operations import create_account, grant_membership
from kernel.clock import DatabaseClock
from licensing.models import License, LicenseKey, Party, VendorContact
from licensing.operations import (
    NewAddOn,
    NewFeature,
    attach_add_on,
    bar_party,
    create_feature,
    issue_certificate,
    mark_past_due,
    suspend_license,
)
from licensing.operations.conditions import Conditions
from licensing.portal_wording import hindrance
from licensing.rules.facts import FeatureGrant, LicenseFacts, LicenseStatus
from licensing.rules.feature_values import QuotaPeriod, QuotaTerms
from licensing.rules.notices import NoticeCode, notice_about
from licensing.usage.operations import NewUsage, record_usage
from tests.factories import licensing
from tests.factories.tenants import PASSWORD, signed_in
from tests.licensing.cases import (
    A_MICROSECOND,
    ENDS_NOW,
    FAR_AWAY,
    LONG_AGO,
    NOW,
    PERPETUAL,
    SUBSCRIPTION,
    TRIAL,
    WITH_GRACE,
)
from tests.licensing.vendors import Vendor, ask_for, vendor

PORTAL = "/portal/"
DAY = timedelta(days=1)


@pytest.fixture
def lumen(db: None) -> Vendor:
    return vendor()


def signed_in_customer(lumen: Vendor, party: Party) -> Client:
    """A browser in which a person of this customer has signed in through the page."""
    account = create_account(
        email=f"{party.id}@example.org", password=PASSWORD, display_name="Kim Customer", clock=DatabaseClock()
    )
    with lumen.house.writing() as trail:
        grant_membership(account=account, roles=["customer"], party_id=party.id, trail=trail)
    browser = Client(HTTP_HOST="127.0.0.1")
    answer = browser.post("/accounts/sign-in/", {"username": account.email, "password": PASSWORD})
    assert answer.status_code == 302
    return browser


def address(license: License) -> str:
    return reverse("licensing:portal-license", args=[license.id])


def pills(page: str) -> list[str]:
    """The states on a page, in order."""
    return re.findall(r'<span class="pill[^>]*>(?:<svg.*?</svg>)?\s*([^<]+?)\s*</span>', page, re.DOTALL)


def text(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


@pytest.mark.parametrize(
    ("facts", "at", "expected"),
    [
        (PERPETUAL, NOW, None),
        (SUBSCRIPTION, NOW, None),
        (replace(PERPETUAL, status=LicenseStatus.SUSPENDED), NOW, NoticeCode.SUSPENDED),
        (replace(PERPETUAL, status=LicenseStatus.REVOKED), NOW, NoticeCode.REVOKED),
        (replace(PERPETUAL, party_barred_at=NOW), NOW, NoticeCode.BARRED),
        (replace(ENDS_NOW, status=LicenseStatus.SUSPENDED, party_barred_at=NOW), NOW, NoticeCode.BARRED),
        (replace(PERPETUAL, valid_from=NOW + DAY), NOW, NoticeCode.NOT_YET_VALID),
        (ENDS_NOW, NOW, NoticeCode.EXPIRED),
        (ENDS_NOW, NOW + 90 * DAY - A_MICROSECOND, NoticeCode.EXPIRED),
        (ENDS_NOW, NOW + 90 * DAY, None),
        (replace(ENDS_NOW, notice=30 * DAY), NOW - A_MICROSECOND, NoticeCode.EXPIRES_SOON),
        (replace(ENDS_NOW, notice=30 * DAY), NOW - 30 * DAY, NoticeCode.EXPIRES_SOON),
        (replace(ENDS_NOW, notice=30 * DAY), NOW - 30 * DAY - A_MICROSECOND, None),
        (WITH_GRACE, NOW, NoticeCode.IN_GRACE),
        (replace(WITH_GRACE, past_due_stages=(NOW + DAY,)), NOW, NoticeCode.PAST_DUE),
        (WITH_GRACE, NOW + 7 * DAY, NoticeCode.EXPIRED),
        (replace(PERPETUAL, maintenance_until=NOW, notice=30 * DAY), NOW, NoticeCode.MAINTENANCE_ENDS_SOON),
        (TRIAL, NOW + 300 * DAY, None),
    ],
)
def test_the_most_urgent_notice(facts: LicenseFacts, at: datetime, expected: NoticeCode | None) -> None:
    """What a customer is told at each edge of a term, of grace, and of the ninety days in which an end is news."""
    found = notice_about(facts, revoked_at=NOW, at=at)
    assert (found.code if found else None) == expected


def test_a_customer_lands_at_the_own_licences(lumen: Vendor) -> None:
    """Home leads to the portal; it shows number, product, units and state, and the vendor's contact."""
    license, key = lumen.keyed("subscription", quantity=7)
    with lumen.house.writing() as trail:
        certificate = issue_certificate(license_id=license.id, trail=trail).row
        VendorContact.objects.create(
            organization=lumen.house.organization, name="Maja Vik", email="maja@example.org", created_at=NOW
        )
    browser = signed_in_customer(lumen, lumen.customer)
    home = browser.get("/")
    assert (home.status_code, home["Location"]) == (302, PORTAL)
    page = text(browser, PORTAL)
    assert license.number in page
    assert "maja@example.org" in page
    assert 'class="nav-item" href="/"' not in page
    detail = text(browser, address(license))
    with lumen.house.reading():
        prefix = LicenseKey.objects.get(license=license).prefix
    assert f"{prefix}…" in detail
    assert key not in detail
    assert str(certificate.sequence) in detail
    assert "Maja Vik" in detail


def test_what_needs_attention_stands_on_top_in_words(lumen: Vendor) -> None:
    """A suspension with its reason, an end that is near; and for a barred company one word for all its licences."""
    kind = lumen.license_type("subscription")
    first, second = lumen.license(kind), lumen.license(kind)
    with lumen.house.writing() as trail:
        suspend_license(license_id=first.id, reason="Invoice 4711 is unpaid", trail=trail)
        License.objects.filter(id=second.id).update(expires_at=trail.clock.now() + 3 * DAY + timedelta(hours=1))
    browser = signed_in_customer(lumen, lumen.customer)
    page = text(browser, PORTAL)
    assert "Invoice 4711 is unpaid" in page
    assert "3 days left" in page
    assert page.index("Suspended since") < page.index("Ends on")
    with lumen.house.writing() as trail:
        bar_party(party_id=lumen.customer.id, reason="A secret matter", trail=trail)
    barred = text(browser, PORTAL)
    assert barred.count("Please get in touch") == 2
    assert "A secret matter" not in barred


def test_what_cannot_be_used_is_not_called_on(lumen: Vendor) -> None:
    """Of a suspended licence neither features nor key are called usable, and the page says why; of one that works both
    are."""
    kind = lumen.license_type(conditions=Conditions(features=(FeatureGrant("render"),)))
    fine, held = lumen.license(kind), lumen.license(kind)
    for one in (fine, held):
        lumen.key(one)
    with lumen.house.writing() as trail:
        suspend_license(license_id=held.id, reason="Invoice 4711", trail=trail)
    browser = signed_in_customer(lumen, lumen.customer)
    assert pills(text(browser, address(fine))) == ["Active", "On", "In use"]
    page = text(browser, address(held))
    assert pills(page) == ["Suspended", "Not usable", "Not usable"]
    assert "Nothing of it can be used at present: the licence is suspended." in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"expires_at": LONG_AGO, "grace_until": None}, "the licence has ended"),
        ({"valid_from": FAR_AWAY, "expires_at": None, "grace_until": None}, "the licence has not begun"),
        ({"expires_at": LONG_AGO, "grace_until": FAR_AWAY}, ""),
        ({}, ""),
    ],
)
def test_why_nothing_can_be_used(lumen: Vendor, changes: dict[str, Any], said: str) -> None:
    """An ended licence and one that has not begun say so; grace and the middle of a term say nothing."""
    license = lumen.license()
    with lumen.house.writing():
        License.objects.filter(id=license.id).update(**changes)
        row = License.objects.select_related("license_type", "licensee", "product").get(id=license.id)
        told = hindrance(row, at=DatabaseClock().now())
    assert said in told
    assert bool(said) == bool(told)


def test_the_portal_tells_what_is_used(lumen: Vendor) -> None:
    """Machines that hold a place, what was consumed of a quota, and a module that was bought in addition."""
    with lumen.house.writing() as trail:
        create_feature(feature=NewFeature(product=lumen.product, code="export", name="E", kind="quantity"), trail=trail)
    quota = FeatureGrant("export", value=QuotaTerms(limit=500, period=QuotaPeriod.MONTH))
    kind = lumen.license_type("node_locked", conditions=Conditions(features=(quota,), limits={"activations": 3}))
    license = lumen.license(kind)
    assert ask_for("activate", lumen.key(license), machine_words={"label": "CAD-01"}).status_code == 200
    with lumen.house.writing() as trail:
        used = NewUsage(key="job-1", license_id=license.id, feature="export", value=Decimal(40), at=trail.clock.now())
        record_usage(source="farm", events=[used], trail=trail)
        cloud = NewAddOn(license_id=license.id, name="Cloud", features=(FeatureGrant("cloud-rendering"),))
        attach_add_on(add_on=cloud, trail=trail)
    page = text(signed_in_customer(lumen, lumen.customer), address(license))
    assert "40 of 500 used, anew on" in page
    assert "cloud-rendering" in page
    assert "CAD-01" in page
    assert "1 of 3" in page


def test_a_payment_past_due_is_told_before_it_hurts(lumen: Vendor) -> None:
    """Until when it works in full, and after that what comes next; nobody is told that the term is over."""
    license = lumen.license()
    browser = signed_in_customer(lumen, lumen.customer)
    with lumen.house.writing() as trail:
        mark_past_due(license_id=license.id, reason="Invoice 9", since=None, trail=trail)
    page = text(browser, PORTAL)
    assert "Payment past due" in page
    assert "then its features end" in page
    assert "In grace" not in page


def test_another_customers_licence_is_not_there(lumen: Vendor) -> None:
    """Neither in the list nor by its address, which answers like one that does not exist; drafts neither."""
    kind = lumen.license_type("subscription")
    own = lumen.license(kind)
    with lumen.house.writing():
        other = licensing.party(lumen.house.organization, kind="licensee", name="Sound Yachts")
        foreign = licensing.license(kind, licensee=other)
        draft = licensing.license(kind, licensee=lumen.customer, status="draft")
    browser = signed_in_customer(lumen, lumen.customer)
    page = text(browser, PORTAL)
    assert own.number in page
    assert foreign.number not in page
    assert draft.number not in page
    assert "Sound Yachts" not in page
    nobody = PORTAL + "licenses/00000000-0000-7000-8000-000000000000/"
    answers = [browser.get(path) for path in (address(foreign), address(draft), nobody)]
    assert {one.status_code for one in answers} == {404}
    elsewhere = vendor()
    assert signed_in_customer(elsewhere, elsewhere.customer).get(address(own)).status_code == 404


def test_only_customers_come_in(lumen: Vendor) -> None:
    """Visitors are led to the sign-in, staff are refused, and a customer opens no page of staff."""
    license = lumen.license()
    for path in (PORTAL, address(license)):
        assert Client(HTTP_HOST="127.0.0.1").get(path).status_code == 302
        assert signed_in(lumen.house, "vendor_ops").get(path).status_code == 403
    browser = signed_in_customer(lumen, lumen.customer)
    for path in ("/it/", "/finance/", "/audit/", "/organization/members/", "/api/v1/licenses/", "/api/v1/parties/"):
        assert browser.get(path).status_code == 403, path
    assert browser.get("/admin/").status_code in {302, 403}


def test_an_empty_portal_says_so(lumen: Vendor) -> None:
    """Without licences and without a contact there are sentences, no empty frames."""
    page = text(signed_in_customer(lumen, lumen.customer), PORTAL)
    assert "No licence yet" in page
    assert "No contact is named" in page


def test_the_portal_takes_the_same_queries_however_long(lumen: Vendor) -> None:
    """Thirty licences cost no query more than one."""
    kind = lumen.license_type("subscription")
    lumen.license(kind)
    browser = signed_in_customer(lumen, lumen.customer)
    text(browser, PORTAL)

    def cost() -> int:
        with CaptureQueriesContext(connection) as told:
            text(browser, PORTAL)
        return len(told)

    few = cost()
    with lumen.house.writing():
        for _ in range(30):
            licensing.license(kind, licensee=lumen.customer)
    assert cost() == few


def test_the_portal_speaks_german(lumen: Vendor) -> None:
    """Headings, states and notices are translated."""
    lumen.license()
    browser = signed_in_customer(lumen, lumen.customer)
    answer: Any = browser.get(PORTAL, headers={"accept-language": "de"})
    page = answer.content.decode()
    assert "Ihre Lizenzen" in page
    assert "Your licences" not in page
