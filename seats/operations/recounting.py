"""The nightly recount: the counter of a pool against the seats themselves."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from kernel.trail import Trail
from seats.models import Assignment, SeatPool


@dataclass(frozen=True)
class Mismatch:
    """A pool whose `used` was not the sum of its live seats. `repaired` false: the true sum is beyond what a hard pool
    allows, so the figure stays until seats are released or rights are bought."""

    pool_id: UUID
    before: int
    counted: int
    repaired: bool


def recount(*, trail: Trail) -> list[Mismatch]:
    """Compares every pool and repairs what differs, each with its ledger entry; nothing differs: nothing is written."""
    pools = list(SeatPool.objects.order_by("id").select_for_update(no_key=True))
    counted = dict(
        Assignment.objects.live().values("pool_id").annotate(held=Sum("quantity")).values_list("pool_id", "held")
    )
    return [_repair(pool, counted.get(pool.id, 0), trail) for pool in pools if pool.used != counted.get(pool.id, 0)]


def _repair(pool: SeatPool, counted: int, trail: Trail) -> Mismatch:
    fits = not pool.hard_limit or pool.limit is None or counted <= pool.limit
    found = Mismatch(pool.id, before=pool.used, counted=counted, repaired=fits)
    if fits:
        pool.used = counted
        pool.save(update_fields=["used"])
    trail.record(
        "pool.recounted",
        subject=pool,
        details={"before": found.before, "counted": counted, "repaired": fits},
    )
    return found
