"""The portal's sentences about licences."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from licensing.models import License
from licensing.queries.license_facts import facts_of
from licensing.queries.portal import LicenseNotice
from licensing.rules.allowances import Quota
from licensing.rules.codes import Code
from licensing.rules.facts import FeatureGrant
from licensing.rules.notices import NoticeCode, hindrance_of
from licensing.wording import Standing, standing


@dataclass(frozen=True)
class ShownNotice:
    """`tone` is one of docs/design-system.md; `url` leads to the licence."""

    tone: str
    icon: str
    title: str
    text: str
    name: str
    url: str


LOOKS = {
    NoticeCode.BARRED: ("danger", "ban"),
    NoticeCode.REVOKED: ("danger", "circle-x"),
    NoticeCode.SUSPENDED: ("warn", "ban"),
    NoticeCode.EXPIRED: ("danger", "calendar-event"),
    NoticeCode.PAST_DUE: ("warn", "coin"),
    NoticeCode.IN_GRACE: ("warn", "alert-triangle"),
    NoticeCode.EXPIRES_SOON: ("warn", "calendar-event"),
    NoticeCode.MAINTENANCE_ENDS_SOON: ("info", "calendar-event"),
    NoticeCode.NOT_YET_VALID: ("info", "info-circle"),
}


def shown(one: LicenseNotice, *, at: datetime) -> ShownNotice:
    """A notice in words: what it is, since when or until when, and what the vendor said about it."""
    row, notice = one.license, one.notice
    tone, icon = LOOKS[notice.code]
    title, text = _words(row, notice.code, notice.at, at)
    return ShownNotice(tone, icon, title, text, f"{row.product} · {row.number}", address(row))


def address(row: License) -> str:
    return reverse("licensing:portal-license", args=[row.id])


def portal_standing(row: License, *, at: datetime) -> Standing:
    """The state of a licence as a customer reads it: a bar on the company stands before all else but a withdrawal."""
    if row.licensee.barred_at is not None and row.revoked_at is None:
        return Standing("danger", _("Blocked"))
    return standing(row, at=at)


HINDRANCES = {
    Code.REVOKED: gettext_lazy("Nothing of it can be used any more: the licence was withdrawn."),
    Code.BANNED: gettext_lazy("Nothing of it can be used at present: licences of your company are blocked."),
    Code.SUSPENDED: gettext_lazy("Nothing of it can be used at present: the licence is suspended."),
    Code.PAUSED: gettext_lazy("Nothing of it can be used at present: the licence is paused."),
    Code.NOT_YET_EFFECTIVE: gettext_lazy("Nothing of it can be used yet: the licence has not begun."),
    Code.EXPIRED: gettext_lazy("Nothing of it can be used any more: the licence has ended."),
}
"""One sentence for each of licensing.rules.notices.HINDERING."""


def hindrance(row: License, *, at: datetime) -> str:
    """Why nothing of a licence can be used at `at`; "" where it can be."""
    code = hindrance_of(facts_of(row), at)
    return "" if code is None else str(HINDRANCES[code])


def chosen(grant: FeatureGrant) -> str:
    """Which of its choices a feature carries; "" for a switch."""
    return grant.value if isinstance(grant.value, str) else ""


def quota_sentence(quota: Quota) -> str:
    """How much of a quota is used, and when it begins anew."""
    used = number_format(quota.used, force_grouping=True)
    if quota.limit is None:
        return _("%(used)s used, without a limit") % {"used": used}
    words = {"used": used, "limit": number_format(quota.limit, force_grouping=True)}
    if quota.resets_at is None:
        return _("%(used)s of %(limit)s used") % words
    words["day"] = date_format(localtime(quota.resets_at), "DATE_FORMAT")
    return _("%(used)s of %(limit)s used, anew on %(day)s") % words


def _words(row: License, code: NoticeCode, moment: datetime | None, at: datetime) -> tuple[str, str]:
    day = date_format(localtime(moment), "DATE_FORMAT") if moment is not None else ""
    match code:
        case NoticeCode.BARRED:
            return _("Blocked"), _("Licences of %(customer)s do not work at present. Please get in touch.") % {
                "customer": row.licensee
            }
        case NoticeCode.REVOKED:
            return _("Withdrawn on %(day)s") % {"day": day}, row.revoked_reason
        case NoticeCode.SUSPENDED:
            since = date_format(localtime(row.suspended_at), "DATE_FORMAT") if row.suspended_at else ""
            return _("Suspended since %(day)s") % {"day": since}, row.suspended_reason
        case NoticeCode.EXPIRED:
            return _("Ended on %(day)s") % {"day": day}, _("Get in touch to renew it.")
        case NoticeCode.PAST_DUE:
            return _("Payment past due"), _past_due(row, day, at)
        case NoticeCode.IN_GRACE:
            return _("In grace until %(day)s") % {"day": day}, _(
                "Its term is over and it still works. Renew it before grace ends."
            )
        case NoticeCode.EXPIRES_SOON:
            return _("Ends on %(day)s") % {"day": day}, _left(moment, at)
        case NoticeCode.MAINTENANCE_ENDS_SOON:
            return _("Maintenance ends on %(day)s") % {"day": day}, _("Later releases will not be covered.")
        case NoticeCode.NOT_YET_VALID:
            return (_("Begins on %(day)s") % {"day": day} if day else _("Not yet valid")), ""


def _past_due(row: License, day: str, at: datetime) -> str:
    words, [restricted, _suspended] = {"day": day}, facts_of(row).past_due_stages
    if at < restricted:
        return _("It works until %(day)s, then its features end. Please settle the invoice.") % words
    return _("Its features have ended, and it is suspended on %(day)s. Please settle the invoice.") % words


def _left(moment: datetime | None, at: datetime) -> str:
    days = (moment - at).days if moment is not None else 0
    return ngettext("%(count)d day left", "%(count)d days left", days) % {"count": days}
