"""Access reviews as operations: started, answered with effect, reassigned, reminded of, closed; and their refusals."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from audit.queries import events
from identity.models import AccessReviewItem, Membership
from identity.operations import end_membership
from identity.operations.access_reviews import (
    ReviewClosed,
    ReviewDueInvalid,
    ReviewEmpty,
    ReviewerMissing,
    ReviewerUnknown,
    ReviewNameRequired,
    ReviewOfOneself,
    close_review,
    reassign_items,
    start_review,
)
from identity.operations.accounts import RoleUnknown
from identity.operations.granting import HeadOnly, LastOwner
from identity.operations.review_decisions import (
    DecisionReasonRequired,
    DecisionUnclear,
    NotTheReviewer,
    ReviewDecided,
    decide_items,
)
from identity.operations.review_reminders import remind_reviewers
from identity.queries.access_reviews import asked_of, coverage_of, is_overdue, reviews
from identity.schedules import scheduled_reminders
from jobs.models import OutboxMessage
from kernel.clock import DatabaseClock, FixedClock
from tests.constraints import constraints_of, refused_by
from tests.factories import identity
from tests.factories.moments import NOW, days
from tests.factories.tenants import Tenant, member, tenant
from tests.identity.reviews import Reviewed, new_review, reviewed

pytestmark = pytest.mark.django_db


def bodies(house: Tenant, kind: str) -> list[dict]:
    with house.reading():
        return [json.loads(event.body) for event in events().filter(kind=kind)]


def decide(one: Reviewed, about, decision: str, by=None, **more):
    with one.house.writing(by or reviewer_of(one, about)) as opened:
        return decide_items(
            item_ids=[one.item(about).id], decision=decision, reason="Asked and answered", trail=opened, **more
        )


def reviewer_of(one: Reviewed, about):
    with one.house.reading():
        return one.reviewer(about)


def roles_of(one: Reviewed, about) -> list[str] | None:
    with one.house.reading():
        row = one.membership(about)
        return None if row.ended_at is not None else row.roles


@pytest.mark.requirement("REQ-221")
def test_a_campaign_asks_takes_effect_and_is_accounted_for():
    """Everybody is asked about once and nobody about oneself; keep, change and revoke take effect in the same trail,
    each with an entry; coverage is told, and closing lists what has no answer."""
    one = reviewed()
    with one.house.reading():
        rows = list(AccessReviewItem.objects.filter(review=one.review))
        assert len(rows) == 4
        assert all(row.reviewer_id != row.membership_id for row in rows)
        assert {row.account_id for row in Membership.objects.filter(reviews_to_decide__in=rows)} == {
            one.owner.account_id,
            one.second.account_id,
        }
    decide(one, one.owner, "keep")
    decide(one, one.kim, "change", take_away=["procurement", "legal"])
    decide(one, one.lee, "revoke")
    assert roles_of(one, one.owner) == ["owner"]
    assert roles_of(one, one.kim) == ["finance"]
    assert roles_of(one, one.lee) is None
    decided = bodies(one.house, "access_review.decided")
    assert [body["details"]["decision"] for body in decided] == ["keep", "change", "revoke"]
    assert decided[1]["details"]["before"] == ["finance", "procurement"]
    assert decided[1]["details"]["after"] == ["finance"]
    assert "Asked and answered" not in json.dumps(decided)
    with one.house.reading():
        figures: Any = reviews().get()
        assert (figures.total, figures.decided, figures.revoked) == (4, 3, 2)
        assert coverage_of(one.review).share == 0.75
    for _ in range(2):
        with one.house.writing(one.owner) as opened:
            close_review(review=one.review, trail=opened)
    [body] = bodies(one.house, "access_review.closed")
    with one.house.reading():
        left = str(one.membership(one.second).id)
    assert (body["details"]["decided"], body["details"]["unanswered"]) == (3, [left])


def test_a_scope_of_roles_asks_about_their_holders_alone():
    """And about nobody who left before."""
    one = reviewed(roles=["viewer"])
    with one.house.reading():
        [row] = AccessReviewItem.objects.filter(review=one.review)
        assert row.membership.account_id == one.lee.account_id


def test_managers_are_asked_about_their_people():
    """By the directory; where the manager has no account here, the role is asked."""
    house = tenant()
    _a, owner = member(house, "owner")
    _b, boss = member(house, "member")
    _c, kim = member(house, "viewer")
    with house.writing():
        chief = identity.person(house.organization)
        clerk = identity.person(house.organization, manager=chief)
        Membership.objects.filter(account__pseudonym=boss.pseudonym).update(person=chief)
        Membership.objects.filter(account__pseudonym=kim.pseudonym).update(person=clerk)
    with house.writing(owner) as opened:
        row = start_review(review=new_review(rule="manager", roles=["viewer", "member"]), trail=opened)
        asked = {
            item.membership.account_id: item.reviewer.account_id
            for item in AccessReviewItem.objects.select_related("membership", "reviewer").filter(review=row)
        }
    assert asked == {kim.account_id: boss.account_id, boss.account_id: owner.account_id}
    with house.reading():
        assert [item.membership.account_id for item in asked_of(boss.account_id)] == [kim.account_id]


@pytest.mark.parametrize(
    ("columns", "refusal"),
    [
        ({"roles": ["emperor"]}, RoleUnknown),
        ({"name": "  "}, ReviewNameRequired),
        ({"due_at": NOW}, ReviewDueInvalid),
        ({"roles": ["legal"]}, ReviewEmpty),
        ({"reviewer_role": "legal"}, ReviewerMissing),
        ({"reviewer_role": "viewer"}, ReviewerMissing),
        ({"rule": "named", "reviewer_role": ""}, ReviewerMissing),
        ({"rule": "named", "reviewers": [uuid4()]}, ReviewerUnknown),
        ({"rule": "role", "reviewers": [uuid4()]}, ReviewerUnknown),
    ],
)
def test_campaigns_that_cannot_begin(columns, refusal):
    """Unknown roles, no name, due in the past, nobody to ask about, nobody who may be asked, a reviewer
    from elsewhere: nothing is written."""
    with pytest.raises(refusal):
        reviewed(**columns)


def test_only_who_was_asked_decides_once_while_it_runs():
    """Not a colleague, not twice, not after the end, and not without a reason."""
    one = reviewed()
    other = one.second if reviewer_of(one, one.lee) == one.owner else one.owner
    for by in (other, one.lee, one.house.actor):
        with pytest.raises(NotTheReviewer):
            decide(one, one.lee, "revoke", by=by)
    with pytest.raises(DecisionReasonRequired), one.house.writing(one.owner) as opened:
        decide_items(item_ids=[one.item(one.lee).id], decision="keep", reason=" ", trail=opened)
    decide(one, one.lee, "keep")
    with pytest.raises(ReviewDecided):
        decide(one, one.lee, "revoke")
    with one.house.writing(one.owner) as opened:
        close_review(review=one.review, trail=opened)
    with pytest.raises(ReviewClosed):
        decide(one, one.kim, "keep")
    assert roles_of(one, one.lee) == ["viewer"]


@pytest.mark.parametrize("take_away", [(), ("legal",), ("finance", "procurement")])
def test_taking_roles_away_is_neither_nothing_nor_everything(take_away):
    """Roles that the member holds, and at least one stays; a review never adds a role."""
    one = reviewed()
    with pytest.raises(DecisionUnclear):
        decide(one, one.kim, "change", take_away=take_away)
    with pytest.raises(DecisionUnclear):
        decide(one, one.kim, "promote")
    assert roles_of(one, one.kim) == ["finance", "procurement"]


def test_a_review_does_not_end_the_last_owner():
    """The rule of memberships holds for decisions too, and the question stays open."""
    one = reviewed()
    decide(one, one.second, "revoke")
    with one.house.writing() as opened:
        [item] = AccessReviewItem.objects.filter(membership__account__pseudonym=one.owner.pseudonym)
        kim = Membership.objects.get(account__pseudonym=one.kim.pseudonym)
        reassign_items(item_ids=[item.id], reviewer=kim, trail=opened)
    with pytest.raises((LastOwner, HeadOnly)):
        decide(one, one.owner, "revoke", by=one.kim)
    assert roles_of(one, one.owner) == ["owner"]


def test_one_answer_for_many_is_given_to_all_or_none():
    """One of them being decided already, the other stays open."""
    one = reviewed(reviewers=(), reviewer_role="owner", roles=["viewer", "finance"])
    with one.house.writing() as opened:
        owner = Membership.objects.get(account__pseudonym=one.owner.pseudonym)
        ids = list(AccessReviewItem.objects.values_list("id", flat=True))
        reassign_items(item_ids=ids, reviewer=owner, trail=opened)
    decide(one, one.lee, "keep", by=one.owner)
    with pytest.raises(ReviewDecided), one.house.writing(one.owner) as opened:
        decide_items(item_ids=ids, decision="revoke", reason="All of you", trail=opened)
    assert roles_of(one, one.kim) == ["finance", "procurement"]


def test_questions_go_to_somebody_else():
    """Not to the one they are about, not to somebody who may not decide; answers stay with who gave them."""
    one = reviewed()
    decide(one, one.lee, "keep")
    with one.house.writing(one.owner) as opened:
        ids = [one.item(one.kim).id, one.item(one.lee).id]
        second = Membership.objects.get(account__pseudonym=one.second.pseudonym)
        first = Membership.objects.get(account__pseudonym=one.owner.pseudonym)
        moved = {reassign_items(item_ids=ids, reviewer=row, trail=opened) for row in (first, second)}
        assert moved <= {0, 1}
        assert one.item(one.kim).reviewer_id == second.id
        viewer = Membership.objects.get(account__pseudonym=one.lee.pseudonym)
        with pytest.raises(ReviewerMissing):
            reassign_items(item_ids=ids, reviewer=viewer, trail=opened)
        with pytest.raises(ReviewOfOneself):
            reassign_items(item_ids=[one.item(one.second).id], reviewer=second, trail=opened)


def test_who_has_gone_meanwhile_needs_no_decision_to_be_gone():
    """An ended membership can still be answered for; nothing is left of it whatever the answer."""
    one = reviewed()
    with one.house.writing() as opened:
        end_membership(membership=one.membership(one.lee), trail=opened)
    [row] = decide(one, one.lee, "keep")
    assert row.kept_roles == []


def test_reminders_go_to_who_has_not_answered():
    """From three days before the due date, one message a day and reviewer, in the reviewer's language."""
    one = reviewed()
    later = one.review.due_at - timedelta(days=2)
    quiet = scheduled_reminders(organization_id=one.house.organization.id, parameters={}, clock=DatabaseClock())
    assert quiet == {"messages": 0}
    with one.house.writing(one.owner) as opened:
        mine = [item.id for item in asked_of(one.owner.account_id)]
        decide_items(item_ids=mine, decision="keep", reason="Needed", trail=opened)
    scheduled_reminders(organization_id=one.house.organization.id, parameters={}, clock=FixedClock(later))
    with one.house.writing() as opened:
        remind_reviewers(trail=opened)
        sent = list(OutboxMessage.objects.filter(dedupe_key__startswith="access-review:"))
    assert len(sent) == 1
    assert re.search(r"\bwaits? for you\b", sent[0].payload["text"])
    assert "/organization/access-reviews/mine/" in sent[0].payload["text"]


def test_a_review_is_overdue_from_its_due_date_until_it_closes():
    """At the moment itself it is late; closed ones are never late."""
    one = reviewed()
    assert not is_overdue(one.review, at=one.review.due_at - timedelta(seconds=1))
    assert is_overdue(one.review, at=one.review.due_at)
    one.review.closed_at = one.review.due_at
    assert not is_overdue(one.review, at=days(1000))


BREAKING = {
    "identity_access_review_item_not_oneself": lambda row: {"reviewer_id": row.membership_id},
    "identity_access_review_item_decided_with_reason": lambda row: {"decision": "keep", "decided_at": NOW},
}


@pytest.mark.parametrize("name", sorted(BREAKING))
def test_constraints_of_questions(name):
    """Nobody reviews oneself, and a decision has a moment, a person and a reason, whatever wrote the row."""
    one = reviewed()
    with one.house.reading():
        row = one.item(one.lee)
        with refused_by(constraints_of("identity")[name]):
            AccessReviewItem.objects.filter(id=row.id).update(**BREAKING[name](row))


def test_constraints_of_reviews():
    """Due after the start, closed by somebody, one question for each member."""
    one = reviewed()
    found = constraints_of("identity")
    with one.house.reading():
        model = type(one.review)
        rows = model.objects.filter(id=one.review.id)
        with refused_by(found["identity_access_review_in_order"]):
            rows.update(due_at=one.review.started_at)
        with refused_by(found["identity_access_review_closed_by_somebody"]):
            rows.update(closed_at=NOW)
        row = one.item(one.lee)
        with refused_by(found["identity_access_review_item_once"]):
            AccessReviewItem.objects.create(
                organization_id=row.organization_id,
                review_id=row.review_id,
                membership_id=row.membership_id,
                reviewer_id=row.reviewer_id,
            )
