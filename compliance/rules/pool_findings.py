"""What a rule may find on a pool of seats, and how grave it is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from seats.rules.capacity import PoolFacts, rights_valid_at

A_COUPLE_OF_SEATS = 2
A_TENTH = 10


class PoolFindingKind(StrEnum):
    """The two ways in which a pool can hold more seats than it may; a pool is found in one of them at most."""

    OVER_ALLOCATION = "over_allocation"
    EXPIRED_USE = "expired_use"


class Severity(StrEnum):
    """How grave a violation is, mildest first. Severe is never found by a rule: it takes a second person."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"
    SEVERE = "severe"


class ExplanationJson(TypedDict):
    """An explanation as it is stored: numbers as numbers, moments in RFC 3339."""

    used: int
    capacity: int | None
    unlimited: bool
    overdraft: int
    rights_valid: int
    rights_lapsed: int
    last_lapse_at: str | None
    next_right_at: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The numbers behind a finding, as they were at the moment that was judged.

    `rights_lapsed` is the sum of the sources that have ended, `last_lapse_at` the latest of their ends, `next_right_at`
    the earliest start of a source that is still to come.
    """

    used: int
    capacity: int | None
    unlimited: bool
    overdraft: int
    rights_valid: int
    rights_lapsed: int
    last_lapse_at: datetime | None
    next_right_at: datetime | None

    def as_json(self) -> ExplanationJson:
        """The same for storage."""
        return {
            "used": self.used,
            "capacity": self.capacity,
            "unlimited": self.unlimited,
            "overdraft": self.overdraft,
            "rights_valid": self.rights_valid,
            "rights_lapsed": self.rights_lapsed,
            "last_lapse_at": None if self.last_lapse_at is None else self.last_lapse_at.isoformat(),
            "next_right_at": None if self.next_right_at is None else self.next_right_at.isoformat(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolFinding:
    """`observed` seats are held where `allowed` may be; both count in the unit of the pool's metric."""

    kind: PoolFindingKind
    observed: int
    allowed: int
    severity: Severity
    explanation: Explanation


def finding(pool: PoolFacts, *, kind: PoolFindingKind, allowed: int, at: datetime) -> PoolFinding:
    """The finding that the pool holds more than `allowed`, with severity and explanation."""
    return PoolFinding(
        kind=kind,
        observed=pool.used,
        allowed=allowed,
        severity=severity_of(observed=pool.used, allowed=allowed),
        explanation=explain(pool, at),
    )


def severity_of(*, observed: int, allowed: int) -> Severity:
    """By proportion: a warning for one or two seats and for up to a tenth of what is allowed, critical beyond."""
    excess = observed - allowed
    if excess <= A_COUPLE_OF_SEATS or excess * A_TENTH <= allowed:
        return Severity.WARNING
    return Severity.CRITICAL


def explain(pool: PoolFacts, at: datetime) -> Explanation:
    """The numbers of the pool at `at`."""
    lapses = [(right.period.end, right.quantity) for right in pool.rights if right.period.ended_by(at)]
    starts = [right.period.start for right in pool.rights if right.period.start is not None and right.period.start > at]
    return Explanation(
        used=pool.used,
        capacity=pool.capacity,
        unlimited=pool.unlimited,
        overdraft=pool.overdraft,
        rights_valid=rights_valid_at(pool.rights, at),
        rights_lapsed=sum(quantity for _, quantity in lapses),
        last_lapse_at=max((end for end, _ in lapses if end is not None), default=None),
        next_right_at=min(starts, default=None),
    )
