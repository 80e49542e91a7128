"""An owner sets single sign-on up in a real browser by what the pages say alone, and somebody comes in by it."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.test import override_settings
from playwright.sync_api import Page, expect

from identity.models import ProvedDomain
from identity.views import email_domains
from tests.browser.accessibility import barriers
from tests.browser.owners import give_code, owner
from tests.factories.tenants import PASSWORD, Tenant, tenant
from tests.identity.saml.provider import started_provider
from tests.plugins.databases import CommittedDatabase

OWNER = "owner@halden.example"
CODES: list[str] = []
"""The recovery code of the owner."""


@pytest.fixture(scope="module")
def halden(committed_db: CommittedDatabase, site: str) -> Iterator[Tenant]:
    """An organisation with an owner and no connection yet."""
    one = tenant(name="Halden Energy", slug="halden")
    CODES.append(owner(one, email=OWNER)[1])
    with override_settings(BASE_URL=site):
        yield one


def without_barrier(page: Page) -> None:
    assert barriers(page) == []


def test_a_connection_is_set_up_tried_and_used(page, watch, site, halden, tmp_path, monkeypatch):
    """Domain, draft, metadata both ways, test, switched on; then Kim signs in by the company and out at both sides.
    Each page is accessible, and none breaks the content security policy."""
    page.goto(f"{site}/accounts/sign-in/")
    page.fill("[name=username]", OWNER)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    give_code(page, CODES.pop())
    page.wait_for_url(f"{site}/")
    page.get_by_role("link", name="Single sign-on").first.click()
    without_barrier(page)
    _prove_domain(page, halden, monkeypatch)
    page.get_by_role("link", name="New connection").click()
    without_barrier(page)
    page.locator("[name=name]").fill("Halden account")
    page.get_by_role("button", name="Make a draft").click()
    with ExitStack() as ended:
        provider = _introduced(page, tmp_path, ended)
        watch.expect(provider)
        without_barrier(page)
        page.get_by_role("link", name="Test", exact=True).click()
        page.wait_for_url("**/tests/*/")
        expect(page.get_by_role("heading", name="The test succeeded")).to_be_visible()
        expect(page.get_by_text("kim@a.example.org").first).to_be_visible()
        without_barrier(page)
        page.get_by_role("link", name="Halden account", exact=True).click()
        page.get_by_label("Add people who are not in the directory yet").check()
        page.locator("section[aria-labelledby=treatment]").get_by_role("button", name="Save").click()
        page.get_by_role("button", name="Switch on").click()
        expect(page.get_by_role("button", name="Switch off")).to_be_visible()
        page.context.clear_cookies()
        _come_and_leave(page, site)


def _prove_domain(page: Page, one: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    page.locator("[name=domain]").fill("a.example.org")
    page.get_by_role("button", name="Add the domain").click()
    with one.reading():
        token = ProvedDomain.objects.get().token
    expect(page.get_by_label("Its text")).to_have_value(token)
    monkeypatch.setattr(email_domains, "RESOLVE", lambda name: [token])
    page.get_by_role("button", name="Check a.example.org now").click()
    expect(page.get_by_text("The domain is proved.")).to_be_visible()


def _introduced(page: Page, folder: Path, ended: ExitStack) -> str:
    """Our metadata to the provider's process, and its metadata to our page, both as files."""
    with page.expect_download() as download:
        page.get_by_role("link", name="Our metadata").click()
    download.value.save_as(folder / "sp.xml")
    provider = started_provider(folder, ended)
    theirs = page.request.get(f"{provider}/metadata").body()
    (folder / "idp.xml").write_bytes(theirs)
    page.locator("[name=metadata]").set_input_files(folder / "idp.xml")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text(f"{provider}/sso").first).to_be_visible()
    return provider


def _come_and_leave(page: Page, site: str) -> None:
    page.goto(f"{site}/accounts/sign-in/")
    page.get_by_role("link", name="Sign in with your company").click()
    without_barrier(page)
    page.locator("[name=company]").fill("kim@a.example.org")
    page.get_by_role("button", name="Find my company").click()
    without_barrier(page)
    page.get_by_role("link", name="Go on to Halden account").click()
    page.wait_for_url(f"{site}/")
    page.locator("details[data-menu] summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/slo/?SAMLResponse=*")
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    without_barrier(page)
