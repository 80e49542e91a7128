"""When a licence ends, and what its end leaves.

A licence holds strictly before its end. Grace prolongs the term for validation and ends just as sharply. While a
licence is paused, its clock stands still: what had not ended by then has not ended.
"""

from dataclasses import dataclass
from datetime import datetime

from licensing.rules.facts import ExpiryBasis, ExpiryStrategy, LicenseFacts, LicenseModel
from licensing.rules.terms import Term, end_of

STAYS_VALID = frozenset({ExpiryStrategy.MAINTAIN, ExpiryStrategy.ALLOW})


@dataclass(frozen=True, slots=True)
class ReleaseAccess:
    """Which releases a licence reaches: none, or those published by `until` (included; None: all)."""

    any: bool
    until: datetime | None = None


def expiry_of(facts: LicenseFacts, at: datetime) -> datetime | None:
    """The instant at which the licence's term ends; None when it never does, or has not begun to count.

    A term that counts from the first validation counts from `at` while there was none. A perpetual licence never ends,
    whatever is stored; floating, node-locked and site licences end if an end or a duration is.
    """
    if facts.model is LicenseModel.PERPETUAL:
        return None
    if facts.expires_at is not None or facts.duration is None:
        return facts.expires_at
    start = _term_start(facts, at)
    return None if start is None else _end(start, facts.duration)


def clock_of(facts: LicenseFacts, at: datetime) -> datetime:
    """The instant up to which the licence's term has run: `at`, or when it was paused before."""
    return at if facts.paused_at is None else min(at, facts.paused_at)


def is_over(facts: LicenseFacts, at: datetime) -> bool:
    """Whether the term has ended, and its grace with it."""
    expiry = expiry_of(facts, at)
    return expiry is not None and clock_of(facts, at) >= expiry and not in_grace(facts, at)


def in_grace(facts: LicenseFacts, at: datetime) -> bool:
    """Whether the term has ended but its grace has not."""
    expiry = expiry_of(facts, at)
    return expiry is not None and facts.grace_until is not None and expiry <= clock_of(facts, at) < facts.grace_until


def release_access(facts: LicenseFacts, at: datetime) -> ReleaseAccess:
    """The releases that the licence reaches at `at`, by its maintenance and by what its end leaves of it."""
    expiry = expiry_of(facts, at)
    if expiry is None or not is_over(facts, at) or facts.expiry_strategy is ExpiryStrategy.ALLOW:
        return ReleaseAccess(any=True, until=facts.maintenance_until)
    if facts.expiry_strategy is ExpiryStrategy.REVOKE:
        return ReleaseAccess(any=False)
    return ReleaseAccess(any=True, until=min(expiry, facts.maintenance_until or expiry))


def _term_start(facts: LicenseFacts, at: datetime) -> datetime | None:
    match facts.expiry_basis:
        case ExpiryBasis.CREATION:
            return facts.created_at
        case ExpiryBasis.FIRST_VALIDATION:
            return facts.first_validated_at or at
        case ExpiryBasis.FIRST_ACTIVATION:
            return facts.first_activated_at


def _end(start: datetime, term: Term) -> datetime | None:
    """None for a term that outlasts the calendar, which ends with the year 9999."""
    try:
        return end_of(start=start, term=term)
    except (OverflowError, ValueError):
        return None
