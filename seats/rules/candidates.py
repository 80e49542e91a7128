"""The life of a removal candidate: which event leads from which state to which, and which event has become due.

    ready → awaiting user → completed, or awaiting approval → skipped or completed
    every open state → cancelled when use is seen again; completed → undone within seven days

A holder whom nobody can ask by e-mail goes from ready straight to awaiting approval, where silence keeps the seat:
nothing is taken from somebody who was not asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

UNDO_WINDOW = timedelta(days=7)


class State(StrEnum):
    READY = "ready"
    AWAITING_USER = "awaiting_user"
    AWAITING_APPROVAL = "awaiting_approval"
    COMPLETED = "completed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    UNDONE = "undone"


OPEN: Final = frozenset({State.READY, State.AWAITING_USER, State.AWAITING_APPROVAL})


class Happening(StrEnum):
    """What can happen to a candidate; the last one of a closed candidate says how it ended."""

    ASKED = "asked"
    UNREACHABLE = "unreachable"
    GIVEN_BACK = "given_back"
    KEEP_WANTED = "keep_wanted"
    NO_ANSWER = "no_answer"
    KEEP_GRANTED = "keep_granted"
    KEEP_REFUSED = "keep_refused"
    NO_DECISION = "no_decision"
    USED_AGAIN = "used_again"
    SEAT_RELEASED = "seat_released"
    PROTECTED = "protected"
    RULE_STOPPED = "rule_stopped"
    UNDONE = "undone"


_CANCELS: Final = (Happening.USED_AGAIN, Happening.SEAT_RELEASED, Happening.PROTECTED, Happening.RULE_STOPPED)
_STEPS: Final[Mapping[tuple[State, Happening], State]] = {
    (State.READY, Happening.ASKED): State.AWAITING_USER,
    (State.READY, Happening.UNREACHABLE): State.AWAITING_APPROVAL,
    (State.AWAITING_USER, Happening.GIVEN_BACK): State.COMPLETED,
    (State.AWAITING_USER, Happening.NO_ANSWER): State.COMPLETED,
    (State.AWAITING_USER, Happening.KEEP_WANTED): State.AWAITING_APPROVAL,
    (State.AWAITING_APPROVAL, Happening.KEEP_GRANTED): State.SKIPPED,
    (State.AWAITING_APPROVAL, Happening.NO_DECISION): State.SKIPPED,
    (State.AWAITING_APPROVAL, Happening.KEEP_REFUSED): State.COMPLETED,
    **{(state, event): State.CANCELLED for state in OPEN for event in _CANCELS},
    (State.COMPLETED, Happening.UNDONE): State.UNDONE,
}


def next_state(state: State, event: Happening) -> State | None:
    """Where the event leads; None when it cannot happen in this state."""
    return _STEPS.get((state, event))


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """What one candidate waits for. `due_at` is when the answer or the decision is due; None while ready or closed."""

    state: State
    due_at: datetime | None = None
    ended_at: datetime | None = None


def due_event(candidate: Deadlines, *, feed_alive: bool, at: datetime) -> Happening | None:
    """What silence has become by now, or None.

    While the feed is silent nobody loses a seat by not answering: that they used it again could not be seen.
    """
    if candidate.due_at is None or at < candidate.due_at:
        return None
    if candidate.state == State.AWAITING_USER:
        return Happening.NO_ANSWER if feed_alive else None
    return Happening.NO_DECISION if candidate.state == State.AWAITING_APPROVAL else None


def can_undo(candidate: Deadlines, *, at: datetime) -> bool:
    """Within seven days of the completion, the last instant excluded."""
    if candidate.state != State.COMPLETED or candidate.ended_at is None:
        return False
    return at < candidate.ended_at + UNDO_WINDOW


def reminders_due(*, asked_at: datetime, due_at: datetime, reminders: int, at: datetime) -> int:
    """How many of the reminders should have gone out by now. They divide the time between question and deadline into
    equal parts: one comes at the half, two at the thirds. After the deadline none is sent any more."""
    if at >= due_at:
        return 0
    step = (due_at - asked_at) / (reminders + 1)
    return min(reminders, int((at - asked_at) / step)) if at >= asked_at else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """Somebody who wants to decide whether a seat that its holder wants to keep is kept."""

    manages_all: bool
    owns_product: bool
    manages_holder: bool
    is_holder: bool


class Approver(StrEnum):
    """Who decides when a holder wants to keep a seat; administrators of reclamation always may."""

    ADMINISTRATOR = "administrator"
    PRODUCT_OWNER = "product_owner"
    MANAGER = "manager"


def may_decide(approver: Approver, who: Decider) -> bool:
    """Nobody decides about the own seat."""
    if who.is_holder:
        return False
    chosen = {Approver.PRODUCT_OWNER: who.owns_product, Approver.MANAGER: who.manages_holder}
    return who.manages_all or chosen.get(approver, False)
