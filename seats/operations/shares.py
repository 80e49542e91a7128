"""Reservations and eligibility: set and ended with a reason, under the pool's lock."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from identity.models import DirectoryGroup, OrgUnit, Person
from kernel.errors import Conflict, InvalidInput, JsonValue, NotFound
from kernel.trail import Personal, Trail
from seats.models import Eligibility, Reservation, SeatPool
from seats.operations.pools import locked_pool, locked_pools

GROUP_DELETED = "the group was deleted"


class ReservationNotFound(NotFound):
    """There is no such reservation in this organisation."""

    code = "RESERVATION_NOT_FOUND"


class ReservationInvalid(InvalidInput):
    """A reservation is for one unit or one group, and for at least one seat."""

    code = "RESERVATION_INVALID"


class ReservedBeyondCapacity(Conflict):
    """The reservations of a pool together are at most its capacity; a pool without a number needs none."""

    code = "RESERVED_BEYOND_CAPACITY"


class EligibilityNotFound(NotFound):
    """There is no such eligibility in this organisation."""

    code = "ELIGIBILITY_NOT_FOUND"


class EligibilityInvalid(InvalidInput):
    """Exactly one person or group is eligible by one row."""

    code = "ELIGIBILITY_INVALID"


class ShareReasonRequired(InvalidInput):
    """Who keeps seats for some people, or closes a pool to others, says why."""

    code = "SHARE_REASON_REQUIRED"


def set_reservation(
    *,
    pool: SeatPool,
    quantity: int,
    reason: str,
    trail: Trail,
    unit: OrgUnit | None = None,
    group: DirectoryGroup | None = None,
) -> Reservation:
    """Keeps so many seats of the pool for a unit or a group; one that exists gets the new quantity. Nobody loses a seat
    by it. Raises ShareReasonRequired, ReservationInvalid, ReservedBeyondCapacity and PoolNotFound."""
    words = _reason(reason)
    if (unit is None) == (group is None):
        raise ReservationInvalid(_("Name one unit or one group."), pointer="/unit")
    if quantity < 1:
        raise ReservationInvalid(_("A reservation is for at least one seat."), pointer="/quantity")
    row = locked_pool(pool.id)
    kept = Reservation.objects.filter(pool=row, unit=unit, group=group).first()
    before = kept.quantity if kept else 0
    _check_room(row, row.reserved - before + quantity)
    made = kept or Reservation(organization_id=row.organization_id, pool=row, unit=unit, group=group)
    made.quantity, made.reason = quantity, words
    made.set_at, made.set_by = trail.clock.now(), str(trail.actor.pseudonym)
    made.save()
    _count(row, quantity - before)
    _record("pool.reserved", row, _of(made, before=before, after=quantity), words, trail)
    return made


def end_reservation(*, reservation: Reservation, reason: str, trail: Trail) -> None:
    """Seats that were kept are free for everybody. Raises ShareReasonRequired and ReservationNotFound."""
    words = _reason(reason)
    row = locked_pool(reservation.pool_id)
    kept = Reservation.objects.filter(id=reservation.id).first()
    if kept is None:
        raise ReservationNotFound(_("There is no such reservation in your organisation."))
    _end_reservation(kept, row, words, trail)


def _end_reservation(kept: Reservation, pool: SeatPool, words: str, trail: Trail) -> None:
    details = _of(kept, before=kept.quantity, after=0)
    kept.delete()
    _count(pool, -kept.quantity)
    _record("pool.reserved", pool, details, words, trail)


def _check_room(pool: SeatPool, reserved: int) -> None:
    most = pool.capacity if pool.pending_capacity is None else pool.pending_capacity
    if most is None or reserved > most:
        raise ReservedBeyondCapacity(
            _("Reservations need a pool with a capacity, and together they are at most that."),
            pointer="/quantity",
            details={"capacity": most, "reserved": reserved},
        )


def _count(pool: SeatPool, change: int) -> None:
    pool.reserved += change
    pool.save(update_fields=["reserved"])


def _of(row: Reservation, *, before: int, after: int) -> dict[str, str | int | None]:
    return {
        "unit": str(row.unit_id) if row.unit_id else None,
        "group": str(row.group_id) if row.group_id else None,
        "before": before,
        "after": after,
    }


def restrict_pool(*, pool: SeatPool, restricted: bool, reason: str, trail: Trail) -> SeatPool:
    """Closes the pool to everybody whom no eligibility names, or opens it again. Who holds a seat keeps it.
    Raises ShareReasonRequired and PoolNotFound."""
    words = _reason(reason)
    row = locked_pool(pool.id)
    if row.restricted != restricted:
        row.restricted = restricted
        row.save(update_fields=["restricted"])
        _record("pool.restricted", row, {"restricted": restricted}, words, trail)
    return row


def make_eligible(
    *,
    pool: SeatPool,
    reason: str,
    trail: Trail,
    person: Person | None = None,
    group: DirectoryGroup | None = None,
) -> Eligibility:
    """Lets a person, or everybody in a group, have seats of the pool when it is restricted; who may already stays as
    it is. Raises ShareReasonRequired, EligibilityInvalid and PoolNotFound."""
    words = _reason(reason)
    if (person is None) == (group is None):
        raise EligibilityInvalid(_("Name one person or one group."), pointer="/person")
    row = locked_pool(pool.id)
    kept = Eligibility.objects.filter(pool=row, person=person, group=group).first()
    if kept is not None:
        return kept
    made = Eligibility.objects.create(
        organization_id=row.organization_id,
        pool=row,
        person=person,
        group=group,
        reason=words,
        added_at=trail.clock.now(),
        added_by=str(trail.actor.pseudonym),
    )
    _record("pool.eligibility_changed", row, _named(made, eligible=True), words, trail)
    return made


def end_eligibility(*, eligibility: Eligibility, reason: str, trail: Trail) -> None:
    """Takes the word back; a seat that is held stays held. Raises ShareReasonRequired and EligibilityNotFound."""
    words = _reason(reason)
    row = locked_pool(eligibility.pool_id)
    kept = Eligibility.objects.select_related("person").filter(id=eligibility.id).first()
    if kept is None:
        raise EligibilityNotFound(_("There is no such eligibility in your organisation."))
    _end_eligibility(kept, row, words, trail)


def _end_eligibility(kept: Eligibility, pool: SeatPool, words: str, trail: Trail) -> None:
    details = _named(kept, eligible=False)
    kept.delete()
    _record("pool.eligibility_changed", pool, details, words, trail)


def _named(row: Eligibility, *, eligible: bool) -> dict[str, str | bool | None]:
    return {
        "person": str(row.person.pseudonym) if row.person else None,
        "group": str(row.group_id) if row.group_id else None,
        "eligible": eligible,
    }


def shares_of_group_end(*, group: DirectoryGroup, trail: Trail) -> None:
    """What was kept for a group that is deleted is kept no longer, and who was eligible by it is not. A restricted pool
    stays restricted. Part of identity.ports.GroupDeletion."""
    reserved = list(Reservation.objects.filter(group=group).order_by("id"))
    eligible = list(Eligibility.objects.filter(group=group).order_by("id"))
    named = {row.pool_id for row in reserved} | {row.pool_id for row in eligible}
    pools = {row.id: row for row in locked_pools(named)} if named else {}
    for kept in reserved:
        _end_reservation(kept, pools[kept.pool_id], GROUP_DELETED, trail)
    for row in eligible:
        _end_eligibility(row, pools[row.pool_id], GROUP_DELETED, trail)


def eligibilities_of_merged(*, kept: Person, merged: Person, trail: Trail) -> None:
    """Where the one who disappears was eligible, the one who stays is."""
    for row in Eligibility.objects.filter(person=merged).select_related("pool").order_by("pool_id"):
        make_eligible(pool=row.pool, person=kept, reason=row.reason, trail=trail)


def _reason(reason: str) -> str:
    if not reason.strip():
        raise ShareReasonRequired(_("Say why; it stays on record."), pointer="/reason")
    return reason.strip()


def _record(kind: str, pool: SeatPool, details: Mapping[str, JsonValue], words: str, trail: Trail) -> None:
    trail.record(kind, subject=pool, details={**details}, personal={"reason": Personal(pool.id, words)})
