"""Rules of taking a place on a machine: how many there are, whose transfer it is, and what a refusal looks like.

Whether the licence itself is valid is not judged here but by `decide`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from licensing.rules.codes import severity
from licensing.rules.expiry import is_over
from licensing.rules.facts import ExpiryStrategy, LicenseFacts
from licensing.rules.machines import UniquenessScope
from licensing.rules.outcome import Decision, Finding
from licensing.rules.terms import in_utc


class ActivationRefusal(StrEnum):
    """Why a machine got no activation although its client asked well; told beside the code of the decision."""

    LICENSE_NOT_VALID = "LICENSE_NOT_VALID"
    LIMIT_REACHED = "LIMIT_REACHED"
    TRANSFERS_EXHAUSTED = "TRANSFERS_EXHAUSTED"
    FINGERPRINT_IN_USE = "FINGERPRINT_IN_USE"
    NO_ACTIVATION = "NO_ACTIVATION"
    HEARTBEAT_LOST = "HEARTBEAT_LOST"
    TRIAL_USED = "TRIAL_USED"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedPlace:
    """An activation that its client gave up and whose place nobody has taken over yet."""

    id: UUID
    fingerprint: str
    ended_at: datetime


def scope_key(*, scope: UniquenessScope, license_id: str, type_code: str, product_id: str) -> str:
    """The text within which a fingerprint is live once only. A type is meant in all its versions."""
    match scope:
        case UniquenessScope.LICENSE:
            return f"license:{license_id}"
        case UniquenessScope.TYPE:
            return f"type:{type_code}"
        case UniquenessScope.PRODUCT:
            return f"product:{product_id}"
        case UniquenessScope.ORGANIZATION:
            return "organization"


def year_start(at: datetime) -> datetime:
    """The beginning of the calendar year, UTC, in which transfers are counted."""
    return in_utc(at).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)


def place_taken_over(*, fingerprints: Iterable[str], given_up: Iterable[EndedPlace]) -> EndedPlace | None:
    """Which place a new activation takes over: the one that the same machine gave up, otherwise the one that was given
    up first; None when none is. Of another machine it is a transfer."""
    own, oldest_first = frozenset(fingerprints), sorted(given_up, key=lambda one: one.ended_at)
    mine = (one for one in oldest_first if one.fingerprint in own)
    return next(mine, oldest_first[0] if oldest_first else None)


def admits_machines(facts: LicenseFacts, at: datetime) -> bool:
    """Whether the licence may begin on machines: not after its end, which only the strategy `allow` outlives."""
    return not is_over(facts, at) or facts.expiry_strategy is ExpiryStrategy.ALLOW


def with_finding(decision: Decision, finding: Finding) -> Decision:
    """The decision with one more finding, in the order of severity; as it is where it has this code already."""
    if any(one.code is finding.code for one in decision.findings):
        return decision
    findings = tuple(sorted((*decision.findings, finding), key=lambda one: severity(one.code)))
    return replace(decision, valid=False, code=findings[0].code, findings=findings, obligations=())
