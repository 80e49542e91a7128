"""How many seats of a pool may be given out: capacity, overdraft, and whether the limit is hard."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from kernel.errors import Conflict, InvalidInput
from kernel.trail import Trail
from seats.models import SeatPool
from seats.operations.pools import locked_pool
from seats.queries import most_rights


class CapacityBelowUse(Conflict):
    """More seats are held than the new limit allows; release some first, or let the cut wait. Nothing is freed
    silently."""

    code = "CAPACITY_BELOW_USE"


class CapacityBelowReserved(Conflict):
    """More seats are reserved for departments and groups than the new capacity has."""

    code = "CAPACITY_BELOW_RESERVED"


class CapacityAboveRights(Conflict):
    """The rights that feed the pool do not allow so many seats."""

    code = "CAPACITY_ABOVE_RIGHTS"


class CapacityInvalid(InvalidInput):
    """A capacity and an overdraft are whole numbers from 0."""

    code = "CAPACITY_INVALID"


def set_limits(
    *,
    pool: SeatPool,
    trail: Trail,
    capacity: int | None = None,
    overdraft: int | None = None,
    hard_limit: bool | None = None,
) -> SeatPool:
    """Sets how many seats may be given out, at most what the sources allow; what is None stays, the same figures again
    change nothing. A capacity ends a cut that waits.

    Raises CapacityInvalid, CapacityBelowUse, CapacityBelowReserved, CapacityAboveRights and PoolNotFound.
    """
    check_number(capacity, pointer="/capacity")
    check_number(overdraft, pointer="/overdraft")
    row = locked_pool(pool.id)
    before, before_use = _limits_of(row), _allowed(row)
    if capacity is not None and capacity != row.capacity:
        check_reserved(row, capacity)
        _check_rights(row, capacity, trail)
        row.capacity, row.unlimited = capacity, False
    row.overdraft = row.overdraft if overdraft is None else overdraft
    row.hard_limit = row.hard_limit if hard_limit is None else hard_limit
    after, is_answered = _limits_of(row), capacity is not None and row.pending_capacity is not None
    if after == before and not is_answered:
        return row
    _check_use(row, before_use, becomes_hard=row.hard_limit and not before["hard_limit"])
    if is_answered:
        forget_cut(row)
    row.save(update_fields=["capacity", "unlimited", "overdraft", "hard_limit", *CUT_COLUMNS])
    if after["capacity"] != before["capacity"]:
        details = {"before": before["capacity"], "after": after["capacity"], "used": row.used}
        trail.record("pool.capacity_changed", subject=row, details=details)
    if (after["overdraft"], after["hard_limit"]) != (before["overdraft"], before["hard_limit"]):
        trail.record("pool.limits_changed", subject=row, details={"before": {**before}, "after": {**after}})
    return row


def _limits_of(row: SeatPool) -> dict[str, int | bool | None]:
    return {"capacity": row.capacity, "overdraft": row.overdraft, "hard_limit": row.hard_limit}


def _allowed(row: SeatPool) -> int | None:
    return row.limit


def check_number(value: int | None, *, pointer: str) -> None:
    """Raises CapacityInvalid for a number below 0."""
    if value is not None and value < 0:
        raise CapacityInvalid(_("A number of seats is a whole number from 0."), pointer=pointer)


def check_reserved(row: SeatPool, capacity: int) -> None:
    """Raises CapacityBelowReserved where the reservations no longer fit."""
    if capacity < row.reserved:
        raise CapacityBelowReserved(
            _("%(reserved)d seats are reserved. End a reservation before the capacity goes below that.")
            % {"reserved": row.reserved},
            pointer="/capacity",
            details={"reserved": row.reserved},
        )


def _check_use(row: SeatPool, limit_before: int | None, *, becomes_hard: bool) -> None:
    """A limit that falls below what is held would free seats silently or break the promise of a hard pool."""
    is_lower = row.limit is not None and (limit_before is None or row.limit < limit_before)
    if row.limit is not None and row.used > row.limit and (is_lower or becomes_hard):
        raise CapacityBelowUse(
            _("%(used)d seats are in use. Release some before the limit goes below that, or let the cut wait.")
            % {"used": row.used},
            pointer="/capacity",
            details={"used": row.used, "overdraft": row.overdraft},
        )


def _check_rights(row: SeatPool, capacity: int, trail: Trail) -> None:
    if row.capacity is None or capacity < row.capacity:
        return
    rights = most_rights(row, at=trail.clock.now())
    if rights is not None and capacity > rights:
        raise CapacityAboveRights(
            _("The rights that feed this pool allow %(rights)d seats.") % {"rights": rights},
            pointer="/capacity",
            details={"rights": rights},
        )


CUT_COLUMNS = ("pending_capacity", "pending_since", "pending_by", "pending_reason")


def forget_cut(row: SeatPool) -> None:
    """The locked pool no longer waits; the caller saves CUT_COLUMNS."""
    row.pending_capacity, row.pending_since, row.pending_by, row.pending_reason = None, None, "", ""


def settle_cuts(*, pools: Iterable[SeatPool], trail: Trail) -> list[SeatPool]:
    """Makes the pending cut of each of these pools its capacity where the use has fallen to it. Called with their rows
    locked and their `used` as it is after whatever was given back; returns those that were cut."""
    cut = [row for row in pools if _has_fallen(row)]
    for row in cut:
        before, row.capacity, row.unlimited = row.capacity, row.pending_capacity, False
        forget_cut(row)
        row.save(update_fields=["capacity", "unlimited", *CUT_COLUMNS])
        details = {"before": before, "after": row.capacity, "used": row.used}
        trail.record("pool.capacity_changed", subject=row, details=details)
    return cut


def _has_fallen(row: SeatPool) -> bool:
    return row.pending_capacity is not None and row.used <= row.pending_capacity + row.overdraft
