"""The two set-ups of an administrator without a mouse: a provisioning token, and a connection of single sign-on."""

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.owners import give_code, owner
from tests.factories.tenants import PASSWORD, Tenant, tenant
from tests.identity.saml.pages import metadata

FARTHEST = 90
"""Stops between two things on one page; more would be a trap."""


@pytest.fixture(scope="module")
def house(site: str) -> Tenant:
    return tenant("buyer", name="Halden Energy")


@pytest.fixture
def desk(page: Page, site: str, house: Tenant) -> Page:
    """A page on which an owner has signed in."""
    account, code = owner(house)
    page.goto(f"{site}/accounts/sign-in/")
    page.get_by_label("E-mail").fill(account.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    give_code(page, code)
    page.wait_for_url(f"{site}/")
    return page


def reach(page: Page, wanted: Locator) -> None:
    """Tab after Tab until the element has the focus, which can be seen on each stop."""
    for _stop in range(FARTHEST):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            break
    expect(wanted).to_be_focused()
    expect(wanted).to_be_in_viewport()
    drawn = wanted.evaluate(
        "element => getComputedStyle(element.closest('.file-drop') ?? element).outlineStyle + ' ' +"
        " getComputedStyle(element.closest('.file-drop') ?? element).outlineWidth"
    )
    assert drawn == "solid 2px", drawn


def press(page: Page, wanted: Locator) -> None:
    reach(page, wanted)
    page.keyboard.press("Enter")


def test_a_token_is_made_copied_and_replaced_by_keyboard(desk: Page, site: str) -> None:
    """The name, Enter, and the token has the focus: it is selected by one key, copied, and the page left."""
    press(desk, desk.get_by_role("navigation", name="Main").get_by_role("link", name="Provisioning"))
    reach(desk, desk.get_by_label("Name"))
    desk.keyboard.type("Entra ID")
    desk.keyboard.press("Enter")
    expect(desk.get_by_label("Token", exact=True)).to_be_focused()
    press(desk, desk.get_by_role("button", name="Copy – Token"))
    expect(desk.get_by_role("button", name="– Token")).to_contain_text("Copied")
    press(desk, desk.get_by_text("Okta", exact=True))
    expect(desk.get_by_text("Connector base URL")).to_be_visible()
    press(desk, desk.get_by_role("link", name="I have copied it"))
    press(desk, desk.get_by_role("link", name="Replace Entra ID"))
    press(desk, desk.get_by_role("button", name="Replace the token"))
    expect(desk.get_by_text("This token is shown once.")).to_be_visible()


def test_a_connection_is_made_by_keyboard_and_escape_closes_the_question(desk: Page, site: str) -> None:
    """Draft, file, groups, on; switching off asks in a dialog that Escape closes, and the focus is where it was."""
    press(desk, desk.get_by_role("navigation", name="Main").get_by_role("link", name="Single sign-on"))
    press(desk, desk.get_by_role("link", name="Make the first connection"))
    reach(desk, desk.get_by_label("Name"))
    desk.keyboard.type("Halden account")
    desk.keyboard.press("Enter")
    desk.wait_for_url(lambda address: "/new/" not in address)
    file = desk.get_by_label("Metadata file of your identity provider")
    reach(desk, file)
    with desk.expect_file_chooser() as chooser:
        desk.keyboard.press("Space")
    content: FilePayload = {"name": "idp.xml", "mimeType": "application/xml", "buffer": metadata().encode()}
    chooser.value.set_files(content)
    press(desk, desk.get_by_role("button", name="Upload"))
    expect(desk.get_by_text("The connection is saved.")).to_be_visible()
    reach(desk, desk.get_by_label("Group 1", exact=True))
    desk.keyboard.type("IT")
    desk.keyboard.press("Tab")
    desk.keyboard.type("IT")
    press(desk, desk.locator("section[aria-labelledby=groups]").get_by_role("button", name="Save"))
    expect(desk.get_by_label("Role of group 1")).to_have_value("it_admin")
    press(desk, desk.get_by_role("button", name="Switch on"))
    off = desk.get_by_role("button", name="Switch off", exact=True)
    press(desk, off)
    expect(desk.get_by_role("dialog", name="Switch Halden account off?")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("dialog")).to_have_count(0)
    expect(off).to_be_focused()
    press(desk, off)
    reach(desk, desk.get_by_role("button", name="Yes, switch it off"))
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("Nobody can sign in by this connection any more.")).to_be_visible()
