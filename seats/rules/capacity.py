"""How many seats a pool may hold, and whether one more fits. The only place that knows this arithmetic.

A pool draws its rights from sources (entitlements, licences), each valid for a period. Capacity is the sum of all of
them or what an administrator set; it does not shrink when a source lapses, which is why the rights that are valid now
are read under the pool's lock:

    ceiling = min(capacity, rights valid now) + overdraft − undrawn reservations of others (seats.rules.shares)

An unlimited pool has no number, but still needs one valid source if it has sources at all.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from licensing.rules.terms import Period


class AdmissionCode(StrEnum):
    """Why a seat is given or refused. These codes are a contract: they stand in every surface's answer."""

    ADMITTED = "ADMITTED"
    CAPACITY_EXCEEDED = "CAPACITY_EXCEEDED"
    REASON_REQUIRED = "REASON_REQUIRED"


@dataclass(frozen=True, slots=True)
class Right:
    """The rights of one source of a pool: this many (0 or more), during this period."""

    quantity: int
    period: Period

    def __post_init__(self) -> None:
        _at_least(0, quantity=self.quantity)


@dataclass(frozen=True, slots=True)
class PlannedEnd:
    """Seats that are known to become free: a temporary assignment or a lease, and the moment at which it ends."""

    quantity: int
    at: datetime

    def __post_init__(self) -> None:
        _at_least(1, quantity=self.quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolFacts:
    """One pool, as read under its lock.

    `capacity` is None exactly when the pool is unlimited. `used` are the quantities of held assignments and of active
    and offered leases. `reserved` are seats kept for others than the one who asks, and not yet drawn.
    `pending_capacity` is a lower capacity that waits for the use to fall: no seat beyond it is given. `planned_ends`
    serve only to tell when to come back. Raises ValueError for negative numbers, and for both or neither of `capacity`
    and `unlimited`.
    """

    capacity: int | None
    used: int
    rights: tuple[Right, ...]
    unlimited: bool = False
    hard_limit: bool = True
    overdraft: int = 0
    reserved: int = 0
    pending_capacity: int | None = None
    planned_ends: tuple[PlannedEnd, ...] = ()

    def __post_init__(self) -> None:
        if self.unlimited != (self.capacity is None):
            raise ValueError("a pool is either unlimited or has a capacity")
        _at_least(0, capacity=self.capacity or 0, used=self.used, overdraft=self.overdraft, reserved=self.reserved)


@dataclass(frozen=True, slots=True)
class Admission:
    """The answer to "may this many more seats be taken?".

    `capacity` is what is covered now: the smaller of the pool's capacity and its valid rights. `free` is what may still
    be taken, overdraft included and reservations left out. Both are None in an unlimited pool that is covered.
    `next_free_at` is when the refused quantity will fit, as far as known today. `over_limit`: admitted although nothing
    was free, because the pool is soft; such a seat is flagged and reported.
    """

    allowed: bool
    code: AdmissionCode
    capacity: int | None
    used: int
    free: int | None
    next_free_at: datetime | None
    over_limit: bool


def rights_valid_at(rights: Iterable[Right], at: datetime) -> int:
    """The sum of the rights whose period holds at `at`."""
    return sum(right.quantity for right in rights if right.period.holds_at(at))


def is_backed_at(pool: PoolFacts, at: datetime) -> bool:
    """Whether anything at all backs the seats of the pool at `at`: a valid right, or the word of an administrator."""
    if pool.unlimited:
        return covered_at(pool, at) is None
    return rights_valid_at(pool.rights, at) > 0


def covered_at(pool: PoolFacts, at: datetime) -> int | None:
    """The seats that capacity and valid rights cover at `at`; None when an unlimited pool covers any number.

    An unlimited pool whose sources have all lapsed covers none. One that never had a source is unlimited by its
    administrator's word: software that needs no right.
    """
    if pool.capacity is not None:
        return min(pool.capacity, rights_valid_at(pool.rights, at))
    any_valid = any(right.period.holds_at(at) for right in pool.rights)
    return None if any_valid or not pool.rights else 0


def ceiling_at(pool: PoolFacts, at: datetime) -> int | None:
    """The most seats that may be held at `at`: what is covered, and the overdraft; None when there is no number."""
    covered = covered_at(pool, at)
    return None if covered is None else covered + pool.overdraft


def free_at(pool: PoolFacts, at: datetime) -> int | None:
    """Seats that may still be taken at `at`; never negative, None when any number may."""
    free = _free_at(pool, at)
    return None if free is None else max(free, 0)


def admits(pool: PoolFacts, *, quantity: int, at: datetime, has_reason: bool = False) -> Admission:
    """Whether `quantity` more seats may be taken at `at`.

    A hard pool refuses beyond its ceiling (CAPACITY_EXCEEDED). A soft pool admits more when a reason is given, and asks
    for one otherwise (REASON_REQUIRED). Raises ValueError for a quantity below 1.
    """
    _at_least(1, quantity=quantity)
    free = _free_at(pool, at)
    fits = free is None or quantity <= free
    allowed = fits or (not pool.hard_limit and has_reason)
    return Admission(
        allowed=allowed,
        code=_code(pool, allowed=allowed),
        capacity=_offered_at(pool, at),
        used=pool.used,
        free=None if free is None else max(free, 0),
        next_free_at=None if allowed else _next_free_at(pool, quantity, at),
        over_limit=allowed and not fits,
    )


def _free_at(pool: PoolFacts, at: datetime, *, ended: int = 0) -> int | None:
    """Seats that may be taken at `at` when `ended` of those held today have ended; negative when too many are held."""
    offered = _offered_at(pool, at)
    return None if offered is None else offered + pool.overdraft - pool.reserved - (pool.used - ended)


def _offered_at(pool: PoolFacts, at: datetime) -> int | None:
    """What is covered, or the pending capacity where that is less: nobody is given a seat that is to go."""
    covered = covered_at(pool, at)
    if pool.pending_capacity is None:
        return covered
    return pool.pending_capacity if covered is None else min(covered, pool.pending_capacity)


def _code(pool: PoolFacts, *, allowed: bool) -> AdmissionCode:
    if allowed:
        return AdmissionCode.ADMITTED
    return AdmissionCode.CAPACITY_EXCEEDED if pool.hard_limit else AdmissionCode.REASON_REQUIRED


def _next_free_at(pool: PoolFacts, quantity: int, at: datetime) -> datetime | None:
    """The first known moment after `at` at which the quantity fits, if nothing but what is planned happens."""
    ending: Counter[datetime] = Counter()
    for end in pool.planned_ends:
        ending[end.at] += end.quantity
    begins = {right.period.start for right in pool.rights if right.period.start is not None}
    ended = 0
    for moment in sorted(moment for moment in begins | ending.keys() if moment > at):
        ended += ending[moment]
        free = _free_at(pool, moment, ended=ended)
        if free is None or quantity <= free:
            return moment
    return None


def _at_least(least: int, **numbers: int) -> None:
    for name, number in numbers.items():
        if number < least:
            raise ValueError(f"{name} is at least {least}")
