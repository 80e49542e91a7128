"""An owner's first day: enrolling, recovery codes, the challenge, being asked once more, sessions and the policy."""

import base64
import os
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from identity.one_time_codes import code_at
from kernel.clock import SystemClock
from tests.factories.tenants import PASSWORD, member, tenant

NARROW, WIDE = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
SHOTS = os.environ.get("SEATLEDGER_SCREENSHOTS", "")


def shoot(page: Page, name: str) -> None:
    """A picture at both widths; and nothing sticks out of a phone's screen."""
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)  # type: ignore[arg-type]  # a literal of playwright's own kind
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{name} at {size['width']} px sticks out by {overflow} px"
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{size['width']}.png", full_page=True)


def give_password(page: Page, site: str, email: str) -> None:
    page.goto(f"{site}/accounts/sign-in/")
    page.get_by_label(re.compile("e-mail", re.IGNORECASE)).fill(email)
    page.locator("input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_the_whole_journey_of_an_owner(page: Page, site: str) -> None:
    """From the password to the enrolment with a picture, over recovery codes shown once, to a second sign-in with one
    of them, the list of sessions, new codes, and the policy of the organisation."""
    house = tenant(name="Fjord Works")
    account, _principal = member(house, "owner")
    give_password(page, site, account.email)
    expect(page.get_by_role("heading", name="Set up your second factor")).to_be_visible()
    picture = page.get_by_alt_text(re.compile("QR code"))
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    shoot(page, "second-factor-set-up")
    page.get_by_text("No camera?").click()
    secret = base64.b32decode(page.locator("details .mono").inner_text().replace(" ", ""))
    page.get_by_label("Code that the app shows").fill(code_at(secret, SystemClock().now()))
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("heading", name="Keep these recovery codes")).to_be_visible()
    codes = page.locator(".recovery-codes li").all_inner_texts()
    assert len(codes) == 10
    shoot(page, "recovery-codes")
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("navigation", name="Main").get_by_text("Sign-in")).to_be_visible()

    page.locator("details[data-menu] > summary").last.click()
    shoot(page, "account-menu")
    page.get_by_role("button", name="Sign out").click()
    give_password(page, site, account.email)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    shoot(page, "second-factor")
    page.get_by_label("Code").fill(codes[0].lower())
    page.get_by_role("button", name="Continue").click()

    page.goto(f"{site}/accounts/second-factor/settings/")
    expect(page.get_by_text("9 codes are unused.")).to_be_visible()
    shoot(page, "second-factor-settings")
    page.goto(f"{site}/accounts/sessions/")
    expect(page.get_by_text("This one")).to_be_visible()
    shoot(page, "sessions")
    page.goto(f"{site}/accounts/profile/")
    shoot(page, "profile")
    page.goto(f"{site}/accounts/password/")
    shoot(page, "password")
    page.goto(f"{site}/accounts/confirm/?next=/accounts/profile/")
    shoot(page, "confirm")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Profile")).to_be_visible()
    page.goto(f"{site}/organization/sign-in/")
    page.get_by_label("Finance").check()
    page.get_by_label("Minutes without use until a session ends").fill("15")
    shoot(page, "sign-in-policy")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The policy holds from now on.")).to_be_visible()
