"""Every page on which an organisation looks after itself, and those around the sign-in: no barrier in either look, one
heading, nothing wider than a phone."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from playwright.sync_api import Page, ViewportSize

from identity.models import Membership
from identity.operations.access_reviews import NewReview, start_review
from identity.operations.api_clients import NewApiClient, create_api_client
from identity.operations.invitations import NewInvitation, invite_member
from identity.operations.provisioning import create_scim_token
from tests.browser.accessibility import barriers
from tests.browser.conftest import Watch
from tests.browser.owners import give_code, owner
from tests.factories import identity
from tests.factories.tenants import PASSWORD, Tenant, member, tenant
from tests.identity.saml.forge import connected

NARROW: ViewportSize = {"width": 390, "height": 844}
WIDE: ViewportSize = {"width": 1280, "height": 900}
LONG = "wilhelmina-constanze.wolfeschlegelsteinhausen@halden-mobility-and-plants.example"
FOR_VISITORS = (
    "/accounts/sign-in/",
    "/accounts/company/",
    "/accounts/invitation/?token=nothing",
    "/accounts/password/reset/nothing/",
    "/no-such-page/",
)
OF_THE_ACCOUNT = (
    "/accounts/profile/",
    "/accounts/password/",
    "/accounts/sessions/",
    "/accounts/second-factor/settings/",
    "/accounts/organizations/",
    "/accounts/confirm/",
)
OF_THE_ORGANIZATION = (
    "members/",
    "members/invite/",
    "roles/",
    "roles/matrix/",
    "access-reviews/",
    "access-reviews/start/",
    "access-reviews/mine/",
    "people/",
    "people/new/",
    "groups/",
    "reads/",
    "sign-in/",
    "provisioning/",
    "api-clients/",
    "api-clients/new/",
    "single-sign-on/",
    "single-sign-on/new/",
)


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


def wrong_with(page: Page) -> list[str]:
    """What axe-core finds in the light and, of colours, in the dark; headings; and what a phone cannot show."""
    page.emulate_media(reduced_motion="reduce")  # or colours would be judged half-way between the two looks
    found = barriers(page)
    if page.locator("h1").count() != 1:
        found.append(f"{page.locator('h1').count()} headings of the first level")
    page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
    found += [f"dark: {one}" for one in barriers(page, "color-contrast")]
    page.set_viewport_size(NARROW)
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > NARROW["width"]:
        found.append(f"{width} pixels wide")
    page.set_viewport_size(WIDE)
    return found


def judged(page: Page, site: str, paths: Sequence[str]) -> dict[str, list[str]]:
    found = {}
    for path in paths:
        page.goto(site + path)
        assert page.url.startswith(site + path.partition("?")[0]), page.url
        found[path] = wrong_with(page)
    return {path: lines for path, lines in found.items() if lines}


def test_pages_for_visitors_keep_nobody_out(page: Page, site: str, watch: Watch) -> None:
    """Sign-in, the way by the company, links that are over, and an address where nothing is."""
    watch.expect("404 (Not Found)")
    assert judged(page, site, FOR_VISITORS) == {}


def test_pages_of_a_fresh_organization_keep_nobody_out(desk: Page, site: str) -> None:
    """With empty lists, and the pages on one's own account."""
    assert judged(desk, site, [*OF_THE_ACCOUNT, *(f"/organization/{path}" for path in OF_THE_ORGANIZATION)]) == {}


def test_pages_with_rows_keep_nobody_out(desk: Page, site: str, house: Tenant) -> None:
    """Lists with rows and long words, and the page of each kind of record; questions before what cannot be undone."""
    details, questions = rows_of(house)
    wrong = judged(desk, site, details)
    for path, button in questions:
        desk.goto(site + path)
        desk.get_by_role("button", name=button).first.click()
        wrong |= {f"{path} {button}": found for found in [wrong_with(desk)] if found}
    assert wrong == {}


def rows_of(house: Tenant) -> tuple[list[str], list[tuple[str, str]]]:
    """One record of each kind; the addresses of their pages, and the pages with a question."""
    colleague, _principal = member(house, "it_admin", "auditor", email=LONG)
    row = connected(house)
    with house.writing() as opened:
        person = identity.person(house.organization, user_name=LONG, display_name="Wilhelmina Wolfeschlegelsteinhausen")
        group = identity.group(house.organization, display_name="Everybody who draws")
        identity.group_member(group, person)
        invite_member(
            invitation=NewInvitation(email=f"new-{LONG}", roles=("member",), address="http://127.0.0.1/"), trail=opened
        )
        membership = Membership.objects.get(account=colleague)
        asked = NewReview(
            name="Access review of this quarter",
            due_at=opened.clock.now() + timedelta(days=9),
            rule="role",
            reviewer_role="owner",
            reviewers=[membership.id],
        )
        review = start_review(review=asked, trail=opened)
        token = create_scim_token(name="Entra ID", trail=opened).row
        wanted = NewApiClient(name="Reports", scopes=("people:read",), roles=("it_admin",))
        client = create_api_client(client=wanted, trail=opened).row
    pages = (
        "members/",
        f"members/{membership.id}/",
        f"members/{membership.id}/end/",
        f"members/{membership.id}/person/",
        f"access-reviews/{review.id}/",
        "access-reviews/mine/",
        "people/",
        f"people/{person.id}/",
        f"people/{person.id}/merge/",
        f"people/{person.id}/hold/",
        "groups/",
        f"groups/{group.id}/",
        "provisioning/",
        f"provisioning/tokens/{token.id}/rotate/",
        f"provisioning/tokens/{token.id}/revoke/",
        "api-clients/",
        f"api-clients/{client.id}/revoke/",
        "single-sign-on/",
        f"single-sign-on/{row.id}/",
    )
    questions = (
        (f"people/{person.id}/", "Has left"),
        (f"access-reviews/{review.id}/", "Close the review"),
        (f"single-sign-on/{row.id}/", "Switch off"),
    )
    return [f"/organization/{path}" for path in pages], [(f"/organization/{path}", name) for path, name in questions]
