"""Answers of an access review. Each takes effect in the same transaction and leaves an entry of its own."""

from collections.abc import Collection
from uuid import UUID

from django.utils.translation import gettext as _

from identity.models import AccessReviewItem, Membership, ReviewDecision
from identity.operations.access_reviews import ReviewNotFound, refuse_closed
from identity.operations.accounts import end_membership
from identity.operations.memberships import change_roles
from kernel.errors import Conflict, InvalidInput, PermissionRefused
from kernel.trail import Personal, Trail


class NotTheReviewer(PermissionRefused):
    """Somebody else was asked about this membership."""

    code = "ACCESS_REVIEW_NOT_ASKED"


class ReviewDecided(Conflict):
    """The question has an answer, and an answer stands."""

    code = "ACCESS_REVIEW_DECIDED"


class DecisionReasonRequired(InvalidInput):
    """A decision about somebody's access has a reason, which stays on record."""

    code = "ACCESS_REVIEW_REASON_REQUIRED"


class DecisionUnclear(InvalidInput):
    """To take roles away, name roles that the member holds and leave at least one; to take all, end the membership."""

    code = "ACCESS_REVIEW_DECISION_UNCLEAR"


def decide_items(
    *,
    item_ids: Collection[UUID],
    decision: str,
    reason: str,
    trail: Trail,
    take_away: Collection[str] = (),
) -> list[AccessReviewItem]:
    """Answers all of these questions alike, or none of them.

    A decision can only take access away: `take_away` are roles to lose. Raises ReviewNotFound, NotTheReviewer,
    ReviewClosed, ReviewDecided, DecisionReasonRequired, DecisionUnclear, and LastOwner and HeadOnly from what it does.
    """
    if decision not in ReviewDecision.values:
        raise DecisionUnclear(_("Say whether to keep, to take roles away, or to end."), pointer="/decision")
    if not reason.strip():
        raise DecisionReasonRequired(_("Say why you decide so."), pointer="/reason")
    rows = _locked(item_ids)
    for row in rows:
        _check(row, trail)
        row.kept_roles = _carry_out(row, decision, reason.strip(), frozenset(take_away), trail)
        row.decision, row.reason = decision, reason.strip()
        row.decided_at, row.decided_by = trail.clock.now(), str(trail.actor.pseudonym)
        row.save(update_fields=["decision", "kept_roles", "reason", "decided_at", "decided_by"])
        _record(row, trail)
    return rows


def _locked(item_ids: Collection[UUID]) -> list[AccessReviewItem]:
    found = AccessReviewItem.objects.filter(id__in=item_ids).order_by("id")
    rows = list(
        found.select_for_update(no_key=True, of=("self",)).select_related(
            "review", "membership__account", "reviewer__account"
        )
    )
    if not rows or len(rows) != len(set(item_ids)):
        raise ReviewNotFound(_("There is no such question in your organisation."))
    return rows


def _check(row: AccessReviewItem, trail: Trail) -> None:
    if row.reviewer.account_id != trail.actor.account_id or row.reviewer.ended_at is not None:
        raise NotTheReviewer(_("Somebody else was asked about %(name)s.") % {"name": row.membership.account})
    refuse_closed(row.review)
    if row.decided_at is not None:
        raise ReviewDecided(_("About %(name)s is decided already.") % {"name": row.membership.account})


def _carry_out(row: AccessReviewItem, decision: str, reason: str, take_away: frozenset[str], trail: Trail) -> list[str]:
    """What the member is left with. One who has gone meanwhile is left with nothing, whatever was decided."""
    member = Membership.objects.get(id=row.membership_id)
    if member.ended_at is not None:
        return []
    if decision == ReviewDecision.REVOKE:
        end_membership(membership=member, reason=reason, trail=trail)
        return []
    if decision == ReviewDecision.KEEP:
        return list(member.roles)
    left = sorted(set(member.roles) - take_away)
    if not left or len(left) == len(member.roles):
        raise DecisionUnclear(
            _("Choose roles that %(name)s holds, and leave at least one.") % {"name": row.membership.account},
            pointer="/take_away",
        )
    changed = change_roles(membership=member, roles=left, reason=reason, party_id=member.party_id, trail=trail)
    return list(changed.roles)


def _record(row: AccessReviewItem, trail: Trail) -> None:
    about = row.membership.account.pseudonym
    trail.record(
        "access_review.decided",
        subject=row,
        details={
            "review": str(row.review_id),
            "account": str(about),
            "decision": str(row.decision),
            "before": list(row.roles),
            "after": list(row.kept_roles),
        },
        personal={"reason": Personal(about, row.reason)},
    )
