"""Pages in use: signing in and out, the keyboard, importing with progress, the look that people choose, a phone."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from jobs.models import JobRun
from jobs.operations import carry_out
from kernel.clock import DatabaseClock
from tests.browser.conftest import Watch
from tests.factories.tenants import PASSWORD, Tenant, member, tenant
from tests.journeys.houses import sample

NARROW: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def house(site: str) -> Tenant:
    return tenant("buyer", name="Halden Energy")


@pytest.fixture
def email(house: Tenant) -> str:
    """An IT admin of the house, another one for each test."""
    account, _principal = member(house, "it_admin")
    return str(account.email)


def try_to_sign_in(page: Page, site: str, email: str, password: str = PASSWORD) -> None:
    page.goto(f"{site}/accounts/sign-in/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.fixture
def desk(page: Page, site: str, email: str) -> Page:
    """A page on which the IT admin has signed in."""
    try_to_sign_in(page, site, email)
    page.wait_for_url(f"{site}/")
    return page


def test_signing_in_leads_to_the_page_that_was_asked_for(page: Page, site: str, email: str) -> None:
    """A visitor who asked for a page gets it after the sign-in."""
    page.goto(f"{site}/it/seats/")
    expect(page).to_have_url(re.compile(r"/accounts/sign-in/\?next="))
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    page.wait_for_url(f"{site}/it/seats/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Seats")


def test_a_wrong_password_is_told_and_named_in_the_title(page: Page, site: str, email: str, watch: Watch) -> None:
    """The page says what is wrong without saying which half, and the title begins with it for screen readers."""
    watch.expect("422 (Unprocessable")
    try_to_sign_in(page, site, email, "not the password")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.get_by_label("E-mail")).to_have_value(email)
    expect(page.get_by_label("Password")).to_have_value("")


def test_five_failures_lock_the_account_out(page: Page, site: str, email: str, watch: Watch) -> None:
    """The fifth failure is answered with the time to wait, and then even the right password is."""
    watch.expect("422 (Unprocessable")
    watch.expect("429 (Too Many Requests)")
    for _attempt in range(5):
        try_to_sign_in(page, site, email, "not the password")
    expect(page.get_by_text("15 minutes")).to_be_visible()
    try_to_sign_in(page, site, email)
    expect(page.get_by_text("15 minutes")).to_be_visible()


def test_signing_out_ends_the_session(desk: Page, site: str) -> None:
    """After the sign-out in the account menu the same address asks for the sign-in again."""
    desk.locator("details[data-menu] summary").click()
    desk.get_by_role("button", name="Sign out").click()
    desk.wait_for_url(f"{site}/accounts/sign-in/")
    desk.goto(f"{site}/it/")
    expect(desk).to_have_url(re.compile("/accounts/sign-in/"))


def test_the_keyboard_reaches_the_content_first(desk: Page, site: str) -> None:
    """The first stop is the link that skips the navigation; it leads to the content, and each stop is visible."""
    desk.goto(f"{site}/it/imports/")
    desk.keyboard.press("Tab")
    expect(desk.locator(":focus")).to_have_text("Skip to the content")
    expect(desk.locator(":focus")).to_be_in_viewport()
    desk.keyboard.press("Enter")
    expect(desk.locator("main")).to_be_focused()
    stops = []
    for _stop in range(4):
        desk.keyboard.press("Tab")
        expect(desk.locator(":focus")).to_be_visible()
        stops.append(desk.locator(":focus").evaluate("stop => stop.name || stop.textContent.trim()"))
    assert stops == ["kind", "file", "source", "Examine the file"]


def test_escape_closes_the_menu_and_gives_the_focus_back(desk: Page) -> None:
    """The account menu opens by keyboard, and Escape leads back to where it was opened."""
    summary = desk.locator("details[data-menu] summary")
    summary.focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("button", name="Sign out")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(summary).to_be_focused()


def test_an_import_shows_its_progress_until_it_is_done(desk: Page, site: str, house: Tenant) -> None:
    """Upload, dry run, commit: the page asks for the progress by itself and shows the result without a reload."""
    desk.goto(f"{site}/it/imports/")
    desk.locator("[name=file]").set_input_files(
        {"name": "entitlements-good.csv", "mimeType": "text/csv", "buffer": sample("entitlements-good.csv")}
    )
    expect(desk.locator("[data-file-name]")).to_have_text("entitlements-good.csv")
    desk.get_by_role("button", name="Examine the file").click()
    expect(desk.get_by_role("heading", name="What each row would do")).to_be_visible()
    desk.get_by_role("button", name="Commit 51 rows").click()
    expect(desk.locator("#progress progress")).to_be_visible()
    with desk.expect_response(re.compile("/progress/$")):
        pass
    with house.reading():
        run = JobRun.objects.get(state="queued")
    carry_out(organization_id=UUID(str(house.organization.id)), run_id=run.id, clock=DatabaseClock())
    expect(desk.get_by_role("heading", name="What became of each row")).to_be_visible()
    expect(desk.locator("#progress")).to_have_count(0)


def test_the_chosen_look_stays(desk: Page, site: str) -> None:
    """Dark holds at once, on the next page and in the administration, and can be given back to the system."""
    desk.locator("details[data-menu] summary").click()
    desk.get_by_role("button", name="Dark").click()
    root = desk.locator("html")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    for path in ("/it/", "/admin/"):
        desk.goto(site + path)
        expect(root).to_have_attribute("data-bs-theme", "dark")
    desk.locator("details[data-menu] summary").click()
    desk.get_by_role("button", name="System").click()
    expect(root).to_have_attribute("data-bs-theme", "light")


@pytest.mark.parametrize(
    "path",
    ["/", "/it/", "/it/imports/", "/it/seats/", "/violations/", "/admin/", "/admin/licensing/entitlement/"],
)
def test_a_phone_scrolls_down_and_never_sideways(desk: Page, site: str, path: str) -> None:
    """At 390 pixels the page is as wide as the screen, and the navigation is a button away."""
    desk.set_viewport_size(NARROW)
    desk.goto(site + path)
    assert desk.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    desk.get_by_role("button", name=re.compile("navigation", re.IGNORECASE)).first.click()
    expect(desk.get_by_role("navigation").first).to_be_in_viewport()
