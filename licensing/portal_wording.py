"""The portal's sentences about licences."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from licensing.models import License
from licensing.queries.portal import LicenseNotice
from licensing.rules.notices import NoticeCode
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


def _left(moment: datetime | None, at: datetime) -> str:
    days = (moment - at).days if moment is not None else 0
    return ngettext("%(count)d day left", "%(count)d days left", days) % {"count": days}
