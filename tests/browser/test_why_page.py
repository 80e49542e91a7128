"""The page “Why is this invalid?”: from the licence to a question, its findings and back, on a phone and on a desk."""

import re

from playwright.sync_api import Page, expect

from tests.browser.accessibility import barriers
from tests.browser.shots import shoot
from tests.factories.tenants import PASSWORD, member
from tests.licensing.vendors import vendor


def test_a_question_and_its_findings(page: Page, site: str) -> None:
    """Asked from the licence's page; what was typed stays in the form, and the answer stands above it."""
    lumen = vendor()
    license = lumen.license()
    account, _principal = member(lumen.house, "support")
    page.goto(f"{site}/accounts/sign-in/")
    page.get_by_label(re.compile("e-mail", re.IGNORECASE)).fill(account.email)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("form button[type=submit], form .btn-primary").first.click()
    page.goto(f"{site}/admin/licensing/license/{license.id}/change/")
    page.get_by_role("link", name="Why is this invalid?").click()
    shoot(page, "why-question")
    page.get_by_label("On the day").fill("2035-01-01")
    page.get_by_label("Country").fill("DE")
    page.get_by_label("Features").fill("render-3d export")
    page.get_by_label("If it had seats for so many users").fill("0")
    page.get_by_label("User", exact=False).first.fill("kim")
    page.get_by_role("button", name="Ask").click()
    for code in ("EXPIRED", "FEATURE_MISSING", "TOO_MANY_USERS"):
        expect(page.get_by_role("cell", name=code).first).to_be_visible()
    expect(page.get_by_label("On the day")).to_have_value("2035-01-01")
    assert barriers(page) == []
    shoot(page, "why-answer")
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_role("heading", name=license.number)).to_be_visible()
