"""API clients in the browser: made, agreed to and ended, on a desk and on a phone."""

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import Watch
from tests.browser.owners import give_code, owner
from tests.browser.test_pages import try_to_sign_in
from tests.factories.oauth import CALLBACK, challenge
from tests.factories.tenants import Tenant, tenant

NARROW: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def house(site: str) -> Tenant:
    return tenant("buyer", name="Halden Energy")


@pytest.fixture
def desk(page: Page, site: str, house: Tenant) -> Page:
    """A page on which an owner has signed in."""
    account, code = owner(house)
    try_to_sign_in(page, site, account.email)
    give_code(page, code)
    page.wait_for_url(f"{site}/")
    return page


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def made(page: Page, site: str, name: str) -> str:
    """Makes an application by the form and returns its id."""
    page.goto(f"{site}/organization/api-clients/")
    page.get_by_role("link", name="New client").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("In whose name it acts").select_option(label="For accounts that sign in and agree")
    page.get_by_role("checkbox", name=re.compile("^people:read")).check()
    page.get_by_label("Redirect addresses").fill(CALLBACK)
    assert fits(page)
    page.get_by_role("button", name="Make the client").click()
    expect(page.get_by_label("Secret")).to_have_value(re.compile("^[A-Za-z0-9]{128}$"))
    assert fits(page)
    return page.get_by_label("Client ID").input_value()


@pytest.mark.parametrize("size", [None, NARROW], ids=["desk", "phone"])
def test_an_application_is_made_agreed_to_and_ended(
    desk: Page, site: str, watch: Watch, size: ViewportSize | None
) -> None:
    """The secret is shown once; agreeing leads to the application, as the policy of that page allows; ending asks."""
    if size is not None:
        desk.set_viewport_size(size)
    name = "Reports" if size is None else "Reports on a phone"
    client_id = made(desk, site, name)
    desk.route("https://app.example.org/**", lambda route: route.fulfill(body="thanks", content_type="text/plain"))
    watch.expect(f"request outside the site: {CALLBACK}")
    request = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": CALLBACK,
        "scope": "people:read",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
    }
    desk.goto(f"{site}/oauth/authorize/?{urlencode(request)}")
    expect(desk.get_by_role("heading", level=1)).to_have_text(f"{name} asks for access")
    assert fits(desk)
    desk.get_by_role("button", name="Allow").click()
    desk.wait_for_url(re.compile(r"^https://app\.example\.org/callback\?.*code="))
    desk.goto(f"{site}/organization/api-clients/")
    assert fits(desk)
    desk.get_by_role("link", name=f"Revoke – {name}", exact=True).click()
    desk.get_by_role("button", name="Revoke it").click()
    expect(desk.get_by_role("status")).to_contain_text(f"{name} was revoked")
