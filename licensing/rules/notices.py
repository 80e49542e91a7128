"""What a customer should know about a licence today: the one thing that stands in its way, or what ends soon."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from licensing.rules.advice import PAST_DUE
from licensing.rules.codes import Code, WarningCode
from licensing.rules.decision import decide
from licensing.rules.expiry import expiry_of
from licensing.rules.facts import LicenseFacts, LicenseStatus, ValidationScope
from licensing.rules.outcome import Advice

REMEMBERED = timedelta(days=90)
"""For how long an end is still news."""


class NoticeCode(StrEnum):
    BARRED = "BARRED"
    REVOKED = "REVOKED"
    SUSPENDED = "SUSPENDED"
    EXPIRED = "EXPIRED"
    PAST_DUE = "PAST_DUE"
    IN_GRACE = "IN_GRACE"
    EXPIRES_SOON = "EXPIRES_SOON"
    MAINTENANCE_ENDS_SOON = "MAINTENANCE_ENDS_SOON"
    NOT_YET_VALID = "NOT_YET_VALID"


@dataclass(frozen=True, slots=True)
class Notice:
    """`at` is when it began, or for what is still to come, when it will; None where there is no moment."""

    code: NoticeCode
    at: datetime | None = None


URGENCY = tuple(NoticeCode)
OF_WARNING = {
    WarningCode.IN_GRACE: NoticeCode.IN_GRACE,
    WarningCode.EXPIRES_SOON: NoticeCode.EXPIRES_SOON,
    WarningCode.MAINTENANCE_ENDS_SOON: NoticeCode.MAINTENANCE_ENDS_SOON,
}


HINDERING = frozenset({Code.REVOKED, Code.BANNED, Code.SUSPENDED, Code.PAUSED, Code.NOT_YET_EFFECTIVE, Code.EXPIRED})
"""Findings about the licence itself, whatever machine or person asks."""


def hindrance_of(facts: LicenseFacts, at: datetime) -> Code | None:
    """Why nothing of a licence can be used at `at`; None where it can be, by whoever fulfils its conditions."""
    found = decide(facts, ValidationScope(), at).findings
    return next((one.code for one in found if one.code in HINDERING), None)


def notice_about(facts: LicenseFacts, *, revoked_at: datetime | None, at: datetime) -> Notice | None:
    """The most urgent notice about a licence at `at`, as a validation that asks for nothing would find it; None when
    there is nothing to say, or what there is has been over for ninety days."""
    decision = decide(facts, ValidationScope(), at)
    found = {one.code for one in decision.findings}
    if Code.REVOKED in found:
        is_news = revoked_at is not None and at - revoked_at < REMEMBERED
        return Notice(NoticeCode.REVOKED, revoked_at) if is_news else None
    if Code.BANNED in found:
        return Notice(NoticeCode.BARRED, facts.party_barred_at)
    if facts.status is LicenseStatus.SUSPENDED:
        return Notice(NoticeCode.SUSPENDED)
    if Code.EXPIRED in found:
        end = expiry_of(facts, at)
        is_news = end is not None and at - (facts.grace_until or end) < REMEMBERED
        return Notice(NoticeCode.EXPIRED, end) if is_news else None
    if Code.NOT_YET_EFFECTIVE in found:
        return Notice(NoticeCode.NOT_YET_VALID, facts.valid_from)
    warned = [_warned(one) for one in decision.warnings if one.code in OF_WARNING]
    return min(warned, key=lambda one: URGENCY.index(one.code), default=None)


def _warned(one: Advice) -> Notice:
    """The grace of a term and that of a payment are one warning to software, and two things to a person."""
    return Notice(NoticeCode.PAST_DUE if one.fact == PAST_DUE else OF_WARNING[one.code], one.until)
