"""The nightly recount: the counter of a pool against the seats themselves, assigned and leased."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum

from kernel.trail import Trail
from seats.models import Assignment, Lease, SeatPool


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
    counted: Counter[UUID] = Counter()
    for held in (Assignment.objects.live(), Lease.objects.held()):
        for pool_id, quantity in held.values("pool_id").annotate(held=Sum("quantity")).values_list("pool_id", "held"):
            counted[pool_id] += quantity
    return [_repair(pool, counted[pool.id], trail) for pool in pools if pool.used != counted[pool.id]]


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
