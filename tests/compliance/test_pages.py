"""The pages of violations: list with filters, one violation with reasons, history and owner, and "Scan now"."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from compliance.models import Violation
from compliance.operations import scan
from kernel.clock import DatabaseClock
from tests.compliance.test_scan import kinds, planted
from tests.factories import compliance
from tests.factories.moments import NOW
from tests.factories.tenants import Tenant, member, signed_in, tenant
from tests.reporting.counted import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def one() -> Tenant:
    """110 seats on 100 rights, scanned: one open violation."""
    found = tenant()
    with found.writing() as opened:
        planted(found)
        scan(trail=opened)
    return found


def violation_of(one: Tenant) -> Violation:
    with one.reading():
        return Violation.objects.get()


def url_of(one: Tenant) -> str:
    return reverse("compliance:violation", args=[violation_of(one).id])


def text(browser: Client, url: str, **data: str) -> str:
    answer = browser.get(url, data)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_shows_open_ones(one: Tenant) -> None:
    """Without a filter open violations are listed; resolved ones on request."""
    row = violation_of(one)
    with one.writing():
        resolved = {"resolved_at": NOW, "resolved_by": "x", "resolution": "cured", "state": "resolved"}
        compliance.violation(one.organization, number="V-OLD", **resolved)
    browser = signed_in(one, "it_admin")
    page = text(browser, "/violations/")
    assert row.number in page
    assert "V-OLD" not in page
    assert "V-OLD" in text(browser, "/violations/", state="")
    only = text(browser, "/violations/", state="resolved")
    assert "V-OLD" in only
    assert row.number not in only


@pytest.mark.parametrize(
    ("filters", "there"),
    [
        ({"kind": "over_allocation"}, True),
        ({"kind": "expired_use"}, False),
        ({"severity": "warning"}, True),
        ({"severity": "critical"}, False),
        ({"q": "pool"}, True),
        ({"q": "nothing like it"}, False),
    ],
)
def test_filters_narrow_the_list(one: Tenant, filters: dict[str, str], there: bool) -> None:
    """Kind, severity and a part of the pool's name; what matches nothing says so."""
    page = text(signed_in(one, "it_admin"), "/violations/", **filters)
    assert (violation_of(one).number in page) is there
    assert ("No violation matches these filters" in page) is not there


@pytest.mark.parametrize("bad", [{"state": "half"}, {"kind": "x"}, {"q": "x" * 101}])
def test_filters_that_do_not_exist_are_named(one: Tenant, bad: dict[str, str]) -> None:
    """400 with the mistake beside its field, and no row."""
    answer = signed_in(one, "it_admin").get("/violations/", bad)
    assert answer.status_code == 400
    assert violation_of(one).number not in answer.content.decode()
    assert "errorlist" in answer.content.decode()


def test_long_lists_have_pages(one: Tenant) -> None:
    """25 rows a page; the second one holds the rest, and the number of queries stays the same."""
    browser = signed_in(one, "it_admin")
    before = queries_of(browser, "/violations/")
    with one.writing():
        for _ in range(49):
            compliance.violation(one.organization)
    assert queries_of(browser, "/violations/") == before <= 12
    assert "1–25 of 50" in text(browser, "/violations/")
    assert "26–50 of 50" in text(browser, "/violations/", page="2")


def test_an_organisation_without_violations_is_told_why() -> None:
    """Never scanned and never found anything are two different things."""
    one = tenant()
    browser = signed_in(one, "compliance_officer")
    assert "Nothing was scanned yet" in text(browser, "/violations/")
    browser.post("/violations/scan/")
    assert "No violation was ever found" in text(browser, "/violations/")


def test_a_violation_explains_itself(one: Tenant) -> None:
    """Figures, the lapsed rights behind them, what cures it with links, and its history from the ledger."""
    page = text(signed_in(one, "it_admin"), url_of(one))
    for said in (
        "100 seats are covered by rights in force.",
        "Rights for 20 seats have ended, the last on ",
        "So 100 seats may be held. 110 are held: 10 more than that.",
        reverse("seats:pool", args=[violation_of(one).pool_id]),
        "/it/imports/",
        "Found by a scan",
        "110 held, 100 allowed.",
    ):
        assert said in page, said
    assert queries_of(signed_in(one, "it_admin"), url_of(one)) <= 12


def test_links_need_their_permissions(one: Tenant) -> None:
    """Finance sees the violation, but neither imports nor scans nor names who takes care."""
    page = text(signed_in(one, "finance"), url_of(one))
    for hidden in ("/it/imports/", "Scan now", '<select name="owner"', "/audit/entries/"):
        assert hidden not in page


def test_an_officer_names_the_owner(one: Tenant) -> None:
    """Owner and day are stored and stand in the history under the owner's name; taken away, nobody takes care."""
    colleague, _principal = member(one, "it_admin")
    officer = signed_in(one, "compliance_officer")
    answer = officer.post(url_of(one), {"owner": str(colleague.id), "due_at": "2027-03-01T12:30"}, follow=True)
    row = violation_of(one)
    assert (row.owner_id, str(row.due_at)) == (colleague.id, "2027-03-01 12:30:00+00:00")
    assert "Kim Member takes care." in answer.content.decode()
    officer.post(url_of(one), {"owner": "", "due_at": ""})
    assert violation_of(one).owner_id is None
    assert kinds(one) == ["violation.opened", "violation.assigned", "violation.assigned"]


@pytest.mark.parametrize("bad", [{"owner": "nobody"}, {"owner": "", "due_at": "soon"}])
def test_mistakes_in_the_form_change_nothing(one: Tenant, bad: dict[str, str]) -> None:
    """422 with the mistake beside its field; no entry, no change."""
    answer = signed_in(one, "compliance_officer").post(url_of(one), bad)
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert kinds(one) == ["violation.opened"]


def test_an_account_of_another_organisation_is_no_owner(one: Tenant) -> None:
    """Accounts are global; only those that work here can be chosen."""
    stranger, _principal = member(tenant(), "it_admin")
    assert signed_in(one, "compliance_officer").post(url_of(one), {"owner": str(stranger.id)}).status_code == 422
    assert violation_of(one).owner_id is None


def test_who_may_only_look_cannot_assign(one: Tenant) -> None:
    """The form is not shown to IT, and a POST is refused without a trace in the row."""
    browser = signed_in(one, "it_admin")
    assert browser.post(url_of(one), {"owner": "", "due_at": ""}).status_code == 403
    assert kinds(one) == ["violation.opened"]


def test_other_organisations_and_roles(one: Tenant) -> None:
    """Another organisation gets 404, a member 403, a visitor the sign-in."""
    url = url_of(one)
    assert signed_in(tenant(), "compliance_officer").get(url).status_code == 404
    assert signed_in(tenant(), "compliance_officer").post(url, {"owner": ""}).status_code == 404
    outsider = signed_in(one, "member")
    assert [outsider.get(place).status_code for place in ("/violations/", url)] == [403, 403]
    outsider.logout()
    assert [outsider.get(place).status_code for place in ("/violations/", url)] == [302, 302]
    assert violation_of(one).number not in text(signed_in(tenant(), "it_admin"), "/violations/", state="")


def test_scan_now_says_what_it_found() -> None:
    """The button scans, returns to the page that asked, and says in a message what is new."""
    found = tenant()
    with found.writing():
        planted(found)
    answer = signed_in(found, "it_admin").post("/violations/scan/", {"next": "/it/"}, follow=True)
    assert answer.redirect_chain == [("/it/", 302)]
    assert "1 pool was looked at. New: 1, still open: 0, resolved: 0." in answer.content.decode()
    assert violation_of(found).observed == 110


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_scan_now_returns_to_no_other_site(one: Tenant, target: str) -> None:
    """A forged return address leads to the list of violations."""
    answer = signed_in(one, "it_admin").post("/violations/scan/", {"next": target})
    assert answer["Location"] == "/violations/"


def test_an_odd_return_address_is_no_error(one: Tenant) -> None:
    """What is a place on this site is taken as it was written, also when nothing has that name."""
    answer = signed_in(one, "it_admin").post("/violations/scan/", {"next": "no-such-name"})
    assert (answer.status_code, answer["Location"]) == (302, "no-such-name")


def test_scan_now_needs_permission_and_post(one: Tenant) -> None:
    """Finance may not scan, nobody scans by a link, and a visitor signs in first."""
    assert signed_in(one, "finance").post("/violations/scan/").status_code == 403
    browser = signed_in(one, "it_admin")
    assert browser.get("/violations/scan/").status_code == 405
    browser.logout()
    assert browser.post("/violations/scan/").status_code == 302
    assert kinds(one) == ["violation.opened"]


def test_a_resolved_violation_asks_for_nothing(one: Tenant) -> None:
    """What is resolved shows when and why, and neither cures nor a form."""
    row = violation_of(one)
    now = DatabaseClock().now()
    with one.writing():
        Violation.objects.filter(id=row.id).update(
            state="resolved", resolved_at=now + timedelta(days=1), resolved_by="x", resolution="cured"
        )
    page = text(signed_in(one, "compliance_officer"), url_of(one))
    assert "No longer the case" in page
    assert "What cures it" not in page
    assert '<select name="owner"' not in page
