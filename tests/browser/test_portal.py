"""The portal in Chromium: on a phone and a desk, light and dark, in both languages, without a barrier."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from identity.operations import create_account, grant_membership
from kernel.clock import DatabaseClock
from licensing.models import License
from licensing.operations import issue_certificate, suspend_license
from licensing.operations.contacts import name_vendor_contact
from tests.browser.accessibility import barriers
from tests.factories.tenants import PASSWORD
from tests.licensing.vendors import vendor

NARROW, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
SHOTS = os.environ.get("SEATLEDGER_SCREENSHOTS", "")
EMAIL = "kim@customer.example"


@pytest.fixture
def customer(page: Page, site: str) -> Page:
    """Signed in as somebody of a customer with a licence that ends soon and one that is suspended."""
    lumen = vendor()
    kind = lumen.license_type("subscription")
    soon, suspended = lumen.license(kind), lumen.license(kind)
    lumen.key(soon)
    account = create_account(email=EMAIL, password=PASSWORD, display_name="Kim Customer", clock=DatabaseClock())
    with lumen.house.writing() as trail:
        issue_certificate(license_id=soon.id, trail=trail)
        suspend_license(license_id=suspended.id, reason="Invoice 4711 is unpaid", trail=trail)
        License.objects.filter(id=soon.id).update(expires_at=trail.clock.now() + timedelta(days=9))
        name_vendor_contact(name="Maja Vik", email="ops@lumen.example", phone="+49 40 5550 142", trail=trail)
        grant_membership(account=account, roles=["customer"], party_id=lumen.customer.id, trail=trail)
    page.goto(f"{site}/accounts/sign-in/")
    page.get_by_label(re.compile("e-mail", re.IGNORECASE)).fill(EMAIL)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("form button[type=submit], form .btn-primary").first.click()
    return page


def looked_at(page: Page, name: str) -> None:
    """At both widths, light and dark: nothing sticks out, and axe finds nothing serious."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for size in (NARROW, WIDE):
            page.set_viewport_size(size)  # type: ignore[arg-type]  # the same
            overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert overflow <= 0, f"{name} at {size['width']} px sticks out by {overflow} px"
            assert barriers(page) == []
            if SHOTS:
                page.screenshot(path=Path(SHOTS) / f"{name}-{scheme}-{size['width']}.png", full_page=True)


def test_a_customer_looks_at_the_own_licences(customer: Page, site: str) -> None:
    """Lands at the portal, reads what needs attention, opens a licence, and reads the same in German."""
    expect(customer).to_have_url(f"{site}/portal/")
    expect(customer.get_by_text("Invoice 4711 is unpaid")).to_be_visible()
    expect(customer.get_by_role("link", name="ops@lumen.example")).to_be_visible()
    looked_at(customer, "portal")
    customer.get_by_role("table").get_by_role("link").first.click()
    expect(customer.get_by_role("heading", name="Keys")).to_be_visible()
    looked_at(customer, "portal-licence")
    customer.context.add_cookies([{"name": "django_language", "value": "de", "url": site}])
    customer.goto(f"{site}/portal/")
    expect(customer.get_by_role("heading", name="Ihre Lizenzen")).to_be_visible()
    looked_at(customer, "portal-de")
