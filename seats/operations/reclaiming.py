"""Ends of removal candidates, many at once: seats taken back, kept, or left alone because the cause is gone.

Order of locks: pools, seats, candidates, ledger head, each kind by ascending id in one statement. Nothing here costs a
query per row, so that a hundred thousand seats are taken back in a few statements and one ledger entry each.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext as _

from jobs.operations import enqueue_many
from kernel.errors import Conflict, NotFound
from kernel.trail import Trail
from seats.models import Assignment, RemovalCandidate, SeatPool
from seats.operations.releasing import give_back
from seats.rules.candidates import Happening, State, next_state

SEAT_NOTICE: Final = "email.seat_notice"
"""The outbox channel of what holders hear about their seats; seats.notices delivers it."""
BATCH: Final = 5_000
END_REASONS: Final[Mapping[Happening, str]] = {
    Happening.GIVEN_BACK: "not used, given back by the holder",
    Happening.NO_ANSWER: "not used, no answer in time",
    Happening.KEEP_REFUSED: "not used, keeping it was refused",
}
"""Why a seat was reclaimed, as the ledger and the history of a seat have it."""
COLUMNS = (
    "id",
    "state",
    "rule_id",
    "assignment_id",
    "assignment__pool_id",
    "assignment__quantity",
    "assignment__released_at",
    "assignment__person__pseudonym",
    "assignment__device_id",
)


class CandidateNotFound(NotFound):
    """There is no such removal candidate in this organisation."""

    code = "REMOVAL_CANDIDATE_NOT_FOUND"


class CandidateElsewhere(Conflict):
    """The candidate is in a state in which this cannot happen; `state` says in which."""

    code = "REMOVAL_CANDIDATE_STATE"


@dataclass(frozen=True, slots=True)
class Row:
    """A candidate and its seat, both locked."""

    id: UUID
    state: str
    rule_id: UUID
    assignment_id: UUID
    pool_id: UUID
    quantity: int
    released_at: datetime | None
    pseudonym: UUID | None
    device_id: UUID | None


def locked_candidates(ids: Collection[UUID]) -> list[Row]:
    """These candidates as they are now, with their seats and pools locked, by ascending id."""
    seats = dict(RemovalCandidate.objects.filter(id__in=ids).values_list("assignment_id", "assignment__pool_id"))
    list(SeatPool.objects.select_for_update(no_key=True).filter(id__in=set(seats.values())).order_by("id"))
    held = Assignment.objects.select_for_update(no_key=True).filter(id__in=seats)
    list(held.order_by("id").values_list("id", flat=True))
    rows = RemovalCandidate.objects.filter(id__in=ids).order_by("id")
    list(rows.select_for_update(no_key=True).values_list("id", flat=True))
    return [Row(*columns) for columns in rows.values_list(*COLUMNS)]


def one_candidate(candidate_id: UUID, event: Happening) -> Row:
    """One candidate, locked, to which the event can happen. Raises CandidateNotFound and CandidateElsewhere."""
    rows = locked_candidates([candidate_id])
    if not rows:
        raise CandidateNotFound(_("There is no such removal candidate in your organisation."))
    [row] = rows
    if next_state(State(row.state), event) is None:
        raise CandidateElsewhere(
            _("This cannot be done any more: the seat is no longer waiting for it."), details={"state": row.state}
        )
    return row


def take_back(*, rows: Sequence[Row], event: Happening, trail: Trail, **columns: Any) -> int:
    """Completes candidates and frees their seats, and tells the holders; returns how many. Seats that ended meanwhile
    cancel their candidates. `rows` are locked; `columns` are what the event notes on each candidate besides."""
    live = [row for row in rows if row.released_at is None and next_state(State(row.state), event)]
    ended = [row for row in rows if row.released_at is not None]
    close(rows=ended, event=Happening.SEAT_RELEASED, trail=trail)
    if not live:
        return 0
    now, actor = trail.clock.now(), str(trail.actor.pseudonym)
    Assignment.objects.filter(id__in=[row.assignment_id for row in live]).update(
        released_at=now, released_by=actor, end_reason=END_REASONS[event]
    )
    _end(live, State.COMPLETED, event, now, columns)
    freed: Counter[UUID] = Counter()
    for row in live:
        freed[row.pool_id] += row.quantity
        trail.record(
            "seat.reclaimed",
            subject=Assignment(id=row.assignment_id),
            details={
                "pool": str(row.pool_id),
                "person": _text(row.pseudonym),
                "device": _text(row.device_id),
                "quantity": row.quantity,
                "rule": str(row.rule_id),
                "candidate": str(row.id),
                "cause": event.value,
            },
        )
    give_back(freed)
    tell_holders(candidate_ids=[row.id for row in live], about="taken", trail=trail)
    return len(live)


def close(*, rows: Sequence[Row], event: Happening, trail: Trail, **columns: Any) -> int:
    """Ends candidates whose seats stay as they are: kept, or cancelled. Those to which the event cannot happen any more
    are left alone. Returns how many ended."""
    ends = [(row, next_state(State(row.state), event)) for row in rows]
    open_rows = [row for row, state in ends if state is not None]
    if not open_rows:
        return 0
    kept = event in {Happening.KEEP_GRANTED, Happening.NO_DECISION}
    _end(open_rows, State.SKIPPED if kept else State.CANCELLED, event, trail.clock.now(), columns)
    for row in open_rows:
        trail.record(
            "removal.kept" if kept else "removal.cancelled",
            subject=RemovalCandidate(id=row.id),
            details={"assignment": str(row.assignment_id), "rule": str(row.rule_id), "cause": event.value},
        )
    # Whoever was asked hears that the question is settled; who was not, was never troubled.
    asked = {State.AWAITING_USER.value, State.AWAITING_APPROVAL.value}
    if event != Happening.SEAT_RELEASED:
        tell_holders(candidate_ids=[row.id for row in open_rows if row.state in asked], about="kept", trail=trail)
    return len(open_rows)


def cancel(*, candidate_ids: Collection[UUID], event: Happening, trail: Trail) -> int:
    """Cancels open candidates by their ids; returns how many."""
    return close(rows=locked_candidates(candidate_ids), event=event, trail=trail) if candidate_ids else 0


def tell_holders(*, candidate_ids: Sequence[UUID], about: str, trail: Trail) -> None:
    """E-mail to the holders, by way of the outbox; what it says is made when it leaves, so that no link and no name
    rests there."""
    house = str(trail.organization_id)
    messages = {
        f"{about}:{key}": {"organization": house, "candidate": str(key), "about": about} for key in candidate_ids
    }
    enqueue_many(organization_id=trail.organization_id, channel=SEAT_NOTICE, messages=messages, now=trail.clock.now())


def _end(rows: Sequence[Row], state: State, event: Happening, now: datetime, columns: Mapping[str, Any]) -> None:
    RemovalCandidate.objects.filter(id__in=[row.id for row in rows]).update(
        state=state.value, outcome=event.value, ended_at=now, due_at=None, nonce="", **columns
    )


def _text(key: UUID | None) -> str | None:
    return str(key) if key is not None else None
