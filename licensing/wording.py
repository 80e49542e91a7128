"""What people read about a licence: its state today, its term and its figures."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from licensing.models import License, LicenseType
from licensing.queries.license_facts import ACTIVATIONS, facts_of, limits_of
from licensing.rules.expiry import in_grace, is_over
from licensing.rules.facts import LicenseStatus


@dataclass(frozen=True)
class Standing:
    """A state as tone and word; tones are those of docs/design-system.md."""

    tone: str
    label: str


def standing(row: License, *, at: datetime) -> Standing:
    """What a validation at `at` would say about the licence itself, in a word."""
    facts = facts_of(row)
    if row.status != LicenseStatus.ACTIVE:
        tones = {LicenseStatus.REVOKED: "danger", LicenseStatus.SUSPENDED: "warn", LicenseStatus.DRAFT: "pending"}
        return Standing(tones[LicenseStatus(row.status)], str(row.get_status_display()))
    if row.paused_at is not None:
        return Standing("warn", _("Paused"))
    if row.valid_from is not None and at < row.valid_from:
        return Standing("pending", _("Not yet valid"))
    if in_grace(facts, at):
        return Standing("warn", _("In grace"))
    if is_over(facts, at):
        return Standing("neutral", _("Expired"))
    if row.past_due_since is not None:
        return Standing("warn", _("Payment past due"))
    return Standing("ok", _("Active"))


def term_of(kind: LicenseType) -> str:
    """The term of a type: “12 months”, “1 month + 14 days”, “Without end”."""
    if kind.duration is None:
        return _("Without end")
    parts = []
    if kind.duration_months:
        parts.append(
            ngettext("%(count)d month", "%(count)d months", kind.duration_months) % {"count": kind.duration_months}
        )
    if kind.duration_days:
        parts.append(ngettext("%(count)d day", "%(count)d days", kind.duration_days) % {"count": kind.duration_days})
    return " + ".join(parts)


def figures(row: License, *, keys: int, certificates: int, machines: int, at: datetime) -> list[dict[str, Any]]:
    """The strip of figures on top of a licence's page."""
    return [
        {"label": _("Units"), "value": row.quantity, "icon": "armchair"},
        _remaining(row, at),
        {"label": _("Keys in use"), "value": keys, "icon": "key"},
        _machines(row, machines),
        {"label": _("Certificates signed"), "value": certificates, "icon": "certificate"},
    ]


def _machines(row: License, live: int) -> dict[str, Any]:
    tile: dict[str, Any] = {"label": _("Machines"), "value": live, "icon": "device-desktop"}
    most = limits_of(row).get(ACTIVATIONS)
    if most is None:
        return tile
    return {**tile, "note": _("of %(most)d") % {"most": most}, "tone": "warn" if live > most else ""}


def _remaining(row: License, at: datetime) -> dict[str, Any]:
    tile: dict[str, Any] = {"label": _("Term ends"), "icon": "calendar-event"}
    if row.expires_at is None and row.license_type.duration is None:
        return {**tile, "value": _("Never")}
    if row.expires_at is None:
        return {**tile, "value": _("Open"), "note": _("begins with first use")}
    days = (row.expires_at - at).days
    left = ngettext("%(count)d day left", "%(count)d days left", days) % {"count": days}
    is_soon = row.status == LicenseStatus.ACTIVE and 0 <= days < row.license_type.notice_days
    return {
        **tile,
        "value": date_format(row.expires_at, "DATE_FORMAT"),
        "note": _left(row, left, at),
        "tone": "warn" if is_soon else "",
    }


def _left(row: License, left: str, at: datetime) -> str:
    """Of a revoked licence nothing is left, whatever its term says."""
    if row.status == LicenseStatus.REVOKED:
        return ""
    return left if row.expires_at is not None and row.expires_at > at else _("over")
