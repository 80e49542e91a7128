"""Reviews of access: started with a scope, answered one by one, closed with what was left unanswered."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from identity.models import AccessReview, AccessReviewItem, Membership, Organization, ReviewerRule
from identity.operations.accounts import refuse_unknown
from identity.operations.memberships import MembershipNotFound
from identity.queries.access_reviews import coverage_of
from identity.queries.members import live_members
from identity.rules.access_reviews import Candidate, Reviewed, assign_reviewers
from identity.rules.granting import head_role
from identity.rules.roles import permissions_of
from kernel.errors import Conflict, InvalidInput, NotFound
from kernel.trail import Trail

DECIDE = "identity.access_review.decide"


class ReviewNotFound(NotFound):
    """There is no such access review in this organisation."""

    code = "ACCESS_REVIEW_NOT_FOUND"


class ReviewDueInvalid(InvalidInput):
    """A review is due in the future."""

    code = "ACCESS_REVIEW_DUE_INVALID"


class ReviewNameRequired(InvalidInput):
    """A review has a name by which people know it."""

    code = "ACCESS_REVIEW_NAME_REQUIRED"


class ReviewEmpty(Conflict):
    """Nobody holds a role of the scope, so there is nothing to ask."""

    code = "ACCESS_REVIEW_EMPTY"


class ReviewerMissing(Conflict):
    """About somebody in the scope nobody may be asked: name more reviewers. Nobody reviews the own access."""

    code = "ACCESS_REVIEWER_MISSING"


class ReviewerUnknown(InvalidInput):
    """One of the reviewers is no member of this organisation, or may not decide about access."""

    code = "ACCESS_REVIEWER_UNKNOWN"


class ReviewOfOneself(Conflict):
    """Nobody is asked about the own access."""

    code = "ACCESS_REVIEW_OF_ONESELF"


class ReviewClosed(Conflict):
    """The review is closed; start another one."""

    code = "ACCESS_REVIEW_CLOSED"


@dataclass(frozen=True, kw_only=True)
class NewReview:
    """What is reviewed by whom until when. `roles` empty: every membership. `reviewer_role` and `reviewers` (ids of
    memberships) say who is asked; with ReviewerRule.MANAGER they are asked where no manager has an account here."""

    name: str
    due_at: datetime
    rule: str
    roles: Sequence[str] = ()
    reviewer_role: str = ""
    reviewers: Sequence[UUID] = ()


def start_review(*, review: NewReview, trail: Trail) -> AccessReview:
    """Asks one question about each live membership in the scope.

    Raises RoleUnknown, ReviewNameRequired, ReviewDueInvalid, ReviewEmpty, ReviewerUnknown and ReviewerMissing.
    """
    now = trail.clock.now()
    if review.roles:
        refuse_unknown(review.roles)
    if not review.name.strip():
        raise ReviewNameRequired(_("Give the review a name."), pointer="/name")
    if review.due_at <= now:
        raise ReviewDueInvalid(_("The due date lies in the past."), pointer="/due_at")
    live = list(live_members().order_by("account__email_lower", "id"))
    members = [row for row in live if not review.roles or set(row.roles) & set(review.roles)]
    if not members:
        raise ReviewEmpty(_("Nobody holds a role of this scope."), pointer="/roles")
    asked = _assigned(review, live, members, trail)
    row = AccessReview.objects.create(
        organization_id=trail.organization_id,
        name=review.name.strip(),
        roles=sorted(set(review.roles)),
        reviewer_rule=review.rule,
        due_at=review.due_at,
        started_at=now,
        started_by=str(trail.actor.pseudonym),
    )
    AccessReviewItem.objects.bulk_create(
        [
            AccessReviewItem(
                organization_id=trail.organization_id,
                review=row,
                membership=member,
                reviewer_id=asked[member.id],
                roles=list(member.roles),
            )
            for member in members
        ]
    )
    trail.record(
        "access_review.started",
        subject=row,
        details={
            "roles": list(row.roles),
            "reviewers": review.rule,
            "questions": len(members),
            "asked": len(set(asked.values())),
            "due_at": row.due_at.isoformat(),
        },
    )
    return row


def _assigned(
    review: NewReview, live: Sequence[Membership], members: Sequence[Membership], trail: Trail
) -> dict[UUID, UUID]:
    head = head_role(Organization.objects.values_list("kind", flat=True).get(id=trail.organization_id))
    able = {row.id: row for row in live if DECIDE in permissions_of(row.roles)}
    if not set(review.reviewers) <= able.keys():
        raise ReviewerUnknown(
            _("Choose reviewers who work here and whose roles may decide about access."), pointer="/reviewers"
        )
    by_person = {row.person_id: row.id for row in able.values() if row.person_id is not None}
    chosen = [row for row in able.values() if _is_candidate(row, review)]
    asked = assign_reviewers(
        [
            Reviewed(
                membership=row.id,
                manager=_manager_of(row, by_person),
                is_head=head in row.roles,
            )
            for row in members
        ],
        [Candidate(row.id, head in row.roles) for row in chosen],
        frozenset(able) if review.rule == ReviewerRule.MANAGER else frozenset(),
    )
    missing = [row for row in members if asked[row.id] is None]
    if missing:
        raise ReviewerMissing(
            _("Nobody may be asked about %(names)s. Name more reviewers; nobody reviews the own access.")
            % {"names": ", ".join(str(row.account) for row in missing[:5])},
            pointer="/reviewers",
            details={"memberships": [str(row.id) for row in missing]},
        )
    return {key: value for key, value in asked.items() if value is not None}


def _manager_of(row: Membership, by_person: Mapping[UUID, UUID]) -> UUID | None:
    """The membership of the person's manager, where both are known."""
    if row.person is None or row.person.manager_id is None:
        return None
    return by_person.get(row.person.manager_id)


def _is_candidate(row: Membership, review: NewReview) -> bool:
    return row.id in set(review.reviewers) or bool(review.reviewer_role and review.reviewer_role in row.roles)


def reassign_items(*, item_ids: Collection[UUID], reviewer: Membership, trail: Trail) -> int:
    """Asks another colleague; questions that are answered stay as they are. Returns how many changed hands.

    Raises MembershipNotFound, ReviewerMissing, ReviewClosed and ReviewOfOneself.
    """
    able = live_members().filter(id=reviewer.id).first()
    if able is None:
        raise MembershipNotFound(_("There is no such membership in your organisation."), pointer="/reviewer")
    if DECIDE not in permissions_of(able.roles):
        raise ReviewerMissing(_("%(name)s may not decide about access.") % {"name": able.account}, pointer="/reviewer")
    rows = AccessReviewItem.objects.select_for_update(no_key=True, of=("self",)).select_related("review", "membership")
    changed = [row for row in rows.filter(id__in=item_ids, decided_at__isnull=True) if row.reviewer_id != able.id]
    for row in changed:
        refuse_closed(row.review)
        if row.membership_id == able.id:
            raise ReviewOfOneself(_("Nobody is asked about the own access."), pointer="/reviewer")
        row.reviewer = able
        row.save(update_fields=["reviewer"])
        trail.record(
            "access_review.reassigned",
            subject=row,
            details={"review": str(row.review_id), "reviewer": str(able.account.pseudonym)},
        )
    return len(changed)


def close_review(*, review: AccessReview, trail: Trail) -> AccessReview:
    """No answer is taken any more; what has none is listed in the entry. Closing twice changes nothing."""
    row = AccessReview.objects.select_for_update(no_key=True).get(id=review.id)
    if row.closed_at is not None:
        return row
    row.closed_at, row.closed_by = trail.clock.now(), str(trail.actor.pseudonym)
    row.save(update_fields=["closed_at", "closed_by"])
    left = AccessReviewItem.objects.filter(review=row, decided_at__isnull=True).order_by("id")
    covered = coverage_of(row)
    trail.record(
        "access_review.closed",
        subject=row,
        details={
            "questions": covered.total,
            "decided": covered.decided,
            "unanswered": [str(key) for key in left.values_list("membership_id", flat=True)],
        },
    )
    return row


def refuse_closed(review: AccessReview) -> None:
    """Raises ReviewClosed for a review that takes no answers any more."""
    if review.closed_at is not None:
        raise ReviewClosed(_("%(name)s is closed.") % {"name": review.name})
