"""Open violations as the home page and the IT overview list them."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Case, Count, IntegerField, Value, When, Window

from compliance.models import Violation
from compliance.queries import open_violations


@dataclass(frozen=True)
class Pressing:
    """The violations to show, each with `mine` (1 or 0), and how many are open in all."""

    rows: tuple[Violation, ...]
    total: int


def pressing(account_id: UUID | None, *, most: int) -> Pressing:
    """Open violations, the account's own first, then the newest; one query."""
    mine = Case(When(owner_id=account_id, then=Value(1)), default=Value(0), output_field=IntegerField())
    rows = (
        open_violations()
        # Counted beside the rows, so that the slice needs no second query.
        .annotate(total=Window(Count("*")), mine=mine)
        .order_by("-mine", "-first_seen_at", "-id")[:most]
    )
    listed = tuple(rows)
    return Pressing(listed, rows[0].total if listed else 0)
