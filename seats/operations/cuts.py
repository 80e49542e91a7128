"""A capacity that is to fall below what is held: it waits, says who would lose a seat, and nobody loses one before
somebody confirmed exactly that list."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from kernel.errors import Conflict, InvalidInput
from kernel.trail import Personal, Trail
from seats.models import Assignment, SeatPool
from seats.operations.limits import CUT_COLUMNS, check_number, check_reserved, forget_cut, settle_cuts
from seats.operations.pools import locked_pool
from seats.operations.releasing import release_many
from seats.queries import seats_by_age
from seats.rules.shares import HeldSeat, losing


class CutIsNone(Conflict):
    """The new capacity is not below the present one."""

    code = "CUT_NOT_LOWER"


class CutNotPending(Conflict):
    """No cut of this pool waits."""

    code = "CUT_NOT_PENDING"


class CutChanged(Conflict):
    """Others would lose a seat by now than those who were confirmed; look again."""

    code = "CUT_CHANGED"


class CutReasonRequired(InvalidInput):
    """A cut needs a reason, which stays on record."""

    code = "CUT_REASON_REQUIRED"


@dataclass(frozen=True)
class Cut:
    """A cut that waits: `losers` are the seats that would be taken, the one given last first, `excess` the units that
    are held beyond the pending limit."""

    pool: SeatPool
    excess: int
    losers: tuple[Assignment, ...]


def plan_cut(*, pool: SeatPool, capacity: int, reason: str, trail: Trail) -> SeatPool:
    """Lets a lower capacity wait: no seat beyond it is given from now on, and it becomes the capacity at once where
    nobody would lose a seat, else when the use has fallen to it or the list is confirmed. A second plan replaces the
    first. Raises CutReasonRequired, CapacityInvalid, CutIsNone, CapacityBelowReserved and PoolNotFound."""
    if not reason.strip():
        raise CutReasonRequired(_("Say why the capacity is cut."), pointer="/reason")
    check_number(capacity, pointer="/capacity")
    row = locked_pool(pool.id)
    if row.capacity is not None and capacity >= row.capacity:
        raise CutIsNone(
            _("The capacity is %(capacity)d: a cut goes below that.") % {"capacity": row.capacity}, pointer="/capacity"
        )
    check_reserved(row, capacity)
    row.pending_capacity, row.pending_since = capacity, trail.clock.now()
    row.pending_by, row.pending_reason = str(trail.actor.pseudonym), reason.strip()
    row.save(update_fields=[*CUT_COLUMNS])
    trail.record(
        "pool.cut_planned",
        subject=row,
        details={"before": row.capacity, "after": capacity, "used": row.used},
        personal={"reason": Personal(row.id, row.pending_reason)},
    )
    settle_cuts(pools=[row], trail=trail)
    return row


def cut_of(pool: SeatPool) -> Cut | None:
    """Who would lose a seat if the cut of the pool were confirmed now; None when none waits. Reads without locks."""
    row = SeatPool.objects.filter(id=pool.id, pending_capacity__isnull=False).first()
    return None if row is None else _cut(row)


def _cut(row: SeatPool) -> Cut:
    excess = max(row.used - (row.pending_capacity or 0) - row.overdraft, 0)
    # The excess in units is at least as many as the seats that make it up.
    newest = {seat.id: seat for seat in seats_by_age(row.id)[:excess]}
    chosen = losing([HeldSeat(seat.id, seat.quantity) for seat in newest.values()], excess=excess)
    return Cut(row, excess, tuple(newest[one] for one in chosen))


def confirm_cut(*, pool: SeatPool, losers: Collection[UUID], trail: Trail) -> list[Assignment]:
    """Takes the seats of the list that was shown, and exactly these, and makes the pending capacity the capacity. What
    other things than assignments hold ends by itself: until then the cut goes on waiting.

    Raises CutNotPending, CutChanged and PoolNotFound.
    """
    row = _waiting(pool)
    cut = _cut(row)
    if {seat.id for seat in cut.losers} != set(losers):
        raise CutChanged(_("Others would lose a seat by now. Look at the list again."), pointer="/losers")
    reason = _("The capacity was cut: %(reason)s") % {"reason": row.pending_reason}
    if cut.losers:
        return release_many(assignments=cut.losers, reason=reason, trail=trail)
    settle_cuts(pools=[row], trail=trail)
    return []


def cancel_cut(*, pool: SeatPool, trail: Trail) -> SeatPool:
    """The capacity stays as it is. Raises CutNotPending and PoolNotFound."""
    row = _waiting(pool)
    planned = row.pending_capacity
    forget_cut(row)
    row.save(update_fields=[*CUT_COLUMNS])
    trail.record("pool.cut_cancelled", subject=row, details={"capacity": row.capacity, "planned": planned})
    return row


def _waiting(pool: SeatPool) -> SeatPool:
    row = locked_pool(pool.id)
    if row.pending_capacity is None:
        raise CutNotPending(_("No cut of this pool waits."))
    return row
