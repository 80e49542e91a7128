"""The effective licence position of a line, and the inventory figures beside it, from rights and use of its pools.

    demand = seats held + use observed without a seat
    demand = used + needed        owned = used + available

Owned means rights in force. An overdraft is a tolerance and no right: it does not count. Each pool stands by itself, so
that a surplus of one never hides a shortfall of another.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Standing(StrEnum):
    """What a recorded right counts for at a moment, in the order in which a reader wants to see them."""

    IN_FORCE = "in_force"
    TO_COME = "to_come"
    ENDED = "ended"
    RENEWED = "renewed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class RightFact:
    """One recorded right. `reference` is its number, `paper` what proves it; `rights` None: for any number.

    In term from `starts_at` up to, not at, `ends_at`. `is_withdrawn`: revoked or suspended. `renewed_from` is the start
    of the later term that takes its place.
    """

    reference: str
    paper: str
    rights: int | None
    starts_at: datetime
    ends_at: datetime | None = None
    is_withdrawn: bool = False
    renewed_from: datetime | None = None

    def standing(self, at: datetime) -> Standing:
        if self.is_withdrawn:
            return Standing.WITHDRAWN
        if at < self.starts_at:
            return Standing.TO_COME
        if self.ends_at is None or at < self.ends_at:
            return Standing.IN_FORCE
        return Standing.RENEWED if self.renewed_from is not None and self.renewed_from <= at else Standing.ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolUse:
    """Rights and use that may be set off against each other. `is_open`: for any number by the word of an administrator;
    that counts only while no right was ever recorded."""

    rights: tuple[RightFact, ...] = ()
    held: int = 0
    observed: int = 0
    is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """`owned` and `available` are None when the line, or a pool of it, is for any number."""

    owned: int | None
    used: int
    needed: int
    available: int | None

    @property
    def unlimited(self) -> bool:
        return self.owned is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """The inventory figures. `owned` counts every right that has begun, lapsed ones included, and each chain of
    renewals once; `valid` those in force; `free` those of them that nobody holds. None: any number."""

    owned: int | None
    valid: int | None
    assigned: int
    free: int | None
    observed: int


def position(pools: tuple[PoolUse, ...], *, at: datetime) -> Position:
    """The position of all pools of a line together."""
    single = [_position(pool, at) for pool in pools]
    return Position(
        owned=_sum(one.owned for one in single),
        used=sum(one.used for one in single),
        needed=sum(one.needed for one in single),
        available=_sum(one.available for one in single),
    )


def holding(pools: tuple[PoolUse, ...], *, at: datetime) -> Holding:
    """The inventory figures of all pools of a line together."""
    free = []
    for pool in pools:
        valid = in_force(pool, at=at)
        free.append(None if valid is None else max(valid - pool.held, 0))
    return Holding(
        owned=_sum(_recorded(pool, at) for pool in pools),
        valid=_sum(in_force(pool, at=at) for pool in pools),
        assigned=sum(pool.held for pool in pools),
        free=_sum(free),
        observed=sum(pool.observed for pool in pools),
    )


def in_force(pool: PoolUse, *, at: datetime) -> int | None:
    """The rights that count at `at`; None: any number."""
    if pool.is_open and not pool.rights:
        return None
    return _sum(right.rights for right in pool.rights if right.standing(at) is Standing.IN_FORCE)


def _recorded(pool: PoolUse, at: datetime) -> int | None:
    if pool.is_open and not pool.rights:
        return None
    counted = {Standing.IN_FORCE, Standing.ENDED}
    return _sum(right.rights for right in pool.rights if right.standing(at) in counted)


def _position(pool: PoolUse, at: datetime) -> Position:
    owned, demand = in_force(pool, at=at), pool.held + pool.observed
    if owned is None:
        return Position(owned=None, used=demand, needed=0, available=None)
    used = min(demand, owned)
    return Position(owned=owned, used=used, needed=demand - used, available=owned - used)


def by_standing(pools: tuple[PoolUse, ...], *, at: datetime) -> Iterator[tuple[Standing, RightFact]]:
    """All rights of a line, those in force first, then by their number."""
    found = [(right.standing(at), right) for pool in pools for right in pool.rights]
    order = list(Standing)
    return iter(sorted(found, key=lambda entry: (order.index(entry[0]), entry[1].reference)))


def _sum(numbers: Iterable[int | None]) -> int | None:
    """The sum; None as soon as one of them is any number."""
    total = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total
