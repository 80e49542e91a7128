"""Assigning seats: the one path by which a seat is given, whoever asks (form, admin, REST, import, rule).

Order of locks: people, devices, pool, ledger head. Everything that decides is read after the pool's lock: the clock,
the rights, what is used, and who holds a seat already. The constraint seats_pool_within_capacity stands behind it: it
would surface as an error, since only a mistake in this module can break it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from identity.models import Device, Person
from kernel.errors import Refusal
from kernel.trail import Personal, Trail
from seats.models import Assignment, AssignmentSource, SeatPool
from seats.operations.admission import Book, Verdict, judge, read_book, refusal_of_all
from seats.operations.holders import SeatRequest, read_holders
from seats.operations.pools import PoolNotFound, locked_pools
from seats.operations.standing_of_holders import standing_of
from seats.queries import facts_of
from seats.rules.capacity import admits


@dataclass(frozen=True)
class Placed:
    """One request with its seat. `is_new` false: the holder had the seat already, and no second one was taken."""

    request: SeatRequest
    assignment: Assignment
    is_new: bool


@dataclass(frozen=True)
class LeftOut:
    """One request that got no seat, and why."""

    request: SeatRequest
    refusal: Refusal


@dataclass(frozen=True)
class Placement:
    """What became of several requests; each stands in one of the two, in the order asked."""

    placed: tuple[Placed, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class Preview:
    """What assigning would do at this moment. `capacity` and the free seats are None where there is no limit."""

    new: tuple[SeatRequest, ...]
    held: tuple[SeatRequest, ...]
    left_out: tuple[LeftOut, ...]
    capacity: int | None
    used_before: int
    used_after: int
    free_before: int | None
    free_after: int | None


def assign(
    *,
    pool: SeatPool,
    trail: Trail,
    person: Person | None = None,
    device: Device | None = None,
    external_holder: str = "",
    quantity: int = 1,
    reason: str = "",
    source: str = AssignmentSource.ADMIN,
    since: datetime | None = None,
    until: datetime | None = None,
    request_id: UUID | None = None,
) -> Assignment:
    """Gives a seat; a holder who has one of the pool keeps it and takes no second.

    Raises CapacityExceeded, NotEligible, PersonInactive, DeviceRetired, ReasonRequired, QuantityDiffers, HolderUnclear,
    HolderNotFound, QuantityInvalid, SeatTermInvalid and PoolNotFound.
    """
    wanted = SeatRequest(
        person=person,
        device=device,
        external_holder=external_holder,
        quantity=quantity,
        since=since,
        until=until,
        reason=reason,
    )
    placement = assign_many(pool=pool, requests=[wanted], source=source, request_id=request_id, trail=trail)
    return placement.placed[0].assignment


def assign_many(
    *,
    pool: SeatPool,
    requests: Sequence[SeatRequest],
    trail: Trail,
    source: str = AssignmentSource.ADMIN,
    request_id: UUID | None = None,
    partial: bool = False,
) -> Placement:
    """Gives seats of one pool under one lock: all of them or, with `partial`, those that fit in the order asked, and
    says who was left out and why. Raises what `assign` raises; with `partial` PoolNotFound alone."""
    placements = assign_in_pools(
        requests={pool.id: requests}, source=source, request_id=request_id, partial=partial, trail=trail
    )
    return placements[pool.id]


def assign_in_pools(
    *,
    requests: Mapping[UUID, Sequence[SeatRequest]],
    trail: Trail,
    source: str = AssignmentSource.ADMIN,
    request_id: UUID | None = None,
    partial: bool = False,
) -> dict[UUID, Placement]:
    """What assign_many does, for several pools by their ids: every holder is locked before the first pool, and the
    pools by ascending id, so that two such calls and a departure never wait for each other in a circle."""
    everything = [one for wanted in requests.values() for one in wanted]
    holders = read_holders(everything, lock=True)
    pools = locked_pools(requests)
    now = trail.clock.now()
    standing = standing_of(pools, everything, holders)
    placements = {}
    for pool, facts in facts_of(pools, at=now, promises=standing.promises):
        book = read_book(pool, facts, requests[pool.id], holders, now, standing)
        verdicts = judge(book, requests[pool.id], source=source, request_id=request_id)
        placements[pool.id] = _carry_out(
            book, verdicts, source=source, request_id=request_id, partial=partial, trail=trail
        )
    return placements


def _carry_out(
    book: Book, verdicts: Sequence[Verdict], *, source: str, request_id: UUID | None, partial: bool, trail: Trail
) -> Placement:
    refused = [LeftOut(verdict.request, verdict.refusal) for verdict in verdicts if verdict.refusal is not None]
    if refused and not partial:
        raise refusal_of_all(book, verdicts)
    placed = _write(book, verdicts, source=source, request_id=request_id, trail=trail)
    if refused:
        codes = sorted({left.refusal.code for left in refused})
        trail.record("seat.refused", subject=book.pool, details={"codes": [*codes], "requests": len(refused)})
    return Placement(placed=placed, left_out=tuple(refused))


def preview_assign_many(
    *, pool: SeatPool, requests: Sequence[SeatRequest], at: datetime, source: str = AssignmentSource.ADMIN
) -> Preview:
    """What assign_many with `partial` would do at `at`, read without locks: an estimate, as others assign too.
    Raises PoolNotFound."""
    row = SeatPool.objects.filter(id=pool.id).first()
    if row is None:
        raise PoolNotFound(_("There is no such pool in your organisation."))
    holders = read_holders(requests, lock=False)
    standing = standing_of([row], requests, holders)
    [(_row, facts)] = facts_of([row], at=at, promises=standing.promises)
    book = read_book(row, facts, requests, holders, at, standing)
    verdicts = judge(book, requests, source=source, request_id=None)
    new = [verdict.request for verdict in verdicts if verdict.refusal is None and not verdict.is_held]
    used_after = book.facts.used + sum(request.quantity for request in new)
    before = admits(book.facts, quantity=1, at=at)
    after = admits(replace(book.facts, used=used_after), quantity=1, at=at)
    return Preview(
        new=tuple(new),
        held=tuple(verdict.request for verdict in verdicts if verdict.is_held and verdict.refusal is None),
        left_out=tuple(LeftOut(verdict.request, verdict.refusal) for verdict in verdicts if verdict.refusal),
        capacity=before.capacity,
        used_before=book.facts.used,
        used_after=used_after,
        free_before=before.free,
        free_after=after.free,
    )


def _write(
    book: Book, verdicts: Sequence[Verdict], *, source: str, request_id: UUID | None, trail: Trail
) -> tuple[Placed, ...]:
    held = dict(book.held)
    placed: list[Placed] = []
    made: list[Assignment] = []
    for verdict in verdicts:
        if verdict.refusal is not None:
            continue
        key = verdict.request.key
        if key not in held:
            held[key] = _new_row(book, verdict, source=source, request_id=request_id)
            made.append(held[key])
        placed.append(Placed(verdict.request, held[key], is_new=not verdict.is_held))
    if made:
        Assignment.objects.bulk_create(made)
        # Counted by the database: were the lock ever missing, the constraint would see the true sum and raise.
        taken = sum(row.quantity for row in made)
        SeatPool.objects.filter(id=book.pool.id).update(used=F("used") + taken)
    for row in made:
        _record(row, trail)
    return tuple(placed)


def _new_row(book: Book, verdict: Verdict, *, source: str, request_id: UUID | None) -> Assignment:
    wanted = verdict.request
    return Assignment(
        organization_id=book.pool.organization_id,
        pool=book.pool,
        person=book.holders.people.get(wanted.person.id) if wanted.person else None,
        device=book.holders.devices.get(wanted.device.id) if wanted.device else None,
        external_holder=wanted.external_holder.strip(),
        external_holder_lower=wanted.external_holder.strip().lower(),
        quantity=wanted.quantity,
        since=wanted.since or book.now,
        until=wanted.until,
        source=source,
        reason=wanted.reason.strip(),
        request_id=request_id,
        over_limit=verdict.over_limit,
        created_at=book.now,
    )


def _record(row: Assignment, trail: Trail) -> None:
    # An external holder has no pseudonym of a directory; the seat's own id stands for the name.
    about = row.person.pseudonym if row.person else row.id
    words = {"reason": row.reason, "external_holder": row.external_holder}
    trail.record(
        "seat.assigned",
        subject=row,
        details={
            "pool": str(row.pool_id),
            "person": str(row.person.pseudonym) if row.person else None,
            "device": str(row.device_id) if row.device_id else None,
            "quantity": row.quantity,
            "since": row.since.isoformat(),
            "until": row.until.isoformat() if row.until else None,
            "source": str(row.source),
            "request": str(row.request_id) if row.request_id else None,
            "over_limit": row.over_limit,
        },
        personal={name: Personal(about, value) for name, value in words.items() if value},
    )
