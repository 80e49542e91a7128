"""The nightly recount: the counter of a pool against the seats themselves, assigned and leased."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from kernel.trail import Trail
from seats.models import Assignment, Lease, Reservation, SeatPool
from seats.operations.limits import settle_cuts


@dataclass(frozen=True)
class Mismatch:
    """A pool whose `used` was not the sum of its live seats, or whose `reserved` was not that of its reservations.
    `repaired` false: the true sum is beyond what the pool allows, so the figure stays until seats are released or
    rights are bought."""

    pool_id: UUID
    before: int
    counted: int
    repaired: bool
    column: str = "used"


def recount(*, trail: Trail) -> list[Mismatch]:
    """Compares every pool and repairs what differs, each with its ledger entry; nothing differs: nothing is written.
    A cut that waits for a use that has fallen is carried out."""
    pools = list(SeatPool.objects.order_by("id").select_for_update(no_key=True))
    taken = Counter(_sums(Assignment.objects.live()))
    taken.update(_sums(Lease.objects.held()))
    counted = {"used": taken, "reserved": _sums(Reservation.objects.all())}
    found = [
        _repair(pool, column, sums.get(pool.id, 0), trail)
        for pool in pools
        for column, sums in counted.items()
        if getattr(pool, column) != sums.get(pool.id, 0)
    ]
    settle_cuts(pools=pools, trail=trail)
    return found


def _sums(rows: QuerySet[Any]) -> dict[UUID, int]:
    return dict(rows.values("pool_id").annotate(sum=Sum("quantity")).values_list("pool_id", "sum"))


def _repair(pool: SeatPool, column: str, counted: int, trail: Trail) -> Mismatch:
    found = Mismatch(pool.id, getattr(pool, column), counted, _fits(pool, column, counted), column)
    if found.repaired:
        setattr(pool, column, counted)
        pool.save(update_fields=[column])
    trail.record(
        "pool.recounted",
        subject=pool,
        details={"column": column, "before": found.before, "counted": counted, "repaired": found.repaired},
    )
    return found


def _fits(pool: SeatPool, column: str, counted: int) -> bool:
    """Whether the constraints of a pool let it say so."""
    if column == "reserved":
        return pool.capacity is None or counted <= pool.capacity
    return not pool.hard_limit or pool.limit is None or counted <= pool.limit
