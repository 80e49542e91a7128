"""The summary page: key figures as tiles and the finding in plain sentences."""

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reporting.packages.figures import Figures
from reporting.packages.formatting import NOTHING, Formatter, isolated, printable
from reporting.packages.snapshot import LedgerResult, Severity, Snapshot
from reporting.packages.wording import SEVERITIES


@dataclass(frozen=True, slots=True)
class Tile:
    """One key figure; `tone` is ok, warning or critical and is said in `note` as well."""

    label: str
    value: str
    note: str
    tone: str = ""


def tiles(snapshot: Snapshot, figures: Figures, form: Formatter) -> tuple[Tile, ...]:
    """The six figures at the head of the summary."""
    return (
        _short(figures, form),
        _violations(figures, form),
        _evidence(figures, form),
        _cost(figures, form),
        _breadth(figures, form),
        _ledger(snapshot.ledger, form),
    )


def sentences(snapshot: Snapshot, figures: Figures, form: Formatter) -> tuple[str, ...]:
    """What the package finds, in a few sentences that hold without the tables."""
    return (_recorded(snapshot, figures, form), _position(snapshot, figures, form), _proof(snapshot.ledger, form))


def _short(figures: Figures, form: Formatter) -> Tile:
    count = len(figures.short)
    return Tile(
        label=_("Lines short of rights"),
        value=form.number(count),
        note=_("of %(total)s lines") % {"total": form.number(figures.lines)},
        tone="critical" if count else "ok",
    )


def _violations(figures: Figures, form: Formatter) -> Tile:
    found = Counter(row.severity for row in figures.open_violations)
    kinds = [kind for kind in reversed(Severity) if found[kind]]
    named = [f"{form.number(found[kind])} {str(SEVERITIES[kind]).lower()}" for kind in kinds]
    closed = _("%(count)s closed in the period") % {"count": form.number(figures.closed_violations)}
    return Tile(
        label=_("Open violations"),
        value=form.number(len(figures.open_violations)),
        note=", ".join(named) or closed,
        tone="critical" if figures.open_violations else "ok",
    )


def _evidence(figures: Figures, form: Formatter) -> Tile:
    count = len(figures.unproved)
    return Tile(
        label=_("Entitlements without evidence"),
        value=form.number(count),
        note=_("of %(total)s entitlements") % {"total": form.number(figures.entitlements)},
        tone="warning" if count else "ok",
    )


def _cost(figures: Figures, form: Formatter) -> Tile:
    amounts = [form.whole_money(total, currency) for currency, total in figures.costs]
    unpriced = ngettext("%(count)s line without price", "%(count)s lines without price", figures.unpriced)
    parts = [f"+ {amount}" for amount in amounts[1:3]]
    if figures.unpriced:
        parts.append(unpriced % {"count": form.number(figures.unpriced)})
    return Tile(
        label=_("Annual cost"),
        value=amounts[0] if amounts else NOTHING,
        note=", ".join(parts) or _("all lines priced"),
    )


def _breadth(figures: Figures, form: Formatter) -> Tile:
    note = ngettext("of %(count)s publisher", "of %(count)s publishers", figures.publishers)
    return Tile(
        label=_("Products"),
        value=form.number(figures.products),
        note=note % {"count": form.number(figures.publishers)},
    )


def _ledger(ledger: LedgerResult, form: Formatter) -> Tile:
    entries = ngettext("%(count)s entry, no finding", "%(count)s entries, no finding", ledger.size)
    findings = ngettext("%(count)s finding", "%(count)s findings", len(ledger.findings))
    if ledger.findings:
        return Tile(_("Ledger"), _("broken"), findings % {"count": form.number(len(ledger.findings))}, "critical")
    return Tile(_("Ledger"), _("verified"), entries % {"count": form.number(ledger.size)}, "ok")


def _recorded(snapshot: Snapshot, figures: Figures, form: Formatter) -> str:
    text = ngettext(
        "In the period %(period)s, %(organisation)s had %(count)s entitlement on record, for %(products)s.",
        "In the period %(period)s, %(organisation)s had %(count)s entitlements on record, for %(products)s.",
        figures.entitlements,
    )
    products = ngettext("%(count)s product", "%(count)s products", figures.products)
    return text % {
        "period": form.period(snapshot.parameters.period_start, snapshot.parameters.period_end),
        "organisation": isolated(printable(snapshot.parameters.organization, limit=80)),
        "count": form.number(figures.entitlements),
        "products": products % {"count": form.number(figures.products)},
    }


def _position(snapshot: Snapshot, figures: Figures, form: Formatter) -> str:
    words = {
        "time": form.time(snapshot.parameters.as_of),
        "count": form.number(len(figures.short)),
        "total": form.number(figures.lines),
    }
    if not figures.short:
        return _("As of %(time)s UTC, no line was used beyond its rights.") % words
    text = ngettext(
        "As of %(time)s UTC, %(count)s of %(total)s lines was used beyond its rights.",
        "As of %(time)s UTC, %(count)s of %(total)s lines were used beyond their rights.",
        len(figures.short),
    )
    return text % words


def _proof(ledger: LedgerResult, form: Formatter) -> str:
    if ledger.findings:
        return _("The ledger does not verify: what follows rests on records that may have been altered.")
    text = ngettext(
        "The ledger verifies: its %(count)s entry leads without a gap to the checkpoint in this package.",
        "The ledger verifies: its %(count)s entries lead without a gap to the checkpoint in this package.",
        ledger.size,
    )
    return text % {"count": form.number(ledger.size)}
