"""Reviews of access that ran in the period, question by question."""

from audit.queries import events
from identity.models import AccessReviewItem
from identity.queries.access_reviews import decided_between, items
from reporting.gather.frame import Frame
from reporting.gather.people import Colleagues, person, role_names
from reporting.packages.snapshot import AccessReviewRow

KIND = "access_review.decided"


def access_reviews(frame: Frame, people: Colleagues) -> tuple[AccessReviewRow, ...]:
    """In the order in which the reviews began and their questions were asked. Two queries.

    A package about one publisher or product holds them too: who may change licences is a matter of the whole house.
    """
    rows = items().filter(review__in=decided_between(frame.start, frame.end)).order_by("review__started_at", "id")
    proofs = dict(
        events()
        .filter(kind=KIND, subject_type=AccessReviewItem._meta.label_lower)
        .values_list("subject_id", "sequence")
    )
    return tuple(_row(row, people, proofs.get(str(row.id))) for row in rows)


def _row(row: AccessReviewItem, people: Colleagues, sequence: int | None) -> AccessReviewRow:
    return AccessReviewRow(
        review=row.review.name,
        started_at=row.review.started_at,
        due_at=row.review.due_at,
        closed_at=row.review.closed_at,
        member=person(str(row.membership.account.pseudonym)),
        roles=role_names(row.roles),
        reviewer_role=people.by_account.get(row.reviewer.account_id, ""),
        decision=row.decision,
        decided=str(row.get_decision_display()) if row.decision else "",
        kept_roles=role_names(row.kept_roles),
        reason=row.reason,
        decided_at=row.decided_at,
        sequence=sequence,
    )
