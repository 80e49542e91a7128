"""A seat passes from one holder to another: one transaction, no moment in which anybody else could take it."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from identity.models import Device, Person
from kernel.errors import Conflict, InvalidInput, Refusal
from kernel.trail import Personal, Trail
from seats.models import Assignment, AssignmentSource, SeatPool
from seats.operations.admission import CapacityExceeded, NotEligible, full, key_of
from seats.operations.holders import Holders, SeatRequest, mistake_in, read_holders
from seats.operations.pools import locked_pool
from seats.operations.releasing import AssignmentNotFound
from seats.operations.standing_of_holders import Standing, standing_of
from seats.queries import facts_of, idle_seats, planned_ends
from seats.rules.capacity import admits
from seats.rules.shares import drawn, undrawn_for_others


class SeatReleased(Conflict):
    """The seat is held no longer, so nothing of it can pass to somebody else."""

    code = "SEAT_RELEASED"


class HolderHasSeat(Conflict):
    """The new holder has a seat of this pool already, or is the one who has this one."""

    code = "HOLDER_HAS_SEAT"


class TransferReasonRequired(InvalidInput):
    """A seat passes on with a reason, which stays on record with both holders."""

    code = "TRANSFER_REASON_REQUIRED"


@dataclass(frozen=True)
class _Move:
    """A seat and who gets it, as read after the locks."""

    seat: Assignment
    pool: SeatPool
    wanted: SeatRequest
    giver: SeatRequest
    holders: Holders
    standing: Standing
    now: datetime


def transfer(
    *,
    assignment: Assignment,
    reason: str,
    trail: Trail,
    person: Person | None = None,
    device: Device | None = None,
    external_holder: str = "",
    source: str = AssignmentSource.ADMIN,
) -> Assignment:
    """Ends the seat and gives the same quantity, with the same planned end, to exactly one other holder; `used` stays
    the same. Returns the new seat.

    Raises TransferReasonRequired, AssignmentNotFound, SeatReleased, HolderHasSeat, what `assign` raises about a holder,
    NotEligible, and CapacityExceeded when the seat drew a reservation that the new holder does not draw.
    """
    if not reason.strip():
        raise TransferReasonRequired(_("Say why the seat passes on."), pointer="/reason")
    move = _read(assignment, person, device, external_holder, reason, trail)
    refusal = _refusal(move)
    if refusal is not None:
        raise refusal
    return _carry_out(move, source=source, trail=trail)


def _read(
    named: Assignment, person: Person | None, device: Device | None, external_holder: str, reason: str, trail: Trail
) -> _Move:
    """Locks people, devices, the pool and the seat, in the order of all operations."""
    known = Assignment.objects.select_related("person", "device").filter(id=named.id).first()
    if known is None:
        raise AssignmentNotFound(_("There is no such seat in your organisation."))
    wanted = SeatRequest(
        person=person, device=device, external_holder=external_holder, quantity=known.quantity, reason=reason
    )
    giver = SeatRequest(person=known.person, device=known.device, external_holder=known.external_holder)
    holders = read_holders([wanted, giver], lock=True)
    pool = locked_pool(known.pool_id)
    seat = Assignment.objects.select_for_update(no_key=True).get(id=known.id)
    return _Move(seat, pool, wanted, giver, holders, standing_of([pool], [wanted, giver], holders), trail.clock.now())


def _refusal(move: _Move) -> Refusal | None:
    if not move.seat.is_live:
        return SeatReleased(_("The seat was released; assign another one."))
    refusal = mistake_in(move.wanted, at=move.now) or move.holders.refusal(move.wanted)
    if refusal is not None:
        return refusal
    if _has_seat(move):
        return HolderHasSeat(_("The new holder has a seat of this pool already."), pointer="/person")
    if not move.standing.may_use(move.pool, move.wanted.key):
        return NotEligible(
            _("%(pool)s is for some people alone, and this holder is none of them.") % {"pool": move.pool.name},
            pointer="/person",
            subject=move.pool,
        )
    return _broken_promise(move)


def _has_seat(move: _Move) -> bool:
    kind, name = move.wanted.key
    column = {"person": "person_id", "device": "device_id", "external": "external_holder_lower"}[kind]
    return Assignment.objects.live().filter(pool=move.pool, **{column: name}).exists()


def _broken_promise(move: _Move) -> CapacityExceeded | None:
    """A seat that drew a reservation leaves a gap, which must not fall to somebody else."""
    before, after = move.standing.drawn_by(key_of(move.seat)), move.standing.drawn_by(move.wanted.key)
    if before <= after:
        return None
    quantity = move.seat.quantity
    [(_pool, facts)] = facts_of([move.pool], at=move.now, promises=move.standing.promises)
    promises = drawn(move.standing.promises.get(move.pool.id, ()), mine=before, quantity=-quantity)
    facts = replace(facts, used=facts.used - quantity, reserved=undrawn_for_others(promises, mine=after))
    admission = admits(facts, quantity=quantity, at=move.now, has_reason=True)
    if admission.allowed:
        return None
    facts = replace(facts, planned_ends=planned_ends(move.pool.id, at=move.now))
    return full(
        move.pool,
        capacity=admission.capacity,
        used=move.pool.used,
        free=admission.free,
        requested=quantity,
        next_free_at=admits(facts, quantity=quantity, at=move.now).next_free_at,
        idle=idle_seats(move.pool, at=move.now),
        reserved=facts.reserved,
    )


def _carry_out(move: _Move, *, source: str, trail: Trail) -> Assignment:
    old, words = move.seat, move.wanted.reason.strip()
    old.released_at, old.released_by, old.end_reason = move.now, str(trail.actor.pseudonym), words
    old.save(update_fields=["released_at", "released_by", "end_reason"])
    made = Assignment.objects.create(
        organization_id=old.organization_id,
        pool=move.pool,
        person=move.wanted.person,
        device=move.wanted.device,
        external_holder=move.wanted.external_holder.strip(),
        external_holder_lower=move.wanted.external_holder.strip().lower(),
        quantity=old.quantity,
        since=move.now,
        until=old.until if old.until is not None and old.until > move.now else None,
        source=source,
        reason=words,
        request_id=None,
        over_limit=old.over_limit,
        created_at=move.now,
    )
    _record("seat.passed_on", old, made, words, trail)
    _record("seat.taken_over", made, old, words, trail)
    return made


def _record(kind: str, row: Assignment, other: Assignment, words: str, trail: Trail) -> None:
    """One line for each of the two holders, each naming the other's seat."""
    about = row.person.pseudonym if row.person else row.id
    trail.record(
        kind,
        subject=row,
        details={
            "pool": str(row.pool_id),
            "person": str(row.person.pseudonym) if row.person else None,
            "device": str(row.device_id) if row.device_id else None,
            "quantity": row.quantity,
            "other": str(other.id),
        },
        personal={"reason": Personal(about, words)},
    )
