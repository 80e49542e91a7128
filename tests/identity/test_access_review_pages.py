"""Pages and REST of access reviews: works, visitor, wrong role, other organisation, bad input, constant cost."""

from datetime import timedelta
from uuid import UUID

import orjson
import pytest
from django.test import Client

from audit.models import AccessEvent
from audit.operations import trail
from identity.models import AccessReview, AccessReviewItem, Account, Membership
from identity.rules.second_factor import ALWAYS
from kernel.clock import DatabaseClock
from tests.factories import identity
from tests.factories.second_factors import enrolled
from tests.factories.tenants import PASSWORD, signed_in, tenant
from tests.identity.reviews import Reviewed, reviewed
from tests.reporting.counted import queries_of

pytestmark = pytest.mark.django_db
PAGES = "/organization/access-reviews/"
MINE = f"{PAGES}mine/"
NOBODY = "01900000-0000-7000-8000-000000000000"


RECOVERY: dict[UUID, list[str]] = {}
"""Account → recovery codes that are left."""


def as_member(principal) -> Client:
    browser = Client(HTTP_HOST="127.0.0.1")
    account = Account.objects.get(pseudonym=principal.pseudonym)
    form = {"username": account.email, "password": PASSWORD}
    if not ALWAYS & principal.roles:
        assert browser.post("/accounts/sign-in/", form).status_code == 302
        return browser
    if account.id not in RECOVERY:
        with trail(organization_id=principal.organization_id, actor=principal) as opened:
            RECOVERY[account.id] = enrolled(account, opened).recovery
    browser.post("/accounts/sign-in/", form)
    assert browser.post("/accounts/second-factor/", {"code": RECOVERY[account.id].pop()}).status_code == 302
    return browser


def text(browser: Client, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def page_of(one: Reviewed) -> str:
    return f"{PAGES}{one.review.id}/"


def item_of(one: Reviewed, about) -> AccessReviewItem:
    with one.house.reading():
        return one.item(about)


def reviewer(one: Reviewed, about) -> Client:
    with one.house.reading():
        asked = one.reviewer(about)
    return as_member(asked)


def send(browser: Client, path: str, **body):
    return browser.post(f"/api/v1/{path}", orjson.dumps(body), content_type="application/json")


def test_a_review_is_started_on_the_page():
    """The form asks what, who and when; the list shows the coverage."""
    one = tenant()
    browser = signed_in(one, "owner")
    signed_in(one, "compliance_officer")
    assert "No access was reviewed yet" in text(browser, PAGES)
    due = (DatabaseClock().now() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    given = {"name": "Q1", "rule": "role", "reviewer_role": "compliance_officer", "due_at": due, "roles": ["owner"]}
    answer = browser.post(f"{PAGES}start/", given)
    assert answer.status_code == 302
    assert "Q1" in text(browser, PAGES)
    page = text(browser, answer["Location"])
    assert "0%" in page
    assert "Owner" in page


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"name": ""}, 422, "required"),
        ({"rule": "role", "reviewer_role": ""}, 422, "Choose the role whose holders are asked."),
        ({"rule": "named", "reviewers": []}, 422, "Choose at least one colleague."),
        ({"due_at": "2020-01-01T00:00"}, 400, "The due date lies in the past."),
        ({"reviewer_role": "legal"}, 409, "Nobody may be asked about"),
        ({"roles": ["support"]}, 409, "Nobody holds a role of this scope."),
    ],
)
def test_a_review_with_mistakes_comes_back(given, status, said):
    """The mistake stands in the form and nothing is asked."""
    one = tenant()
    due = (DatabaseClock().now() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    browser = signed_in(one, "owner")
    answer = browser.post(
        f"{PAGES}start/", {"name": "Q1", "rule": "role", "reviewer_role": "owner", "due_at": due, **given}
    )
    assert answer.status_code == status
    assert said in answer.content.decode()
    with one.reading():
        assert not AccessReview.objects.exists()


def test_who_is_asked_answers_in_bulk_on_the_own_page():
    """The page lists the own questions alone; one answer for what is ticked takes effect."""
    one = reviewed()
    browser = reviewer(one, one.lee)
    row = item_of(one, one.lee)
    assert str(row.id) in text(browser, MINE)
    answer = browser.post(MINE, {"item": [str(row.id)], "decision": "revoke", "reason": "Moved on"})
    assert answer.status_code == 302
    assert str(row.id) not in text(browser, MINE)
    with one.house.reading():
        assert one.membership(one.lee).ended_at is not None
    assert "Nothing waits for you" in text(as_member(one.kim), MINE)


@pytest.mark.parametrize(
    ("given", "status", "said"),
    [
        ({"item": []}, 422, "Tick the memberships"),
        ({"item": ["no id"]}, 422, "Tick the memberships"),
        ({"reason": ""}, 422, "required"),
        ({"decision": "change", "take_away": ["legal"]}, 400, "Choose roles that"),
    ],
)
def test_answers_with_mistakes_come_back(given, status, said):
    """Nothing is decided, and what was wrong is said."""
    one = reviewed()
    row = item_of(one, one.lee)
    answer = reviewer(one, one.lee).post(MINE, {"item": [str(row.id)], "decision": "keep", "reason": "Needed", **given})
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert item_of(one, one.lee).decided_at is None


def test_questions_of_others_are_not_answered():
    """403 for a colleague who was not asked; 404 for a question that does not exist here."""
    one, other = reviewed(), reviewed()
    row = item_of(one, one.lee)
    given = {"decision": "revoke", "reason": "x"}
    assert as_member(one.kim).post(MINE, {"item": [str(row.id)], **given}).status_code == 403
    assert as_member(other.owner).post(MINE, {"item": [str(row.id)], **given}).status_code == 404
    with one.house.reading():
        assert one.membership(one.lee).ended_at is None


def test_a_manager_of_reviews_reassigns_closes_and_exports():
    """The export is a CSV without formulas, and noted as a read of personal data."""
    one = reviewed()
    Account.objects.filter(pseudonym=one.lee.pseudonym).update(display_name="=cmd()")
    browser = as_member(one.owner)
    row = item_of(one, one.kim)
    with one.house.reading():
        second = one.membership(one.second)
    foreign = item_of(other := reviewed(), other.kim)
    ticked = {"item": [str(row.id), str(foreign.id)], "reviewer": str(second.id)}
    assert browser.post(f"{page_of(one)}reassign/", ticked).status_code == 404
    assert item_of(one, one.kim).reviewer_id == row.reviewer_id
    answer = browser.post(f"{page_of(one)}reassign/", {**ticked, "item": [str(row.id)]})
    assert answer.status_code == 302
    assert item_of(one, one.kim).reviewer_id == second.id
    exported = browser.get(f"{page_of(one)}export/")
    assert exported["Content-Type"].startswith("text/csv")
    assert "'=cmd()" in exported.content.decode()
    with one.house.reading():
        [event] = AccessEvent.objects.filter(purpose="export")
        assert (event.count, event.actor) == (4, str(one.owner.pseudonym))
    assert browser.post(f"{page_of(one)}close/").status_code == 302
    assert "Closed" in text(browser, page_of(one))


def test_who_may_look_at_reviews():
    """Visitors sign in; viewers are refused; auditors read and change nothing; other organisations see nothing."""
    one = reviewed()
    browser = signed_in(tenant(), "owner")
    for url in (PAGES, page_of(one), f"{page_of(one)}export/", f"{PAGES}start/", MINE):
        assert Client(HTTP_HOST="127.0.0.1").get(url)["Location"].startswith("/accounts/sign-in/")
        assert as_member(one.lee).get(url).status_code == 403
    auditor = signed_in(one.house, "auditor")
    assert auditor.get(page_of(one)).status_code == 200
    assert auditor.get(f"{PAGES}start/").status_code == 403
    assert auditor.post(f"{page_of(one)}close/").status_code == 403
    for path in ("", "export/"):
        assert browser.get(f"{page_of(one)}{path}").status_code == 404
    for path in ("close/", "reassign/"):
        assert browser.post(f"{page_of(one)}{path}", {"item": [NOBODY], "reviewer": NOBODY}).status_code == 404


def test_lists_cost_the_same_however_long_they_are():
    """A page of questions and the list of reviews in a fixed number of queries."""
    one = reviewed()
    browser = as_member(one.owner)
    urls = (PAGES, page_of(one), "/api/v1/access-reviews/", "/api/v1/access-review-items/")
    before = [queries_of(browser, url) for url in urls]
    with one.house.writing():
        reviewer_id = Membership.objects.get(account__pseudonym=one.owner.pseudonym).id
        for _ in range(12):
            row = identity.membership(one.house.organization, identity.account())
            AccessReviewItem.objects.create(
                organization=one.house.organization, review=one.review, membership=row, reviewer_id=reviewer_id
            )
    assert [queries_of(browser, url) for url in urls] == before
    assert max(before) <= 14


def test_rest_starts_answers_reassigns_and_closes():
    """The whole campaign over REST, with coverage in the answer."""
    one = reviewed()
    owner = as_member(one.owner)
    due = (DatabaseClock().now() + timedelta(days=3)).isoformat()
    body = {"name": "Q2", "due_at": due, "reviewer_rule": "role", "reviewer_role": "owner", "roles": ["viewer"]}
    made = send(owner, "access-reviews/", **body)
    assert (made.status_code, made.json()["total"], made.json()["decided"]) == (201, 1, 0)
    asker = reviewer(one, one.kim)
    row = item_of(one, one.kim)
    mine = asker.get("/api/v1/access-review-items/mine/").json()["results"]
    assert str(row.id) in {each["id"] for each in mine}
    answer = send(
        asker,
        "access-review-items/decide/",
        items=[str(row.id)],
        decision="change",
        reason="One is enough",
        take_away=["procurement"],
    )
    assert answer.status_code == 200
    assert answer.json()[0]["kept_roles"] == ["finance"]
    with one.house.reading():
        second = str(one.membership(one.second).id)
        viewer = str(one.item(one.lee).id)
    assert send(owner, "access-review-items/reassign/", items=[viewer], reviewer=second).status_code == 200
    closed = send(owner, f"access-reviews/{one.review.id}/close/").json()
    assert (closed["decided"], closed["revoked"], closed["closed_at"] is not None) == (1, 1, True)


def test_rest_refuses():
    """Visitors 401, wrong roles 403, other organisations 404, mistakes with their code."""
    one = reviewed()
    foreign = as_member(reviewed().owner)
    row = str(item_of(one, one.lee).id)
    for path in ("access-reviews/", "access-review-items/", "access-review-items/mine/"):
        assert Client(HTTP_HOST="127.0.0.1").get(f"/api/v1/{path}").status_code == 401
        assert as_member(one.lee).get(f"/api/v1/{path}").status_code == 403
    assert foreign.get(f"/api/v1/access-reviews/{one.review.id}/").status_code == 404
    assert send(foreign, f"access-reviews/{one.review.id}/close/").status_code == 404
    body = {"items": [row], "decision": "keep", "reason": "x"}
    assert send(foreign, "access-review-items/decide/", **body).json()["code"] == "ACCESS_REVIEW_NOT_FOUND"
    assert send(as_member(one.kim), "access-review-items/decide/", **body).json()["code"] == "ACCESS_REVIEW_NOT_ASKED"
    assert send(as_member(one.owner), "access-review-items/decide/", items=[row]).status_code == 400
