"""Feature grants as they rest in JSON columns: a list of {code, starts_at?, ends_at?, value?}, instants in RFC 3339.

`value` is {limit, period, near_percent?, overage?: {kind, amount, until?}} of a quantity and a text of a choice.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NotRequired, TypedDict

from licensing.rules.allowances import NO_OVERAGE, Overage, OverageKind
from licensing.rules.facts import FeatureGrant
from licensing.rules.feature_values import FeatureValue, QuotaPeriod, QuotaTerms
from licensing.rules.terms import Period, in_utc

QUOTA_MEMBERS = frozenset({"limit", "period", "near_percent", "overage"})
OVERAGE_MEMBERS = frozenset({"kind", "amount", "until"})


class OverageJson(TypedDict):
    """What is allowed on top of a limit; without `until` for ever."""

    kind: str
    amount: int
    until: NotRequired[str]


class QuotaJson(TypedDict):
    """A quota; `limit` null is no limit."""

    limit: int | None
    period: str
    near_percent: NotRequired[int]
    overage: NotRequired[OverageJson]


class GrantJson(TypedDict):
    """One feature; without `starts_at` since ever, without `ends_at` for ever, without `value` a plain switch."""

    code: str
    starts_at: NotRequired[str]
    ends_at: NotRequired[str]
    value: NotRequired[QuotaJson | str]


class BadValue(ValueError):
    """A value of a feature that is neither a text nor a quota; `place` is the member of it that is wrong."""

    def __init__(self, place: str = "") -> None:
        super().__init__(place or "value")
        self.place = place


def grants_json(grants: Iterable[FeatureGrant]) -> list[GrantJson]:
    """The grants as they are stored, in the order in which they are given."""
    return [_json(grant) for grant in grants]


def grants_from(stored: Iterable[Mapping[str, Any]]) -> tuple[FeatureGrant, ...]:
    """The grants of a column that an operation wrote."""
    return tuple(
        FeatureGrant(
            item["code"],
            Period(_instant(item.get("starts_at")), _instant(item.get("ends_at"))),
            read_value(item.get("value")),
        )
        for item in stored
    )


def value_json(value: FeatureValue) -> QuotaJson | str | None:
    """A quota or choice as JSON; what is usual is left out."""
    if not isinstance(value, QuotaTerms):
        return value
    stored: QuotaJson = {"limit": value.limit, "period": value.period.value}
    if value.near_percent != QuotaTerms(limit=None).near_percent:
        stored["near_percent"] = value.near_percent
    if value.overage != NO_OVERAGE:
        stored["overage"] = {"kind": value.overage.kind.value, "amount": value.overage.amount}
        if value.overage.until is not None:
            stored["overage"]["until"] = in_utc(value.overage.until).isoformat()
    return stored


def read_value(value: object) -> FeatureValue:
    """The quota or choice that this JSON states. Raises BadValue for what is neither, and for members that nobody
    would judge."""
    if value is None or isinstance(value, str):
        return value
    if not isinstance(value, Mapping) or not value.keys() <= QUOTA_MEMBERS or "limit" not in value:
        raise BadValue
    limit, near = value["limit"], value.get("near_percent", 80)
    if not (limit is None or _is_whole(limit)):
        raise BadValue("limit")
    if not _is_whole(near):
        raise BadValue("near_percent")
    try:
        period = QuotaPeriod(value.get("period", QuotaPeriod.NONE))
    except ValueError as error:
        raise BadValue("period") from error
    return QuotaTerms(limit=limit, period=period, near_percent=near, overage=_overage(value.get("overage")))


def _overage(value: object) -> Overage:
    if value is None:
        return NO_OVERAGE
    if not isinstance(value, Mapping) or not value.keys() <= OVERAGE_MEMBERS or not _is_whole(value.get("amount")):
        raise BadValue("overage")
    until = value.get("until")
    try:
        end = None if until is None else datetime.fromisoformat(until)
        kind = OverageKind(value["kind"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadValue("overage") from error
    if end is not None and end.utcoffset() is None:
        raise BadValue("overage")
    return Overage(kind=kind, amount=value["amount"], until=end)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _json(grant: FeatureGrant) -> GrantJson:
    stored: GrantJson = {"code": grant.code}
    if grant.period.start is not None:
        stored["starts_at"] = in_utc(grant.period.start).isoformat()
    if grant.period.end is not None:
        stored["ends_at"] = in_utc(grant.period.end).isoformat()
    value = value_json(grant.value)
    if value is not None:
        stored["value"] = value
    return stored


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
