"""Use of seats by product: what is in use, what is free, what is held beyond the limit.

Figures are taken pool by pool and then added, so that free seats of one edition never hide seats held beyond the limit
of another. Pools without a limit show their measured use and stand in no total.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolUse:
    """One pool: seats held, and the most that may be held; `limit` None: any number."""

    product_id: UUID
    product: str
    publisher: str
    metric: str
    used: int
    limit: int | None

    @property
    def in_use(self) -> int:
        """Seats held within the limit."""
        return self.used if self.limit is None else min(self.used, self.limit)

    @property
    def free(self) -> int:
        """Seats that may still be taken; 0 where there is no limit, since no number would be true."""
        return 0 if self.limit is None else max(self.limit - self.used, 0)

    @property
    def over(self) -> int:
        """Seats held beyond the limit."""
        return 0 if self.limit is None else max(self.used - self.limit, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductUse:
    """All pools of one product that count in the same metric. `limit` is the sum of those that have one and None when
    none has; `unlimited` is the use measured in the others."""

    product_id: UUID
    product: str
    publisher: str
    metric: str
    pools: int
    in_use: int
    free: int
    over: int
    limit: int | None
    unlimited: int

    @property
    def used(self) -> int:
        """Seats held in pools with a limit."""
        return self.in_use + self.over

    @property
    def held(self) -> int:
        """Seats held in all pools."""
        return self.used + self.unlimited

    @property
    def utilisation(self) -> float | None:
        """Seats held over the limit, more than 1 when beyond it; None without a limit. A limit of 0 is full when seats
        are held."""
        if self.limit is None:
            return None
        return self.used / self.limit if self.limit else float(self.used > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums over pools with a limit; `unlimited_pools` counts the others."""

    in_use: int
    free: int
    over: int
    limit: int
    unlimited_pools: int

    @property
    def used(self) -> int:
        return self.in_use + self.over


def by_product(pools: Iterable[PoolUse]) -> tuple[ProductUse, ...]:
    """One row for each product and metric: those beyond their limit first, then the fullest, then by name."""
    grouped: dict[tuple[UUID, str], list[PoolUse]] = defaultdict(list)
    for pool in pools:
        grouped[pool.product_id, pool.metric].append(pool)
    rows = [_of_one(group) for group in grouped.values()]
    return tuple(sorted(rows, key=lambda row: (-row.over, -(row.utilisation or 0), row.product, row.metric)))


def totals(pools: Iterable[PoolUse]) -> Totals:
    rows = list(pools)
    limited = [pool for pool in rows if pool.limit is not None]
    return Totals(
        in_use=sum(pool.in_use for pool in limited),
        free=sum(pool.free for pool in limited),
        over=sum(pool.over for pool in limited),
        limit=sum(pool.limit or 0 for pool in limited),
        unlimited_pools=len(rows) - len(limited),
    )


def _of_one(pools: list[PoolUse]) -> ProductUse:
    limited = [pool for pool in pools if pool.limit is not None]
    return ProductUse(
        product_id=pools[0].product_id,
        product=pools[0].product,
        publisher=pools[0].publisher,
        metric=pools[0].metric,
        pools=len(pools),
        in_use=sum(pool.in_use for pool in limited),
        free=sum(pool.free for pool in limited),
        over=sum(pool.over for pool in limited),
        limit=sum(pool.limit or 0 for pool in limited) if limited else None,
        unlimited=sum(pool.used for pool in pools if pool.limit is None),
    )
