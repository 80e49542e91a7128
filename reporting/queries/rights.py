"""Rights that end soon and are not renewed yet."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, Window

from licensing.models import Entitlement, EntitlementState

SOON = timedelta(days=90)


def not_renewed() -> Q:
    """True for rights of which no later term is on record."""
    return ~Q(Exists(Entitlement.objects.filter(previous=OuterRef("pk"), state=EntitlementState.ACTIVE)))


@dataclass(frozen=True)
class Expiring:
    """The first rights to end, and how many there are in all."""

    rows: tuple[Entitlement, ...]
    total: int


def expiring(*, at: datetime, most: int, within: timedelta = SOON) -> Expiring:
    """Rights in force that end within the period and have no renewal, the first to end first; one query."""
    rows = (
        Entitlement.objects.valid_at(at)
        .filter(not_renewed(), ends_at__lte=at + within)
        .select_related("product__publisher", "edition", "metric", "agreement")
        # Counted beside the rows, so that the slice needs no second query.
        .annotate(total=Window(Count("*")))
        .order_by("ends_at", "number")[:most]
    )
    listed = tuple(rows)
    return Expiring(listed, rows[0].total if listed else 0)  # type: ignore[attr-defined]  # annotated above
