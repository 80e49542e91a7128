"""What a feature can carry beside being on: a quota, or one of its choices; and how such a grant is judged.

The catalogue says of each code which kind of value it takes. A code that is not in the catalogue is a plain switch: a
vendor may grant it before it is described, but nobody could say how to read a value of it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from licensing.rules.allowances import NO_OVERAGE, Overage, OverageKind

CHOICE = re.compile(r"[a-z][a-z0-9._-]{0,63}")
"""A letter first: where people type values, a number is a quota."""
LARGEST_LIMIT = 2**53 - 1
LARGEST_PERCENT = 10_000


class FeatureKind(StrEnum):
    """boolean: on or off · quantity: so much in a period · choice: one of the values that the catalogue lists."""

    BOOLEAN = "boolean"
    QUANTITY = "quantity"
    CHOICE = "choice"


class QuotaPeriod(StrEnum):
    """How long a quota counts before it starts again from nothing; none: it never does."""

    NONE = "none"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaTerms:
    """A quota as it is granted; `limit` None is no limit, 0 admits none. From `near_percent` on a validation warns."""

    limit: int | None
    period: QuotaPeriod = QuotaPeriod.NONE
    near_percent: int = 80
    overage: Overage = NO_OVERAGE


FeatureValue = QuotaTerms | str | None
"""Of a quantity, a choice, a switch."""


@dataclass(frozen=True, slots=True)
class FeatureDefinition:
    """What the catalogue says about one code; `choices` in the order in which they rise."""

    code: str
    kind: FeatureKind
    choices: tuple[str, ...] = ()


class GrantMistake(StrEnum):
    """Why a grant of a feature cannot be read. The names are a contract (docs/features.md)."""

    FEATURE_NOT_IN_CATALOGUE = "FEATURE_NOT_IN_CATALOGUE"
    FEATURE_VALUE_MISSING = "FEATURE_VALUE_MISSING"
    FEATURE_VALUE_UNEXPECTED = "FEATURE_VALUE_UNEXPECTED"
    FEATURE_CHOICE_UNKNOWN = "FEATURE_CHOICE_UNKNOWN"
    FEATURE_QUOTA_INVALID = "FEATURE_QUOTA_INVALID"
    FEATURE_PERIOD_DIFFERS = "FEATURE_PERIOD_DIFFERS"


def grant_mistakes(
    granted: Iterable[tuple[str, FeatureValue]], catalogue: Mapping[str, FeatureDefinition]
) -> Iterator[tuple[int, GrantMistake]]:
    """Position and mistake of each grant (code and value) that the catalogue does not allow, in order.

    Two grants of one quantity may differ in time, not in period: what is consumed could not be counted otherwise.
    """
    periods: dict[str, QuotaPeriod] = {}
    for position, (code, value) in enumerate(granted):
        mistake = _mistake(value, catalogue.get(code))
        if mistake is None and isinstance(value, QuotaTerms) and periods.setdefault(code, value.period) != value.period:
            mistake = GrantMistake.FEATURE_PERIOD_DIFFERS
        if mistake is not None:
            yield position, mistake


def _mistake(value: FeatureValue, known: FeatureDefinition | None) -> GrantMistake | None:
    if known is None:
        return None if value is None else GrantMistake.FEATURE_NOT_IN_CATALOGUE
    match known.kind:
        case FeatureKind.BOOLEAN:
            return None if value is None else GrantMistake.FEATURE_VALUE_UNEXPECTED
        case FeatureKind.CHOICE:
            return _choice_mistake(value, known)
        case FeatureKind.QUANTITY:
            return _quota_mistake(value)


def _choice_mistake(value: FeatureValue, known: FeatureDefinition) -> GrantMistake | None:
    if value is None:
        return GrantMistake.FEATURE_VALUE_MISSING
    if not isinstance(value, str):
        return GrantMistake.FEATURE_VALUE_UNEXPECTED
    return None if value in known.choices else GrantMistake.FEATURE_CHOICE_UNKNOWN


def _quota_mistake(value: FeatureValue) -> GrantMistake | None:
    if value is None:
        return GrantMistake.FEATURE_VALUE_MISSING
    if not isinstance(value, QuotaTerms):
        return GrantMistake.FEATURE_VALUE_UNEXPECTED
    in_bounds = (
        (value.limit is None or 0 <= value.limit <= LARGEST_LIMIT)
        and 1 <= value.near_percent <= 100
        and 0 <= value.overage.amount <= _most(value.overage.kind)
    )
    return None if in_bounds else GrantMistake.FEATURE_QUOTA_INVALID


def _most(kind: OverageKind) -> int:
    match kind:
        case OverageKind.NONE:
            return 0
        case OverageKind.ABSOLUTE:
            return LARGEST_LIMIT
        case OverageKind.PERCENT:
            return LARGEST_PERCENT
