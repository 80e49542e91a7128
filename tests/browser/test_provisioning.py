"""Connecting a directory service in a real browser: a token, what to enter, its first requests, its replacement."""

import httpx
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.accessibility import AXE, barriers
from tests.factories.tenants import PASSWORD, Tenant, member, tenant
from tests.identity.scim.service import USER
from tests.plugins.databases import CommittedDatabase

EMAIL = "it.admin@halden.example"
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def halden(committed_db: CommittedDatabase) -> Tenant:
    one = tenant(name="Halden Energy")
    member(one, "it_admin", email=EMAIL)
    return one


def sign_in(page: Page, site: str) -> None:
    page.goto(f"{site}/accounts/sign-in/")
    page.fill("[name=username]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/")


def test_an_administrator_connects_a_directory_service_without_docs(page, watch, site, halden):
    """From the navigation to a token that works: everything to enter stands on the page, the first requests and a
    refusal appear in the log, the token is replaced and revoked; on a phone nothing runs out of the screen."""
    sign_in(page, site)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Provisioning").click()
    page.get_by_label("Name").fill("Entra ID")
    page.get_by_role("button", name="Create the token").click()
    expect(page.get_by_text("This token is shown once.")).to_be_visible()
    token = page.get_by_label("Token", exact=True).input_value()
    assert page.get_by_label("Base URL").input_value().endswith("/scim/v2")
    assert AXE.is_file() is False or barriers(page) == []

    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}
    with httpx.Client(base_url=f"{site}/scim/v2/", headers=headers) as directory:
        body = {"schemas": [USER], "userName": "ann@halden.example", "displayName": "Ann Lindqvist"}
        assert [directory.post("Users", json=body).status_code for _ in range(2)] == [201, 409]

    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_text("uniqueness: Somebody with this user name")).to_be_visible()
    page.get_by_label("Outcome").select_option("Done")
    page.get_by_role("button", name="Apply filters").click()
    expect(page.get_by_text("displayName, userName")).to_be_visible()
    expect(page.get_by_text("uniqueness:")).to_have_count(0)
    assert AXE.is_file() is False or barriers(page) == []

    page.get_by_role("link", name="Replace Entra ID").click()
    page.get_by_role("button", name="Replace the token").click()
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_text("Replaced, still works")).to_be_visible()
    page.get_by_role("link", name="Revoke Entra ID").last.click()
    page.get_by_role("button", name="Revoke the token").click()
    expect(page.get_by_text("The token Entra ID works no more.")).to_be_visible()

    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
