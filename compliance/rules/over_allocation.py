"""Over-allocation: some right is valid, but for fewer seats than are held."""

from datetime import datetime

from compliance.rules.pool_findings import PoolFinding, PoolFindingKind, finding
from seats.rules.capacity import PoolFacts, ceiling_at, is_backed_at


def over_allocation(pool: PoolFacts, *, at: datetime) -> PoolFinding | None:
    """The finding when more seats are held than the ceiling that admits seats; None when they fit.

    The ceiling is the smaller of capacity and rights valid at `at`, and the overdraft. Reservations take no part: they
    keep seats back but are not held. Silent where no right is valid at all, which is expired use.
    """
    allowed = ceiling_at(pool, at)
    if allowed is None or pool.used <= allowed or not is_backed_at(pool, at):
        return None
    return finding(pool, kind=PoolFindingKind.OVER_ALLOCATION, allowed=allowed, at=at)
