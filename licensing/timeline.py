"""What happened to a licence, as people read it: one sentence for each entry of the ledger, and the ends of its terms,
which nobody wrote down because the clock brings them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from licensing.models import License, LicenseRenewal
from licensing.models.activations import EndReason
from licensing.models.life import DUNNING_STAGE_CHOICES
from licensing.queries.license_facts import facts_of
from licensing.queries.license_history import HistoryEntry
from licensing.rules.expiry import clock_of, expiry_of

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
    "change_request.approved": (gettext_lazy("Request approved"), "circle-check"),
    "change_request.rejected": (gettext_lazy("Request rejected"), "circle-x"),
    "change_request.withdrawn": (gettext_lazy("Request taken back"), "circle-minus"),
    "change_request.expired": (gettext_lazy("Nobody decided about the request in time"), "clock"),
}
ASKED: dict[str, tuple[Any, str]] = {
    "license.revoke": (gettext_lazy("Asked to revoke it"), "users"),
    "license.transfer": (gettext_lazy("Asked to hand it on"), "users"),
}
"""What a second person was asked for, by the kind of the change."""


@dataclass(frozen=True)
class Step:
    """One thing that happened, in words. `sequence` is the entry that says so; None: the clock brought it, and `actor`
    is "". `reason` is "" where none was given."""

    sequence: int | None
    at: datetime
    title: str
    icon: str
    text: str
    reason: str
    actor: str


def timeline(
    entries: Iterable[HistoryEntry], *, license: License, renewals: Iterable[LicenseRenewal], at: datetime
) -> list[Step]:
    """The history in words, newest first, with the ends of terms where they fell."""
    told = [_step(entry) for entry in entries]
    for end in _ends(license, renewals, at):
        place = next((index for index, step in enumerate(told) if step.at <= end.at), len(told))
        told.insert(place, end)
    return told


def _ends(license: License, renewals: Iterable[LicenseRenewal], at: datetime) -> Iterable[Step]:
    """The terms that were over before somebody renewed them, and the one that is over now, with its grace."""
    for renewal in renewals:
        if renewal.confirmed_at is not None and renewal.starts_at < renewal.confirmed_at:
            yield _ended(renewal.starts_at, _("Term ended"))
    facts = facts_of(license)
    until = min(clock_of(facts, at), license.revoked_at or at)
    end, grace = expiry_of(facts, at), facts.grace_until
    if end is None or end > until:
        return
    yield _ended(end, _("Term ended"), _("in grace until %(when)s") % {"when": _day(grace)} if grace else "")
    if grace is not None and grace <= until:
        yield _ended(grace, _("Grace ended"))


def _ended(at: datetime, title: str, text: str = "") -> Step:
    return Step(sequence=None, at=at, title=title, icon="calendar-due", text=text, reason="", actor="")


def _step(entry: HistoryEntry) -> Step:
    title, icon = _title(entry)
    return Step(
        sequence=entry.sequence,
        at=entry.at,
        title=str(title),
        icon=icon,
        text=_particular(entry),
        reason=entry.reason,
        actor=entry.actor,
    )


def _title(entry: HistoryEntry) -> tuple[Any, str]:
    if entry.kind == "change_request.opened":
        return ASKED.get(str(entry.details["kind"]), (_("A second person was asked"), "users"))
    return KINDS.get(entry.kind, (entry.kind, "history"))


def _particular(entry: HistoryEntry) -> str:
    """What tells this entry from others of its kind."""
    tell = PARTICULARS.get(entry.kind)
    return tell(entry) if tell is not None else ""


def _issued(entry: HistoryEntry) -> str:
    return _("%(units)s for %(customer)s, %(type)s") % {
        "units": _units(int(entry.details["quantity"])),
        "customer": _named(entry, "licensee"),
        "type": _named(entry, "license_type"),
    }


def _until(entry: HistoryEntry) -> str:
    when = entry.details.get("expires_at")
    return _("until %(when)s") % {"when": _day(when)} if when else ""


def _term(entry: HistoryEntry) -> str:
    return f"{_day(entry.details['starts_at'])} – {_day(entry.details['expires_at'])}"


def _converted(entry: HistoryEntry) -> str:
    return ", ".join(filter(None, (_between(entry, "from_type", "license_type"), _until(entry))))


def _resized(entry: HistoryEntry) -> str:
    amount, units = entry.details.get("amount"), _units(int(entry.details["quantity"]))
    change = f"{entry.details['before']} → {units}"
    if not amount:
        return change
    words = {
        "change": change,
        "amount": number_format(abs(Decimal(amount)), decimal_pos=2, force_grouping=True),
        "currency": entry.details["currency"],
    }
    if Decimal(amount) < 0:
        return _("%(change)s, %(amount)s %(currency)s given back") % words
    return _("%(change)s, %(amount)s %(currency)s") % words


def _stage(entry: HistoryEntry) -> str:
    return str(dict(DUNNING_STAGE_CHOICES).get(entry.details["stage"], entry.details["stage"]))


def _machine_ended(entry: HistoryEntry) -> str:
    why = str(dict(EndReason.choices).get(entry.details["reason"], ""))
    return ", ".join(filter(None, (entry.about, why)))


def _between(entry: HistoryEntry, before: str, after: str) -> str:
    return f"{_named(entry, before)} → {_named(entry, after)}"


def _named(entry: HistoryEntry, member: str) -> str:
    """The name of a row that the entry mentions; what was erased since has none."""
    return entry.names.get(str(entry.details[member]), _("(no longer on record)"))


def _units(count: int) -> str:
    return ngettext("%(count)s unit", "%(count)s units", count) % {"count": number_format(count, force_grouping=True)}


def _day(when: datetime | str) -> str:
    at = datetime.fromisoformat(when) if isinstance(when, str) else when
    return date_format(localtime(at), "DATE_FORMAT")


def _prefix(entry: HistoryEntry) -> str:
    return f"{entry.details['prefix']}…"


def _number(entry: HistoryEntry) -> str:
    return _("No. %(sequence)s") % {"sequence": entry.details["sequence"]}


def _machine(entry: HistoryEntry) -> str:
    return entry.about


PARTICULARS: Mapping[str, Callable[[HistoryEntry], str]] = {
    "license.issued": _issued,
    "license.term_started": _until,
    "license.activated": _until,
    "license.resumed": _until,
    "license.kept": _until,
    "license.cancelled": lambda entry: _day(entry.details["cancel_at"]),
    "license.renewal_recorded": _term,
    "license.renewal_withdrawn": _term,
    "license.renewed": _term,
    "license.past_due": lambda entry: _("since %(when)s") % {"when": _day(entry.details["since"])},
    "license.dunned": _stage,
    "license.quantity_changed": _resized,
    "license.converted": _converted,
    "license.transferred": lambda entry: _between(entry, "from", "licensee"),
    "license.type_changed": lambda entry: f"{entry.details['from_version']} → {entry.details['version']}",
    "add_on.attached": lambda entry: str(entry.details["name"]),
    "license_key.issued": _prefix,
    "license_key.revoked": _prefix,
    "activation.created": _machine,
    "activation.revived": _machine,
    "activation.deactivated": _machine,
    "activation.released": _machine,
    "activation.ended": _machine_ended,
    "certificate.issued": _number,
    "certificate.checked_out": _number,
    "change_request.opened": lambda entry: str(entry.details["number"]),
    "change_request.approved": lambda entry: str(entry.details["number"]),
    "change_request.rejected": lambda entry: str(entry.details["number"]),
    "change_request.withdrawn": lambda entry: str(entry.details["number"]),
    "change_request.expired": lambda entry: str(entry.details["number"]),
}
"""Kind → what is particular about an entry of it. Kinds that are not here tell no more than their title."""
