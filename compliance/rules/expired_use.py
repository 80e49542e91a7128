"""Expired use: seats are held, and no right is valid at all."""

from datetime import datetime

from compliance.rules.pool_findings import PoolFinding, PoolFindingKind, finding
from seats.rules.capacity import PoolFacts, is_backed_at


def expired_use(pool: PoolFacts, *, at: datetime) -> PoolFinding | None:
    """The finding when seats are held that nothing backs at `at`; None when a right is valid or no seat is held.

    Nothing is allowed then: an overdraft adds to rights and does not replace them.
    """
    if pool.used == 0 or is_backed_at(pool, at):
        return None
    return finding(pool, kind=PoolFindingKind.EXPIRED_USE, allowed=0, at=at)
