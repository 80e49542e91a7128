"""The rules that warn and the rules that oblige. They see facts, never findings, and so cannot change a decision."""

from collections.abc import Callable
from datetime import datetime

from licensing.rules import expiry
from licensing.rules.codes import ObligationCode, WarningCode
from licensing.rules.facts import ExpiryBasis, LicenseFacts, ValidationScope
from licensing.rules.outcome import Advice, Obligation

AdviceRule = Callable[[LicenseFacts, ValidationScope, datetime], Advice | None]
ObligationRule = Callable[[LicenseFacts, ValidationScope, datetime], Obligation | None]


def grace_running(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Advice | None:
    """The term is over and only grace keeps the licence valid."""
    if facts.grace_until is None or not expiry.in_grace(facts, at):
        return None
    return Advice(WarningCode.IN_GRACE, "grace_until", facts.grace_until)


def expires_soon(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Advice | None:
    """The term ends within the notice period."""
    end = expiry.expiry_of(facts, at)
    if end is None or not end - facts.notice <= at < end:
        return None
    return Advice(WarningCode.EXPIRES_SOON, "expires_at", end)


def maintenance_ends_soon(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Advice | None:
    """Maintenance ends within the notice period; its last instant is still covered."""
    end = facts.maintenance_until
    if end is None or not end - facts.notice <= at <= end:
        return None
    return Advice(WarningCode.MAINTENANCE_ENDS_SOON, "maintenance_until", end)


def start_term(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Obligation | None:
    """This is the first validation of a licence whose term counts from it."""
    begins = facts.expiry_basis is ExpiryBasis.FIRST_VALIDATION and facts.first_validated_at is None
    end = expiry.expiry_of(facts, at)
    if end is None or facts.expires_at is not None or not begins:
        return None
    return Obligation(ObligationCode.START_TERM, at, end)


def check_release_date(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Obligation | None:
    """The licence reaches only releases up to a date, and the server cannot tell when this one was published."""
    until = expiry.release_access(facts, at).until
    if until is None or (scope.version is not None and facts.released_at is not None):
        return None
    return Obligation(ObligationCode.CHECK_RELEASE_DATE, None, until)


ADVICE_RULES: tuple[AdviceRule, ...] = (grace_running, expires_soon, maintenance_ends_soon)
OBLIGATION_RULES: tuple[ObligationRule, ...] = (start_term, check_release_date)
