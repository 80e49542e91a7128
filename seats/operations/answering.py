"""What people say about a seat that is asked back: the holder's answer, the decision about it, and the undo."""

import hmac
from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from kernel.errors import Conflict, InvalidInput, NotFound, PermissionRefused
from kernel.trail import Personal, Trail
from seats.models import AssignmentSource, CandidateState, RemovalCandidate
from seats.operations.approvers import decider_of, tell_approvers
from seats.operations.assigning import assign_many
from seats.operations.holders import SeatRequest
from seats.operations.reclaiming import close, locked_candidates, one_candidate, take_back
from seats.queries import removal_candidates
from seats.rules.candidates import Approver, Happening, State, can_undo, may_decide

GIVEN_AGAIN = "given again after it was taken back"
"""Why a seat exists that an undo gave, as the history of a seat has it."""


class AnswerLinkOver(NotFound):
    """The link was used, its question is settled, or it was never sent. Which of these is not told."""

    code = "ANSWER_LINK_OVER"


class NotYoursToDecide(PermissionRefused):
    """Somebody else decides about this seat; nobody decides about the own one."""

    code = "REMOVAL_DECISION_NOT_YOURS"


class DecisionReasonRequired(InvalidInput):
    """Whoever refuses that a holder keeps a seat, or gives it again, says why."""

    code = "REMOVAL_REASON_REQUIRED"


class UndoOver(Conflict):
    """Only a seat that was taken back within the last seven days can be given again."""

    code = "REMOVAL_UNDO_OVER"


class SeatHeldAgain(Conflict):
    """The holder has a seat of the pool again."""

    code = "SEAT_HELD_AGAIN"


def answer(*, candidate_id: UUID, nonce: str, keep: bool, trail: Trail, reason: str = "") -> RemovalCandidate:
    """The holder keeps the seat, if somebody agrees, or gives it back at once. The link of the notice brings `nonce`
    and works once. Raises AnswerLinkOver."""
    rows = locked_candidates([candidate_id])
    row = RemovalCandidate.objects.select_related("rule", "assignment__person").filter(id=candidate_id).first()
    if row is None or not rows or row.state != CandidateState.AWAITING_USER or not _same(row.nonce, nonce):
        raise AnswerLinkOver(_("This question is settled, or the link was used before."))
    now = trail.clock.now()
    if not keep:
        take_back(rows=rows, event=Happening.GIVEN_BACK, answered_at=now, answer_reason=reason.strip(), trail=trail)
        return removal_candidates().get(id=candidate_id)
    row.state, row.outcome, row.nonce = CandidateState.AWAITING_APPROVAL, Happening.KEEP_WANTED.value, ""
    row.answered_at, row.answer_reason = now, reason.strip()
    row.due_at = now + timedelta(days=row.rule.decision_days)
    row.save(update_fields=["state", "outcome", "nonce", "answered_at", "answer_reason", "due_at"])
    person = row.assignment.person
    trail.record(
        "removal.keep_wanted",
        subject=row,
        details={"assignment": str(row.assignment_id), "rule": str(row.rule_id), "due_at": row.due_at.isoformat()},
        personal={"reason": Personal(person.pseudonym if person else row.id, row.answer_reason)}
        if row.answer_reason
        else {},
    )
    tell_approvers(candidate_ids=[row.id], trail=trail)
    return row


def decide(*, candidate_id: UUID, keep: bool, trail: Trail, reason: str = "") -> RemovalCandidate:
    """Somebody else than the holder lets them keep the seat, or takes it back for a stated reason.

    Raises CandidateNotFound, CandidateElsewhere, NotYoursToDecide and DecisionReasonRequired.
    """
    event = Happening.KEEP_GRANTED if keep else Happening.KEEP_REFUSED
    row = one_candidate(candidate_id, event)
    _require_decider(candidate_id, trail)
    if not keep and not reason.strip():
        raise DecisionReasonRequired(_("Say why the seat is taken back."), pointer="/reason")
    noted = {
        "decided_at": trail.clock.now(),
        "decided_by": str(trail.actor.pseudonym),
        "decision_reason": reason.strip(),
    }
    if keep:
        close(rows=[row], event=event, trail=trail, **noted)
    else:
        take_back(rows=[row], event=event, trail=trail, **noted)
    return removal_candidates().get(id=candidate_id)


def undo(*, candidate_id: UUID, reason: str, trail: Trail) -> RemovalCandidate:
    """Gives a seat that was taken back within seven days to the same holder again, if the pool has one free.

    Raises CandidateNotFound, UndoOver, NotYoursToDecide, DecisionReasonRequired, SeatHeldAgain and what assign raises.
    """
    found = removal_candidates().filter(id=candidate_id).first()
    if found is None:
        one_candidate(candidate_id, Happening.UNDONE)
        raise AssertionError("unreachable")
    _require_decider(candidate_id, trail)
    if not reason.strip():
        raise DecisionReasonRequired(_("Say why the seat is given again."), pointer="/reason")
    if not can_undo(found.deadlines, at=trail.clock.now()):
        raise UndoOver(_("Only a seat that was taken back within the last seven days can be given again."))
    seat = found.assignment
    wanted = SeatRequest(
        person=seat.person,
        device=seat.device,
        external_holder=seat.external_holder,
        quantity=seat.quantity,
        reason=GIVEN_AGAIN,
    )
    # Holder and pool are locked by this, in the order of everybody who assigns.
    [placed] = assign_many(pool=seat.pool, requests=[wanted], source=AssignmentSource.RULE, trail=trail).placed
    if not placed.is_new:
        raise SeatHeldAgain(_("The holder has a seat of this pool again."))
    row = RemovalCandidate.objects.select_for_update(no_key=True).get(id=candidate_id)
    if not can_undo(row.deadlines, at=trail.clock.now()):
        raise UndoOver(_("Only a seat that was taken back within the last seven days can be given again."))
    row.state, row.outcome, row.restored = State.UNDONE.value, Happening.UNDONE.value, placed.assignment
    row.decided_at, row.decided_by = trail.clock.now(), str(trail.actor.pseudonym)
    row.decision_reason = reason.strip()
    row.save(update_fields=["state", "outcome", "restored", "decided_at", "decided_by", "decision_reason"])
    trail.record(
        "removal.undone",
        subject=row,
        details={"assignment": str(row.assignment_id), "restored": str(placed.assignment.id), "rule": str(row.rule_id)},
    )
    return removal_candidates().get(id=candidate_id)


def _require_decider(candidate_id: UUID, trail: Trail) -> None:
    row = removal_candidates().get(id=candidate_id)
    if not may_decide(Approver(row.rule.approver), decider_of(row, trail.actor)):
        raise NotYoursToDecide(_("Somebody else decides about this seat."))


def _same(stored: str, given: str) -> bool:
    return bool(stored) and hmac.compare_digest(stored.encode(), given.encode())
