"""What changes for a customer between two licence types or versions: what is gained, lost, or becomes another."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from licensing.rules.feature_values import FeatureValue, QuotaTerms

ON = "on"


class ChangeKind(StrEnum):
    """gained: only the second grants it, or more of it · lost: only the first, or more · changed: neither is more."""

    GAINED = "gained"
    LOST = "lost"
    CHANGED = "changed"


class Aspect(StrEnum):
    FEATURE = "feature"
    LIMIT = "limit"
    TERRITORIES = "territories"
    DOMAINS = "domains"
    DEPARTMENTS = "departments"
    VERSIONS = "versions"
    MODEL = "model"
    TERM = "term"
    GRACE = "grace"
    EXPIRY = "expiry_strategy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What a licence of a type grants. `limits` that are not stated are none; places None are everywhere; `months` and
    `days` are the term, both 0 without end; `choices` order the values of features that are choices, rising."""

    features: Mapping[str, FeatureValue]
    limits: Mapping[str, int]
    territories: frozenset[str] | None = None
    domains: frozenset[str] | None = None
    departments: frozenset[str] | None = None
    versions: str = ""
    model: str = ""
    months: int = 0
    days: int = 0
    grace_days: int = 0
    expiry_strategy: str = ""


@dataclass(frozen=True, slots=True)
class RightsChange:
    """One difference; `code` names the feature or limit, and both sides are as people read them ("" for nothing)."""

    kind: ChangeKind
    aspect: Aspect
    code: str
    before: str
    after: str

    def __str__(self) -> str:
        """`feature:render`, `limit:projects 5 → 8`, `grace 14 → 30`."""
        name = f"{self.aspect.value}:{self.code}" if self.code else self.aspect.value
        if {self.before, self.after} == {"", ON}:
            return name
        return f"{name} {self.before or '–'} → {self.after or '–'}"


@dataclass(frozen=True, slots=True)
class RightsDiff:
    """Changes in words, by their kind."""

    gained: tuple[str, ...]
    lost: tuple[str, ...]
    changed: tuple[str, ...]


def by_kind(changes: Sequence[RightsChange]) -> RightsDiff:
    """The changes in words, sorted within each kind."""
    said = {kind: tuple(sorted(str(one) for one in changes if one.kind is kind)) for kind in ChangeKind}
    return RightsDiff(said[ChangeKind.GAINED], said[ChangeKind.LOST], said[ChangeKind.CHANGED])


def rights_diff(
    before: Rights, after: Rights, *, choices: Mapping[str, tuple[str, ...]] | None = None
) -> tuple[RightsChange, ...]:
    """Every difference, features first, by code. Equal rights give none; turned round, gained and lost swap."""
    return (
        *_features(before, after, choices or {}),
        *_limits(before, after),
        *_places(before, after),
        *_terms(before, after),
    )


def _features(before: Rights, after: Rights, choices: Mapping[str, tuple[str, ...]]) -> Iterator[RightsChange]:
    for code in sorted(before.features.keys() | after.features.keys()):
        if code not in before.features:
            yield RightsChange(ChangeKind.GAINED, Aspect.FEATURE, code, "", _said(after.features[code]))
        elif code not in after.features:
            yield RightsChange(ChangeKind.LOST, Aspect.FEATURE, code, _said(before.features[code]), "")
        elif before.features[code] != after.features[code]:
            first, second = before.features[code], after.features[code]
            kind = _direction(_rank(first, second, choices.get(code, ())))
            yield RightsChange(kind, Aspect.FEATURE, code, _said(first), _said(second))


def _rank(first: FeatureValue, second: FeatureValue, order: tuple[str, ...]) -> int:
    """Above 0 when the second is more, below when it is less, 0 when nobody can say."""
    if isinstance(first, QuotaTerms) and isinstance(second, QuotaTerms):
        if first.period is not second.period or first.overage != second.overage:
            return 0
        return _more(first.limit, second.limit)
    if isinstance(first, str) and isinstance(second, str) and first in order and second in order:
        return order.index(second) - order.index(first)
    return 0


def _limits(before: Rights, after: Rights) -> Iterator[RightsChange]:
    for code in sorted(before.limits.keys() | after.limits.keys()):
        first, second = before.limits.get(code), after.limits.get(code)
        if first != second:
            yield RightsChange(_direction(_more(first, second)), Aspect.LIMIT, code, _number(first), _number(second))


def _places(before: Rights, after: Rights) -> Iterator[RightsChange]:
    for aspect, first, second in (
        (Aspect.TERRITORIES, before.territories, after.territories),
        (Aspect.DOMAINS, before.domains, after.domains),
        (Aspect.DEPARTMENTS, before.departments, after.departments),
    ):
        if first == second:
            continue
        if second is None or (first is not None and first < second):
            kind = ChangeKind.GAINED
        elif first is None or second < first:
            kind = ChangeKind.LOST
        else:
            kind = ChangeKind.CHANGED
        yield RightsChange(kind, aspect, "", _listed(first), _listed(second))


def _terms(before: Rights, after: Rights) -> Iterator[RightsChange]:
    for aspect, first, second in (
        (Aspect.MODEL, before.model, after.model),
        (Aspect.VERSIONS, before.versions, after.versions),
        (Aspect.TERM, _term(before), _term(after)),
        (Aspect.EXPIRY, before.expiry_strategy, after.expiry_strategy),
    ):
        if first != second:
            yield RightsChange(ChangeKind.CHANGED, aspect, "", first, second)
    if before.grace_days != after.grace_days:
        kind = _direction(after.grace_days - before.grace_days)
        yield RightsChange(kind, Aspect.GRACE, "", str(before.grace_days), str(after.grace_days))


def _more(first: int | None, second: int | None) -> int:
    """None is no limit, and so more than any number."""
    if first is None or second is None:
        return (second is None) - (first is None)
    return second - first


def _direction(rank: int) -> ChangeKind:
    if rank == 0:
        return ChangeKind.CHANGED
    return ChangeKind.GAINED if rank > 0 else ChangeKind.LOST


def _said(value: FeatureValue) -> str:
    if isinstance(value, QuotaTerms):
        return f"{_number(value.limit)}/{value.period.value}" + _overage(value)
    return ON if value is None else value


def _overage(value: QuotaTerms) -> str:
    return f" (+{value.overage.amount} {value.overage.kind.value})" if value.overage.amount else ""


def _number(value: int | None) -> str:
    return "unlimited" if value is None else str(value)


def _listed(values: frozenset[str] | None) -> str:
    return "*" if values is None else ", ".join(sorted(values))


def _term(rights: Rights) -> str:
    return f"P{rights.months}M{rights.days}D" if rights.months or rights.days else ""
