"""Releasing seats."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from django.db.models import Case, F, Value, When
from django.utils.translation import gettext as _

from kernel.errors import InvalidInput, NotFound
from kernel.trail import Personal, Trail
from seats.models import Assignment, SeatPool
from seats.operations.limits import settle_cuts

LEFT = "left the organisation"
"""Why the seats of a leaver are released, as the ledger and the history of a seat have it."""


class AssignmentNotFound(NotFound):
    """There is no such seat in this organisation."""

    code = "ASSIGNMENT_NOT_FOUND"


class ReleaseReasonRequired(InvalidInput):
    """A seat is released with a reason, which stays on record."""

    code = "RELEASE_REASON_REQUIRED"


def release(*, assignment: Assignment, reason: str, trail: Trail) -> Assignment:
    """Frees a seat; one that was released before stays as it was. Raises ReleaseReasonRequired, AssignmentNotFound."""
    return release_many(assignments=[assignment], reason=reason, trail=trail)[0]


def release_many(*, assignments: Sequence[Assignment], reason: str, trail: Trail) -> list[Assignment]:
    """Frees seats of any pools, in the order given; those released before stay as they were.

    Locks the pools first, by ascending id, then the seats; a cut that waited for it is carried out.
    Raises ReleaseReasonRequired and AssignmentNotFound.
    """
    if not reason.strip():
        raise ReleaseReasonRequired(_("Say why the seat is released."), pointer="/reason")
    named = {row.pool_id for row in assignments}
    pools = list(SeatPool.objects.select_for_update(no_key=True).filter(id__in=named).order_by("id"))
    rows = _locked({row.id for row in assignments})
    live = [row for row in rows.values() if row.is_live]
    now, actor = trail.clock.now(), str(trail.actor.pseudonym)
    for row in live:
        row.released_at, row.released_by, row.end_reason = now, actor, reason.strip()
    Assignment.objects.filter(id__in=[row.id for row in live]).update(
        released_at=now, released_by=actor, end_reason=reason.strip()
    )
    freed: Counter[UUID] = Counter()
    for row in live:
        freed[row.pool_id] += row.quantity
        _record(row, trail)
    give_back(freed)
    for pool in pools:
        pool.used -= freed[pool.id]
    settle_cuts(pools=pools, trail=trail)
    return [rows[row.id] for row in assignments]


def give_back(freed: Counter[UUID]) -> None:
    """One statement for all pools: somebody who leaves may hold seats of many."""
    if freed:
        amounts = Case(*(When(id=pool_id, then=Value(quantity)) for pool_id, quantity in sorted(freed.items())))
        SeatPool.objects.filter(id__in=freed).update(used=F("used") - amounts)


def _locked(ids: set[UUID]) -> dict[UUID, Assignment]:
    seats = Assignment.objects.filter(id__in=ids).select_related("person").order_by("id")
    rows = {row.id: row for row in seats.select_for_update(no_key=True, of=("self",))}
    if len(rows) != len(ids):
        raise AssignmentNotFound(_("There is no such seat in your organisation."))
    return rows


def _record(row: Assignment, trail: Trail) -> None:
    about = row.person.pseudonym if row.person else row.id
    trail.record(
        "seat.released",
        subject=row,
        details={
            "pool": str(row.pool_id),
            "person": str(row.person.pseudonym) if row.person else None,
            "device": str(row.device_id) if row.device_id else None,
            "quantity": row.quantity,
        },
        personal={"reason": Personal(about, row.end_reason)},
    )
