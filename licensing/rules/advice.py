"""The rules that warn and the rules that oblige. They see facts, never findings, and so cannot change a decision."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from licensing.rules import expiry
from licensing.rules.allowances import Allowance
from licensing.rules.amounts import Amount, is_near, standing, standing_of_quota
from licensing.rules.codes import ObligationCode, WarningCode
from licensing.rules.facts import ExpiryBasis, LicenseFacts, ValidationScope
from licensing.rules.outcome import Advice, Obligation
from licensing.rules.seated import user_seats_with

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
    if end is None or not timedelta(0) < end - expiry.clock_of(facts, at) <= facts.notice:
        return None
    return Advice(WarningCode.EXPIRES_SOON, "expires_at", end)


def maintenance_ends_soon(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Advice | None:
    """Maintenance ends within the notice period; its last instant is still covered."""
    end = facts.maintenance_until
    if end is None or not timedelta(0) <= end - at <= facts.notice:
        return None
    return Advice(WarningCode.MAINTENANCE_ENDS_SOON, "maintenance_until", end)


def activations_in_overage(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Advice | None:
    """More machines than the limit, within the agreed overage; `until` is when the overage ends."""
    return _in_overage("activations", facts.activations, bool(scope.fingerprints), at)


def users_in_overage(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Advice | None:
    """More users than the limit, within the agreed overage; `until` is when the overage ends."""
    return _in_overage("user_seats", user_seats_with(facts, scope), scope.user is not None, at)


def quotas_in_overage(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Advice | None:
    """Quotas beyond their limits, within the agreed overage; `until` is when the first of the overages ends."""
    over = [
        quota
        for quota in facts.quotas
        if standing_of_quota(quota, at, asked=quota.code in scope.features) is Amount.IN_OVERAGE
    ]
    if not over:
        return None
    return Advice(WarningCode.OVERAGE_ALLOWED, "quotas", _first(quota.overage.until for quota in over))


def quota_near(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Advice | None:
    """Most of a quota is consumed; `until` is when the first such quota begins anew."""
    near = [quota for quota in facts.quotas if is_near(quota, at)]
    if not near:
        return None
    coming = (quota.resets_at for quota in near if quota.resets_at is None or quota.resets_at > at)
    return Advice(WarningCode.QUOTA_NEAR, "quotas", _first(coming))


def offline_outstanding(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Advice | None:
    """Offline certificates are out; the last of them ends at `until`."""
    if facts.offline_until is None or at >= facts.offline_until:
        return None
    return Advice(WarningCode.OFFLINE_OUTSTANDING, "offline_until", facts.offline_until)


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


ADVICE_RULES: tuple[AdviceRule, ...] = (
    grace_running,
    activations_in_overage,
    users_in_overage,
    quotas_in_overage,
    expires_soon,
    quota_near,
    maintenance_ends_soon,
    offline_outstanding,
)
OBLIGATION_RULES: tuple[ObligationRule, ...] = (start_term, check_release_date)


def _in_overage(fact: str, allowance: Allowance | None, asked: bool, at: datetime) -> Advice | None:
    if allowance is None or standing(allowance, at, asked=asked) is not Amount.IN_OVERAGE:
        return None
    return Advice(WarningCode.OVERAGE_ALLOWED, fact, allowance.overage.until)


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
