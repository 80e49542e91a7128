"""The vendor's operator in the admin: defines a type, issues a licence, its key and its certificate, and ends it."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from licensing.rules.key_format import normalise
from tests.factories.tenants import PASSWORD, member
from tests.licensing.vendors import vendor

NARROW, WIDE = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
SHOTS = os.environ.get("SEATLEDGER_SCREENSHOTS", "")


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


def shoot(page: Page, name: str) -> None:
    """A picture at both widths; and nothing sticks out of a phone's screen."""
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a literal of playwright's own kind
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{name} at {size['width']} px sticks out by {overflow} px"
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{size['width']}.png", full_page=True)


def test_from_type_to_certificate_and_end(operator: Page, site: str) -> None:
    """Every step by its form; the key is shown once and the file is downloaded; the history tells all of it."""
    page = operator
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

    page.goto(f"{site}/admin/licensing/license/add/")
    page.get_by_label("Licence type").select_option(index=1)
    page.locator(".select2-selection").first.click()
    page.locator(".select2-search__field").fill("Fjord")
    page.locator(".select2-results__option", has_text="Fjord Design").click()
    page.get_by_label("Units").fill("25")
    shoot(page, "license-form")
    page.get_by_role("button", name="Issue the licence").click()
    expect(page.get_by_text(re.compile("Licence L-.* is issued"))).to_be_visible()
    address = page.url

    page.get_by_role("link", name="Issue a key").click()
    page.get_by_role("button", name="Issue the key").click()
    shown = page.get_by_label("Licence key", exact=True)
    key = shown.input_value()
    shoot(page, "key")
    page.get_by_role("link", name="I have copied it").click()
    assert key not in page.content()
    expect(page.get_by_text(f"{normalise(key)[:6]}…").first).to_be_visible()

    page.get_by_role("link", name="Sign a certificate").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Sign and download").click()
    assert re.fullmatch(r"L-.*-1\.lic", download.value.suggested_filename)
    assert "BEGIN SEATLEDGER LICENSE" in Path(download.value.path()).read_text()

    page.goto(address)
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
    page.get_by_text("More steps").click()
    page.get_by_role("link", name="Ask to revoke").click()
    page.get_by_label("Reason").fill("Returned")
    page.get_by_role("button", name="Ask to revoke the licence").click()
    page.goto(f"{site}/changes/")
    shoot(page, "changes")
    page.locator("tbody a").first.click()
    expect(page.get_by_text("somebody else has to decide")).to_be_visible()
    shoot(page, "change")
    page.goto(f"{site}/admin/licensing/license/bulk/")
    shoot(page, "bulk")
    page.goto(f"{site}/admin/licensing/license/")
    shoot(page, "licenses")
