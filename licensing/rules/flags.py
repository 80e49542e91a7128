"""What software may switch on: the features that a licence carries now, and for how long that can be relied on."""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from licensing.rules.carried import carried_at
from licensing.rules.facts import LicenseFacts
from licensing.rules.feature_values import FeatureValue

LONGEST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Flags:
    """Features by code with their quota or choice, good until `until`: five minutes, or less where something is known
    to change before."""

    features: dict[str, FeatureValue]
    until: datetime


def flags_at(facts: LicenseFacts | None, *, is_valid: bool, asked: Set[str], at: datetime) -> Flags:
    """Of a licence that a validation finds valid; any other switches nothing on. `asked` empty: all features."""
    if facts is None or not is_valid:
        return Flags({}, at + LONGEST)
    carried = carried_at(facts.features, at)
    wanted = {code: value for code, value in carried.items() if not asked or code in asked}
    return Flags(wanted, min([at + LONGEST, *(moment for moment in _changes(facts) if moment > at)]))


def _changes(facts: LicenseFacts) -> Iterator[datetime]:
    """Moments at which the answer may become another one."""
    moments = [facts.expires_at, facts.grace_until, *(quota.resets_at for quota in facts.quotas)]
    for grant in facts.features:
        moments += [grant.period.start, grant.period.end]
    yield from (moment for moment in moments if moment is not None)
