"""Payment past due: a licence is warned at once, loses its features later, and is suspended last."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from licensing.rules.facts import FeatureGrant
from licensing.rules.terms import Period


class DunningStage(StrEnum):
    """What has happened to a licence whose payment is past due; later stages are stricter."""

    WARNED = "warned"
    RESTRICTED = "restricted"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True, kw_only=True)
class DunningTerms:
    """How long after the due moment features end, and after how long the licence is suspended (not earlier)."""

    restrict_after: timedelta
    suspend_after: timedelta


def stage_at(*, since: datetime, terms: DunningTerms, at: datetime) -> DunningStage:
    """The stage at `at`; each begins exactly at its moment."""
    if at >= since + terms.suspend_after:
        return DunningStage.SUSPENDED
    if at >= since + terms.restrict_after:
        return DunningStage.RESTRICTED
    return DunningStage.WARNED


def without_features_from(grants: Iterable[FeatureGrant], moment: datetime) -> tuple[FeatureGrant, ...]:
    """The grants as they stand when none of them reaches beyond `moment`; one that begins later never holds."""
    return tuple(replace(grant, period=_until(grant.period, moment)) for grant in grants)


def _until(period: Period, moment: datetime) -> Period:
    start = period.start if period.start is None else min(period.start, moment)
    return Period(start, moment if period.end is None else min(period.end, moment))
