"""A feature grant as people type it: `export = 1000 per month over 10% until 2027-12-31`."""

from collections.abc import Mapping
from datetime import UTC, datetime

from django import forms
from django.utils.translation import gettext as _

from licensing.grants import GrantJson, QuotaJson
from licensing.rules.allowances import NO_OVERAGE, Overage, OverageKind
from licensing.rules.facts import FeatureGrant
from licensing.rules.feature_values import FeatureValue, QuotaPeriod, QuotaTerms
from licensing.rules.terms import Period

UNLIMITED = "unlimited"
DATES = frozenset({"from", "until"})
OF_A_QUOTA = frozenset({"per", "near", "over", "over-until"})


def typed_grant(words: list[str]) -> FeatureGrant:
    """The grant that a line states, in words. Raises ValidationError for a line that cannot be read."""
    code, rest = words[0], words[1:]
    typed = rest[1] if len(rest) > 1 and rest[0] == "=" else None
    rest = rest[2:] if typed is not None else rest
    stated = dict(zip(rest[::2], rest[1::2], strict=False))
    known = DATES | (OF_A_QUOTA if typed is not None and _is_quota(typed) else frozenset())
    if len(rest) % 2 or not stated.keys() <= known or len(stated) != len(rest) // 2:
        raise forms.ValidationError(_("“%(line)s”: write a code, then from or until with a date.") % _line(words))
    try:
        period = Period(_moment(stated, "from"), _moment(stated, "until"))
    except ValueError as error:
        raise forms.ValidationError(_("“%(line)s”: the dates cannot be read.") % _line(words)) from error
    try:
        return FeatureGrant(code, period, _value(typed, stated))
    except ValueError as error:
        raise forms.ValidationError(_("“%(line)s”: the quota cannot be read.") % _line(words)) from error


def grant_text(grant: GrantJson) -> str:
    """A stored grant as it would be typed."""
    value = grant.get("value")
    words = [grant["code"]]
    if value is not None:
        words += ["=", *([value] if isinstance(value, str) else _quota_words(value))]
    dates = {"from": grant.get("starts_at"), "until": grant.get("ends_at")}
    return " ".join([*words, *(f"{word} {at}" for word, at in dates.items() if at)])


def _quota_words(value: QuotaJson) -> list[str]:
    words = [UNLIMITED if value["limit"] is None else str(value["limit"])]
    if value["period"] != QuotaPeriod.NONE:
        words += ["per", value["period"]]
    if "near_percent" in value:
        words += ["near", str(value["near_percent"])]
    overage = value.get("overage")
    if overage is not None:
        words += ["over", f"{overage['amount']}{'%' if overage['kind'] == OverageKind.PERCENT else ''}"]
        words += ["over-until", overage["until"]] if "until" in overage else []
    return words


def _is_quota(typed: str) -> bool:
    return typed == UNLIMITED or typed.isdecimal()


def _value(typed: str | None, stated: Mapping[str, str]) -> FeatureValue:
    """Raises ValueError for numbers and words that cannot be read."""
    if typed is None or not _is_quota(typed):
        return typed
    return QuotaTerms(
        limit=None if typed == UNLIMITED else _whole(typed),
        period=QuotaPeriod(stated.get("per", QuotaPeriod.NONE)),
        near_percent=_whole(stated.get("near", "80")),
        overage=_overage(stated),
    )


def _overage(stated: Mapping[str, str]) -> Overage:
    if "over" not in stated:
        return NO_OVERAGE
    amount, kind = stated["over"], OverageKind.ABSOLUTE
    if amount.endswith("%"):
        amount, kind = amount.removesuffix("%"), OverageKind.PERCENT
    return Overage(kind=kind, amount=_whole(amount), until=_moment(stated, "over-until"))


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise ValueError("no whole number")
    return int(text)


def _moment(stated: Mapping[str, str], word: str) -> datetime | None:
    if word not in stated:
        return None
    read = datetime.fromisoformat(stated[word])
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _line(words: list[str]) -> dict[str, str]:
    return {"line": " ".join(words)[:80]}
