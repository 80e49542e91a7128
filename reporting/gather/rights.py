"""The organisation's own rights: read once, told as lines and as evidence."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from licensing.models import Entitlement, EntitlementState
from reporting.gather.frame import Frame


@dataclass(frozen=True)
class Rights:
    """Rights that count or have counted, in the order of their numbers. `renewed_from` is the start of the later term
    that takes a right's place, by the id of the right."""

    rows: tuple[Entitlement, ...]
    by_id: dict[UUID, Entitlement]
    renewed_from: dict[UUID, datetime]


def own_rights(frame: Frame) -> Rights:
    """Rights in the scope; those granted to others and drafts are none of ours. One query."""
    rows = tuple(
        Entitlement.objects.filter(
            frame.within("product"),
            licensee__isnull=True,
            state__in=[EntitlementState.ACTIVE, EntitlementState.REVOKED],
        )
        .select_related(
            "product__publisher",
            "edition",
            "metric",
            "agreement",
            "purchase_line__purchase",
            "purchase_line__product__publisher",
            "import_row__batch",
        )
        .order_by("number")
    )
    renewed_from = {
        row.previous_id: row.starts_at
        for row in rows
        if row.previous_id is not None and row.state == EntitlementState.ACTIVE
    }
    return Rights(rows, {row.id: row for row in rows}, renewed_from)
