"""What people read about a licence: its state today, its term, and what happened to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from licensing.models import License, LicenseType
from licensing.queries.license_facts import ACTIVATIONS, facts_of, limits_of
from licensing.queries.license_history import HistoryEntry
from licensing.rules.expiry import in_grace, is_over
from licensing.rules.facts import LicenseStatus

# Ledger kinds in the words of the licence's own page, with an icon each.
KINDS: dict[str, tuple[Any, str]] = {
    "license.issued": (gettext_lazy("Issued"), "license"),
    "license.term_started": (gettext_lazy("Term began with the first use"), "player-play"),
    "license.suspended": (gettext_lazy("Suspended"), "ban"),
    "license.reinstated": (gettext_lazy("Reinstated"), "circle-check"),
    "license.revoked": (gettext_lazy("Revoked"), "circle-x"),
    "license.activated": (gettext_lazy("Put in force"), "player-play"),
    "license.paused": (gettext_lazy("Paused"), "clock"),
    "license.resumed": (gettext_lazy("Goes on"), "player-play"),
    "license.cancelled": (gettext_lazy("Cancelled as of its end"), "calendar-due"),
    "license.kept": (gettext_lazy("Cancellation taken back"), "circle-check"),
    "license.renewal_recorded": (gettext_lazy("Renewal recorded"), "calendar-event"),
    "license.renewal_withdrawn": (gettext_lazy("Renewal taken back"), "circle-x"),
    "license.renewed": (gettext_lazy("Renewed"), "refresh"),
    "license.past_due": (gettext_lazy("Payment past due"), "coin"),
    "license.dunned": (gettext_lazy("Next stage of dunning"), "alert-triangle"),
    "license.settled": (gettext_lazy("Payment settled"), "circle-check"),
    "license.quantity_changed": (gettext_lazy("Units changed"), "adjustments"),
    "license.converted": (gettext_lazy("Trial bought"), "shopping-cart"),
    "license.transferred": (gettext_lazy("Handed on"), "users"),
    "license.type_changed": (gettext_lazy("Newer version of the type applied"), "license"),
    "add_on.attached": (gettext_lazy("Add-on attached"), "plus"),
    "add_on.removed": (gettext_lazy("Add-on removed"), "circle-x"),
    "license_key.issued": (gettext_lazy("Key issued"), "key"),
    "license_key.revoked": (gettext_lazy("Key revoked"), "lock"),
    "activation.created": (gettext_lazy("Activated on a machine"), "device-desktop"),
    "activation.revived": (gettext_lazy("Silent machine came back"), "device-desktop"),
    "activation.deactivated": (gettext_lazy("Deactivated by the client"), "circle-minus"),
    "activation.released": (gettext_lazy("Machine released"), "circle-minus"),
    "activation.ended": (gettext_lazy("Activation ended"), "circle-minus"),
    "certificate.issued": (gettext_lazy("Certificate signed"), "certificate"),
    "certificate.checked_out": (gettext_lazy("Certificate checked out"), "device-desktop"),
    "certificate.returned": (gettext_lazy("Certificate returned"), "circle-check"),
    "certificate.recalled": (gettext_lazy("Certificate recalled"), "circle-x"),
}
UNTIL = frozenset(
    {
        "license.activated", "license.resumed", "license.kept", "license.renewal_recorded", "license.renewed",
        "license.converted",
    }
)  # fmt: skip
"""Kinds whose entry tells until when the licence then holds."""


@dataclass(frozen=True)
class Standing:
    """A state as tone and word; tones are those of docs/design-system.md."""

    tone: str
    label: str


@dataclass(frozen=True)
class Step:
    """One entry of the ledger in words."""

    sequence: int
    at: datetime
    title: str
    icon: str
    text: str
    actor: str


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
        "note": left if row.expires_at > at else _("over"),
        "tone": "warn" if is_soon else "",
    }


def steps(entries: Iterable[HistoryEntry]) -> list[Step]:
    """The history in words, in the order given."""
    return [_step(entry) for entry in entries]


def _step(entry: HistoryEntry) -> Step:
    title, icon = KINDS.get(entry.kind, (entry.kind, "history"))
    return Step(
        sequence=entry.sequence,
        at=entry.at,
        title=str(title),
        icon=icon,
        text=". ".join(filter(None, (_particular(entry), entry.reason))),
        actor=entry.actor,
    )


def _particular(entry: HistoryEntry) -> str:
    """The one detail that tells this entry from others of its kind."""
    if "prefix" in entry.details:
        return f"{entry.details['prefix']}…"
    if entry.kind == "add_on.attached":
        return str(entry.details["name"])
    if entry.kind in {"certificate.issued", "certificate.checked_out"}:
        return _("No. %(sequence)s") % {"sequence": entry.details["sequence"]}
    if entry.kind in UNTIL and entry.details.get("expires_at"):
        return _("until %(when)s") % {"when": date_format(datetime.fromisoformat(entry.details["expires_at"]))}
    if entry.kind == "license.quantity_changed":
        return f"{entry.details['before']} → {entry.details['quantity']}"
    if entry.kind == "license.issued":
        quantity = int(entry.details["quantity"])
        return ngettext("%(count)d unit", "%(count)d units", quantity) % {"count": quantity}
    return ""
