"""Asking holders: the question, its reminders, and what silence comes to."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from identity.models import PersonEmail
from kernel.trail import Trail
from seats.models import CandidateState, RemovalCandidate
from seats.operations.approvers import tell_approvers
from seats.operations.reclaiming import BATCH, close, locked_candidates, take_back, tell_holders
from seats.rules.candidates import Happening, reminders_due

NONCE_BYTES = 16
COLUMNS = ["state", "outcome", "asked_at", "due_at", "nonce"]
ROWS = 1_000


def ask(*, trail: Trail) -> int:
    """Asks the holders of up to a thousand selected seats whether they keep them; returns how many it dealt with. Seats
    that belong to nobody with an address wait for a decision instead."""
    rows = _locked(RemovalCandidate.objects.filter(state=CandidateState.READY))
    if not rows:
        return 0
    reachable = _reachable(rows)
    asked = [row for row in rows if row.id in reachable]
    silent = [row for row in rows if row.id not in reachable]
    now = trail.clock.now()
    for row in asked:
        row.state, row.outcome = CandidateState.AWAITING_USER, Happening.ASKED.value
        row.asked_at, row.due_at = now, now + timedelta(days=row.rule.notice_days)
        row.nonce = secrets.token_urlsafe(NONCE_BYTES)
        trail.record("removal.asked", subject=row, details=_details(row))
    for row in silent:
        row.state, row.outcome = CandidateState.AWAITING_APPROVAL, Happening.UNREACHABLE.value
        row.due_at = now + timedelta(days=row.rule.decision_days)
        trail.record("removal.unreachable", subject=row, details=_details(row))
    RemovalCandidate.objects.bulk_update(rows, COLUMNS, batch_size=500)
    tell_holders(candidate_ids=[row.id for row in asked], about="asked", trail=trail)
    tell_approvers(candidate_ids=[row.id for row in silent], trail=trail)
    return len(rows)


def remind(*, trail: Trail) -> int:
    """Reminds those who have not answered as often as their rule wants by now; returns how many messages there are. A
    reminder that was missed is not sent twice later."""
    now = trail.clock.now()
    waiting = RemovalCandidate.objects.filter(
        state=CandidateState.AWAITING_USER, reminders_sent__lt=F("rule__reminders"), due_at__gt=now
    )
    keys: dict[int, list[RemovalCandidate]] = {}
    for row in waiting.select_related("rule").order_by("id"):
        if row.asked_at is None or row.due_at is None:
            raise AssertionError("the constraint seats_removal_candidate_can_answer leaves nothing else")
        due = reminders_due(asked_at=row.asked_at, due_at=row.due_at, reminders=row.rule.reminders, at=now)
        if due > row.reminders_sent:
            keys.setdefault(due, []).append(row)
    for number, rows in sorted(keys.items()):
        RemovalCandidate.objects.filter(id__in=[row.id for row in rows]).update(reminders_sent=number)
        tell_holders(candidate_ids=[row.id for row in rows], about=f"reminder-{number}", trail=trail)
        for row in rows:
            trail.record("removal.reminded", subject=row, details={**_details(row), "number": number})
    return sum(map(len, keys.values()))


def settle(*, trail: Trail) -> int:
    """Carries out what silence has become by now, for up to BATCH candidates of each kind: seats without an answer are
    taken back, unless the usage feed is silent, and seats without a decision are kept. Returns how many ended."""
    now = trail.clock.now()
    due = RemovalCandidate.objects.filter(due_at__lte=now).order_by("id")
    unanswered = due.filter(state=CandidateState.AWAITING_USER, rule__feed_silent_since__isnull=True)
    undecided = due.filter(state=CandidateState.AWAITING_APPROVAL)
    lost, kept = (list(rows.values_list("id", flat=True)[:BATCH]) for rows in (unanswered, undecided))
    ended = take_back(rows=locked_candidates(lost), event=Happening.NO_ANSWER, trail=trail) if lost else 0
    return ended + (close(rows=locked_candidates(kept), event=Happening.NO_DECISION, trail=trail) if kept else 0)


def _locked(rows: QuerySet[RemovalCandidate]) -> list[RemovalCandidate]:
    found = rows.select_related("rule").select_for_update(no_key=True, of=("self",)).order_by("id")
    return list(found[:ROWS])


def _reachable(rows: Sequence[RemovalCandidate]) -> set[object]:
    """Those whose holder, or whose device's person, is here and has an address."""
    mail = PersonEmail.objects.filter(person=OuterRef("assignment__person"))
    owners_mail = PersonEmail.objects.filter(person=OuterRef("assignment__device__person"))
    found = RemovalCandidate.objects.filter(id__in=[row.id for row in rows]).filter(
        Q(Exists(mail), assignment__person__active=True)
        | Q(Exists(owners_mail), assignment__device__person__active=True)
    )
    return set(found.values_list("id", flat=True))


def _details(row: RemovalCandidate) -> dict[str, str]:
    return {
        "assignment": str(row.assignment_id),
        "rule": str(row.rule_id),
        "due_at": row.due_at.isoformat() if row.due_at else "",
    }
