"""Floating seats: who gets the next free one, for how long, and how long the others will wait.

Pure: the operation reads the facts under the pool's lock, these functions decide, the operation writes.

    free = min(capacity, rights valid now) + overdraft − used       (rules.capacity; None: any number)
    a seat kept for a department or group and not yet drawn is free for those who belong to it alone
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

USUAL_PRIORITY = 5
BEATS = 3
"""A heartbeat is due after a third of a lease."""


class LeaseState(StrEnum):
    """waiting → offered → active → one of the four ends; each live state may end directly as well."""

    WAITING = "waiting"
    OFFERED = "offered"
    ACTIVE = "active"
    RELEASED = "released"
    EXPIRED = "expired"
    REVOKED = "revoked"
    RECLAIMED = "reclaimed"


HELD = frozenset({LeaseState.OFFERED, LeaseState.ACTIVE})
LIVE = HELD | {LeaseState.WAITING}


class Holding(StrEnum):
    """Whether each session takes a seat of its own, or each user one for all sessions."""

    HOLDER = "holder"
    USER = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTerms:
    """How floating seats of a pool are handed out; the defaults are the usual ones. Raises ValueError for lengths below
    a second, and for more than seven days of borrowing."""

    lease_seconds: int = 600
    grace_beats: int = 1
    offer_seconds: int = 30
    queues: bool = True
    holding: Holding = Holding.HOLDER
    borrow_days: int = 0
    low_water_percent: int = 20

    def __post_init__(self) -> None:
        if min(self.lease_seconds // BEATS, self.offer_seconds) < 1 or self.grace_beats < 0:
            raise ValueError("a lease and an offer have a length")
        if not 0 <= self.borrow_days <= 7 or not 0 <= self.low_water_percent <= 100:
            raise ValueError("seats are borrowed for at most seven days, and at most all of them are kept")

    @property
    def beat(self) -> timedelta:
        """How often a client has to be heard of."""
        return timedelta(seconds=self.lease_seconds // BEATS)

    @property
    def silence(self) -> timedelta:
        """The longest silence after which a lease is still alive: its length, and the beats of grace."""
        return timedelta(seconds=self.lease_seconds) + self.grace_beats * self.beat

    @property
    def offer(self) -> timedelta:
        return timedelta(seconds=self.offer_seconds)

    @property
    def poll(self) -> timedelta:
        """How often somebody who waits asks again: twice within an offer, so that none is missed."""
        return max(self.offer / 2, timedelta(seconds=1))

    @property
    def patience(self) -> timedelta:
        """After how long without a question a place in the queue is nobody's."""
        return 4 * self.poll

    @property
    def longest_borrowing(self) -> timedelta:
        return timedelta(days=self.borrow_days)


USUAL = LeaseTerms()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Somebody who wants seats: from the queue (with its ticket), or new. `groups` are the keys of the reservations
    that the one may draw on."""

    id: UUID | None = None
    priority: int = USUAL_PRIORITY
    ticket: int | None = None
    quantity: int = 1
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Seats:
    """What is free of a pool: `free` None where any number is, negative where too many are held; `kept` are undrawn
    reservations by their key, which `free` still contains."""

    free: int | None
    kept: Mapping[str, int] = field(default_factory=dict)

    def own(self, wish: Wish) -> int:
        """Seats that are kept for this one."""
        return sum(number for key, number in self.kept.items() if key in wish.groups)

    def within_reach(self, wish: Wish) -> int | None:
        """Seats that this one may take: what is kept for others is not among them."""
        if self.free is None:
            return None
        return self.free - sum(number for key, number in self.kept.items() if key not in wish.groups)

    def after(self, wish: Wish) -> "Seats":
        """What is left when this one has taken its seats, those that were kept for it first."""
        kept, wanted = dict(self.kept), wish.quantity
        for key in sorted(set(kept) & wish.groups):
            drawn = min(kept[key], wanted)
            kept[key], wanted = kept[key] - drawn, wanted - drawn
        return Seats(None if self.free is None else self.free - wish.quantity, kept)


def in_order(queue: Iterable[Wish]) -> list[Wish]:
    """By priority, 1 first, and within one priority by ticket."""
    return sorted(queue, key=lambda one: (one.priority, one.ticket or 0))


def fits(seats: Seats, wish: Wish, *, ahead: bool) -> bool:
    """Whether the wish can be granted now. `ahead`: somebody before it waits for seats that are not there; then it may
    take nothing but what is kept for it, which the other could not take."""
    reach = seats.within_reach(wish)
    if reach is None:
        return True
    if ahead:
        return wish.quantity <= min(reach, seats.own(wish))
    return wish.quantity <= reach


def promote(seats: Seats, queue: Iterable[Wish]) -> tuple[list[Wish], Seats]:
    """Who is offered seats now, in order, and what is free afterwards. Nobody passes another of the queue, except onto
    seats that are kept for the one and not for the other."""
    offered: list[Wish] = []
    blocked = False
    for wish in in_order(queue):
        if fits(seats, wish, ahead=blocked):
            offered.append(wish)
            seats = seats.after(wish)
        else:
            blocked = True
    return offered, seats


def is_behind(wish: Wish, queue: Iterable[Wish]) -> bool:
    """Whether a newcomer comes after somebody who waits already."""
    return any(one.priority <= wish.priority for one in queue)


def position_of(wish: Wish, queue: Iterable[Wish]) -> int:
    """1 for the next one."""
    mine = (wish.priority, wish.ticket or 0)
    return 1 + sum((one.priority, one.ticket or 0) < mine for one in queue)


def estimated_wait(*, position: int, seats: int, usual_hold: timedelta | None) -> timedelta | None:
    """How long the one at this position will probably wait: seats that are each held for `usual_hold` become free
    evenly spread over that time. None where nothing is known of holds, or there are no seats."""
    if usual_hold is None or seats < 1 or usual_hold <= timedelta(0):
        return None
    return usual_hold * position / seats


def usual_hold(holds: Sequence[timedelta]) -> timedelta | None:
    """The median of how long seats were held; None where none was."""
    return sorted(holds)[len(holds) // 2] if holds else None


def may_be_lent(*, limit: int | None, low_water_percent: int) -> int | None:
    """How many seats may be lent at once, so that the share that is kept is always there for others; None: any."""
    if limit is None:
        return None
    return max(limit - math.ceil(limit * low_water_percent / 100), 0)


def best_priority(priorities: Collection[int]) -> int:
    """The best of those that hold for one, or the usual."""
    return min(priorities, default=USUAL_PRIORITY)


@dataclass(frozen=True, slots=True)
class Session:
    """Seats that were held from `start` up to, not at, `end`."""

    start: datetime
    end: datetime
    quantity: int = 1


def peaks(sessions: Iterable[Session], *, edges: Sequence[datetime]) -> list[int]:
    """The most seats that were held at one moment within each span between two neighbouring edges (ascending).

    A session that ends when another begins did not overlap with it.
    """
    changes = sorted(
        change
        for one in sessions
        if one.end > one.start
        for change in ((one.start, 1, one.quantity), (one.end, 0, -one.quantity))
    )
    found: list[int] = []
    held = position = 0
    for start, end in pairwise(edges):
        while position < len(changes) and changes[position][0] <= start:
            held += changes[position][2]
            position += 1
        most = held
        while position < len(changes) and changes[position][0] < end:
            held += changes[position][2]
            most = max(most, held)
            position += 1
        found.append(most)
    return found
