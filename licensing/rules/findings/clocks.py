"""Findings of time as the client lives it: its clock, how long it stayed away, and how often it asks.

Instants are subtracted, never added to: what a stranger states may lie at either end of the calendar.
"""

from datetime import datetime

from licensing.rules.codes import Code
from licensing.rules.facts import LicenseFacts, ValidationScope
from licensing.rules.outcome import Finding


def clock_tampered(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The client's clock went back by more than the tolerance: behind the time that it stated last, moved on by what
    has passed here since, or behind the latest time of the server that it has kept.

    A clock that is not behind the server's own is right, wherever it came from: setting a fast clock to the true time
    is no offence.
    """
    if scope.client_at is None or at - scope.client_at <= facts.clock_tolerance:
        return None
    if not (_behind_itself(facts, scope.client_at, at) or _behind_server(facts, scope)):
        return None
    return Finding(Code.CLOCK_TAMPERED, "client_at", scope.client_at, at)


def overdue(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """The client has been away for its whole connectivity grace, or longer. One never heard of is not judged."""
    if facts.connectivity_grace is None or facts.last_check_in_at is None:
        return None
    if at - facts.last_check_in_at < facts.connectivity_grace:
        return None
    return Finding(Code.OVERDUE, "last_check_in_at", facts.last_check_in_at, facts.connectivity_grace)


def throttled(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """Too much was asked; from `throttled_until` on it may be asked again."""
    if facts.throttled_until is None or at >= facts.throttled_until:
        return None
    return Finding(Code.THROTTLED, "throttled_until", at, facts.throttled_until)


def _behind_itself(facts: LicenseFacts, client_at: datetime, at: datetime) -> bool:
    if facts.last_client_at is None:
        return False
    passed = at - (facts.last_answer_at or at)
    return facts.last_client_at - client_at + passed > facts.clock_tolerance


def _behind_server(facts: LicenseFacts, scope: ValidationScope) -> bool:
    if scope.last_server_at is None or scope.client_at is None:
        return False
    return scope.last_server_at - scope.client_at > facts.clock_tolerance
