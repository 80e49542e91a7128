"""Owners always give a second factor: a member that has one, and the page that asks for it."""

from playwright.sync_api import Page

from identity.models import Account
from tests.factories.second_factors import enrolled
from tests.factories.tenants import Tenant, member


def owner(house: Tenant, email: str = "") -> tuple[Account, str]:
    """An owner who is enrolled, and a recovery code that is not used yet."""
    account, _principal = member(house, "owner", email=email)
    with house.writing() as opened:
        return account, enrolled(account, opened).recovery[0]


def give_code(page: Page, code: str) -> None:
    """Answers the page that comes after the password."""
    page.wait_for_url("**/accounts/second-factor/**")
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Continue").click()
