"""Feature grants as they rest in JSON columns: a list of {code, starts_at?, ends_at?}, instants in RFC 3339."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NotRequired, TypedDict

from licensing.rules.facts import FeatureGrant
from licensing.rules.terms import Period, in_utc


class GrantJson(TypedDict):
    """One feature; without `starts_at` since ever, without `ends_at` for ever."""

    code: str
    starts_at: NotRequired[str]
    ends_at: NotRequired[str]


def grants_json(grants: Iterable[FeatureGrant]) -> list[GrantJson]:
    """The grants as they are stored, in the order in which they are given."""
    return [_json(grant) for grant in grants]


def grants_from(stored: Iterable[Mapping[str, str]]) -> tuple[FeatureGrant, ...]:
    """The grants of a column that an operation wrote."""
    return tuple(
        FeatureGrant(item["code"], Period(_instant(item.get("starts_at")), _instant(item.get("ends_at"))))
        for item in stored
    )


def _json(grant: FeatureGrant) -> GrantJson:
    stored: GrantJson = {"code": grant.code}
    if grant.period.start is not None:
        stored["starts_at"] = in_utc(grant.period.start).isoformat()
    if grant.period.end is not None:
        stored["ends_at"] = in_utc(grant.period.end).isoformat()
    return stored


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
