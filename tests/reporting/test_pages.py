"""The dashboards: each works for its roles, sends visitors to the sign-in, refuses other roles, shows nothing of other
organisations, bears bad input, and asks the database as often for fifty pools as for one."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client

from compliance.schedules import SCAN
from identity.rules import roles
from jobs.models import Schedule
from jobs.operations import change_schedule
from kernel.clock import DatabaseClock
from reporting.navigation import PLACES
from reporting.views.home import WHAT_FOR
from tests.factories import compliance, identity, licensing
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.reporting.books import shelf
from tests.reporting.counted import queries_of

pytestmark = pytest.mark.django_db

PAGES = {
    "/": "member",
    "/it/": "it_admin",
    "/finance/": "finance",
    "/procurement/": "procurement",
    "/audit/": "auditor",
}
REFUSED = {"/it/": "finance", "/finance/": "it_admin", "/procurement/": "viewer", "/audit/": "procurement"}
MOST_QUERIES = 12


def text(browser: Client, url: str, **data: str) -> str:
    answer = browser.get(url, data)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


@pytest.fixture
def one() -> Tenant:
    """An organisation with one product on every dashboard."""
    found = tenant()
    with found.writing():
        shelf(found, "LumenDraw")
    return found


@pytest.mark.parametrize(("url", "role"), PAGES.items())
def test_an_empty_organisation_is_told_what_to_do(url: str, role: str) -> None:
    """A page without rows is no blank page and no error."""
    page = text(signed_in(tenant(), role), url)
    assert "empty-state" in page or url == "/audit/" or (url == "/" and "Where to go" in page)


@pytest.mark.parametrize("url", PAGES)
def test_visitors_go_to_the_sign_in(client: Client, url: str) -> None:
    """Whoever is not signed in is sent to the sign-in and comes back to the page afterwards."""
    answer = client.get(url)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/sign-in/?next={quote(url)}")


@pytest.mark.parametrize(("url", "role"), REFUSED.items())
def test_other_roles_are_refused(one: Tenant, url: str, role: str) -> None:
    """A role without the permission gets the 403 page, and the navigation does not lead there."""
    browser = signed_in(one, role)
    assert browser.get(url).status_code == 403
    assert f'class="nav-item" href="{url}"' not in text(browser, "/")


@pytest.mark.parametrize("url", ["/it/", "/finance/", "/procurement/"])
def test_other_organisations_are_absent(one: Tenant, url: str) -> None:
    """What another organisation owns appears in no row and in no sum."""
    other = tenant()
    with other.writing():
        shelf(other, "CanaryApp")
    page = text(signed_in(one, "owner"), url)
    assert "LumenDraw" in page
    assert "CanaryApp" not in page
    assert "CanaryApp" in text(signed_in(other, "owner"), url)


@pytest.mark.parametrize(
    ("url", "data"),
    [
        ("/it/", {"page": "nine", "sort": "-nobody"}),
        ("/it/", {"page": "999"}),
    ],
)
def test_odd_addresses_show_the_page(one: Tenant, url: str, data: dict[str, str]) -> None:
    """Unknown columns, pages and periods in the address are passed over."""
    assert "LumenDraw" in text(signed_in(one, "owner"), url, **data)


@pytest.mark.parametrize("url", PAGES)
def test_only_reading(one: Tenant, url: str) -> None:
    """A dashboard takes no POST."""
    assert signed_in(one, "owner", "auditor").post(url).status_code == 405


@pytest.mark.parametrize("url", PAGES)
def test_fifty_pools_ask_no_more_than_one(one: Tenant, url: str) -> None:
    """The number of queries is at most twelve and does not grow with the rows."""
    browser = signed_in(one, "owner")
    first = queries_of(browser, url)
    with one.writing():
        for number in range(49):
            shelf(one, f"App {number}")
    assert queries_of(browser, url) == first <= MOST_QUERIES


def test_it_shows_use_findings_and_ends(one: Tenant) -> None:
    """110 seats on 100 rights: in use, over, the violation, the right that ends in 60 days, the observed guest."""
    page = text(signed_in(one, "it_admin"), "/it/")
    assert "110 of 100" in page
    assert "110 held, 100 allowed" in page
    assert 'href="/it/seats/?q=LumenDraw"' in page
    assert "1 person or device" in page
    assert "Scan now" in page


def test_a_viewer_sees_use_and_nothing_else(one: Tenant) -> None:
    """Shared dashboards show pools; violations, contracts and imports need permissions of their own."""
    page = text(signed_in(one, "viewer"), "/it/")
    assert "110 of 100" in page
    for hidden in ("Open violations", "Ends within 90 days", "Used without a right", "Scan now", "/it/imports/"):
        assert hidden not in page


def test_finance_shows_the_figures_and_how_they_are_made(one: Tenant) -> None:
    """100 × 10.00 × 12 = 12,000 a year; 10 seats without a right × 120 = 1,200; the formulas stand on the page."""
    page = text(signed_in(one, "finance"), "/finance/")
    assert "€12,000.00" in page
    assert "€1,200.00" in page
    assert "quantity × unit price × billing periods" in page


def test_finance_needs_the_permission_for_money(one: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """A role with the dashboard but without money is refused there, and its procurement page names no amount."""
    poor = roles.Role(
        "poor",
        "Sees no money.",
        frozenset({"identity.organization.view", "reporting.dashboard.finance", "reporting.dashboard.procurement"}),
    )
    monkeypatch.setitem(roles.ROLES, "poor", poor)
    browser = signed_in(one, "poor")
    assert browser.get("/finance/").status_code == 403
    assert "€" not in text(browser, "/procurement/")
    assert "€" not in text(browser, "/")
    assert "€12,000.00" in text(signed_in(one, "procurement"), "/procurement/")


def test_procurement_filters_by_days_left(one: Tenant) -> None:
    """The agreement's notice is due in about 110 days, the right's has passed: each stands in its own period."""
    browser = signed_in(one, "procurement")
    assert "LumenDraw Enterprise" in text(browser, "/procurement/", within="120")
    overdue = text(browser, "/procurement/", within="overdue")
    assert "LumenDraw Enterprise" not in overdue
    assert "1–1 of 1" in overdue
    assert "Nothing in this period" in text(browser, "/procurement/", within="30")


def test_procurement_flags_what_needs_a_look() -> None:
    """An agreement without licensor and document says so; one that renews by itself after its notice is called late."""
    found, now = tenant(), DatabaseClock().now()
    with found.writing():
        ends = now + timedelta(days=9)
        licensing.agreement(found.organization, starts_at=now, ends_at=ends, auto_renew=True, notice_days=30)
    page = text(signed_in(found, "procurement"), "/procurement/")
    for flag in ("Renews by itself: too late to cancel", "No licensor named", "No document"):
        assert flag in page


def test_home_lists_the_steps_until_all_are_done() -> None:
    """An owner of a new organisation sees five steps, of which the nightly scan is done; a finished one sees none."""
    found = tenant()
    browser = signed_in(found, "owner", "it_admin")
    page = text(browser, "/")
    assert "Five steps to a running ledger" in page
    assert "1 of 5 done" in page
    with found.writing():
        shelf(found, "LumenDraw")
        compliance.scan_run(found.organization)
        identity.membership(found.organization, identity.account())
        nightly = Schedule.objects.get(kind=SCAN)
    with found.writing() as opened:
        change_schedule(schedule_id=nightly.id, enabled=False, trail=opened)
    assert "4 of 5 done" in text(browser, "/")
    with found.writing() as opened:
        change_schedule(schedule_id=nightly.id, enabled=True, trail=opened)
    assert "Five steps" not in text(browser, "/")


def test_members_without_a_task_see_no_steps(one: Tenant) -> None:
    """Who can take none of the steps is not shown them; the one place for everybody is where reviews are answered."""
    page = text(signed_in(one, "member"), "/")
    assert "Five steps" not in page
    assert "/organization/access-reviews/mine/" in page
    assert "LumenDraw" not in page


def test_home_puts_the_own_violations_first(one: Tenant) -> None:
    """What I am to take care of is marked as mine."""
    browser = signed_in(one, "compliance_officer")
    assert "yours" not in text(browser, "/")
    with one.writing():
        account = identity.account()
        identity.membership(one.organization, account, roles=["compliance_officer"])
        found = shelf(one, "Second")
        found.violation.owner = account
        found.violation.save(update_fields=["owner"])
    mine = Client(HTTP_HOST="127.0.0.1")
    mine.force_login(account, backend="identity.backends.PasswordBackend")
    session = mine.session
    session["organization_id"] = str(one.organization.id)
    session.save()
    page = text(mine, "/")
    assert page.index("Second seats") < page.index("LumenDraw seats")
    assert "yours" in page


@pytest.mark.parametrize(
    ("role", "there", "absent"),
    [
        ("finance", {"/finance/", "/procurement/", "/violations/", "/admin/"}, {"/it/", "/audit/", "/it/imports/"}),
        ("it_admin", {"/it/", "/it/imports/", "/violations/"}, {"/finance/", "/audit/"}),
        ("member", {"/"}, {"/it/", "/finance/", "/procurement/", "/audit/", "/violations/", "/admin/"}),
    ],
)
def test_navigation_offers_what_the_role_may_open(one: Tenant, role: str, there: set[str], absent: set[str]) -> None:
    """Every place in the navigation answers 200 for this role; places of other roles are not offered."""
    browser = signed_in(one, role)
    page = text(browser, "/")
    for url in there:
        assert f'class="nav-item" href="{url}"' in page, url
        assert browser.get(url).status_code == 200
    for url in absent:
        assert f'class="nav-item" href="{url}"' not in page, url


def test_every_place_says_what_it_is_for() -> None:
    """The home page has a sentence for each place of the navigation, and none for places that are gone."""
    routes = {place[1] for _label, inside in PLACES for place in inside}
    assert set(WHAT_FOR) == routes - {"reporting:home"}


def test_navigation_marks_one_place(one: Tenant) -> None:
    """On the imports below /it/ the imports are marked, not the IT overview as well."""
    page = text(signed_in(one, "it_admin"), "/it/imports/")
    assert page.count('aria-current="page"') == 1
    assert 'href="/it/imports/" aria-current="page"' in page
