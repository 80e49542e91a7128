"""The printed tables of what is held: inventory, position and entitlements. Which rows, in which order, and how."""

from decimal import Decimal

from django.utils.translation import gettext as _

from reporting.packages.figures import line_of
from reporting.packages.formatting import NOTHING, Formatter, printable
from reporting.packages.snapshot import (
    EntitlementRow,
    Explanation,
    InventoryRow,
    PositionRow,
    Snapshot,
)
from reporting.packages.tables import PRINT_LIMITS, Cell, Column, Line, Note, Table, choice_sentence, chosen
from reporting.packages.wording import MISSING


def inventory(snapshot: Snapshot, form: Formatter) -> Table:
    """What is owned, in force, assigned and free, the most expensive lines first."""
    rows = chosen(snapshot.inventory, first=_inventory_order, limit=PRINT_LIMITS["inventory"])
    return Table(
        caption=_("Licence inventory"),
        columns=(
            Column(_("Product"), "text", 26),
            Column(_("Owned"), "number", 8),
            Column(_("In force"), "number", 8),
            Column(_("Assigned"), "number", 9),
            Column(_("Free"), "number", 7),
            Column(_("Observed"), "number", 9),
            Column(_("Annual cost"), "number", 20),
            Column(_("End, notice"), "date", 13),
        ),
        lines=tuple(_inventory_line(row, form) for row in rows),
        choice=choice_sentence(
            form,
            printed=len(rows),
            total=len(snapshot.inventory),
            order=_("lines with use beyond assignments first, then by annual cost"),
            listing="inventory",
        ),
    )


def _inventory_order(row: InventoryRow) -> tuple[object, ...]:
    return -min(row.observed_use, 1), row.currency, -Decimal(row.annual_cost or 0), line_of(row)


def _inventory_line(row: InventoryRow, form: Formatter) -> Line:
    cost = form.money(Decimal(row.annual_cost), row.currency) if row.annual_cost is not None else NOTHING
    return Line(
        (
            _product(row),
            _rights(row.owned, row.unlimited, form),
            _rights(row.valid, row.unlimited, form),
            Cell(form.number(row.assigned)),
            Cell(form.number(row.free)),
            Cell(form.number(row.observed_use), tone="warning" if row.observed_use else ""),
            Cell(cost),
            Cell(form.day(row.next_end), sub=form.day(row.notice_deadline) if row.notice_deadline else ""),
        )
    )


def positions(snapshot: Snapshot, form: Formatter) -> Table:
    """Owned, used, needed and available, the largest shortfalls first, each number with its reasons."""
    rows = chosen(snapshot.positions, first=_position_order, limit=PRINT_LIMITS["positions"])
    left = PRINT_LIMITS["explanations"]
    lines = []
    for row in rows:
        notes = row.why[:left]
        left -= len(notes)
        lines.append(_position_line(row, tuple(_explanation(note, form) for note in notes), form))
    return Table(
        caption=_("Effective licence position"),
        columns=(
            Column(_("Product"), "text", 48),
            Column(_("Owned"), "number", 13),
            Column(_("Used"), "number", 13),
            Column(_("Needed"), "number", 13),
            Column(_("Available"), "number", 13),
        ),
        lines=tuple(lines),
        choice=choice_sentence(
            form,
            printed=len(rows),
            total=len(snapshot.positions),
            order=_("the largest shortfalls first, then by rights in use"),
            listing="positions",
        ),
    )


def _position_order(row: PositionRow) -> tuple[object, ...]:
    return -row.needed, -row.used, line_of(row)


def _position_line(row: PositionRow, notes: tuple[Note, ...], form: Formatter) -> Line:
    return Line(
        (
            _product(row),
            _rights(row.owned, row.unlimited, form),
            Cell(form.number(row.used)),
            Cell(form.number(row.needed), tone="critical" if row.needed else ""),
            Cell(_("covered"), tone="soft") if row.unlimited else Cell(form.number(row.available)),
        ),
        notes,
    )


def _explanation(step: Explanation, form: Formatter) -> Note:
    lead = "" if step.quantity is None else form.number(step.quantity)
    return Note(lead, printable(step.text), printable(step.reference, limit=40))


def entitlements(snapshot: Snapshot, form: Formatter) -> Table:
    """The recorded rights and their papers, those without evidence first."""
    rows = chosen(snapshot.entitlements, first=_entitlement_order, limit=PRINT_LIMITS["entitlements"])
    return Table(
        caption=_("Entitlement evidence"),
        columns=(
            Column(_("Product"), "text", 29),
            Column(_("Entitlement"), "text", 14),
            Column(_("Rights"), "number", 8),
            Column(_("Term"), "date", 15),
            Column(_("Papers"), "text", 20),
            Column(_("Missing"), "text", 14),
        ),
        lines=tuple(_entitlement_line(row, form) for row in rows),
        choice=choice_sentence(
            form,
            printed=len(rows),
            total=len(snapshot.entitlements),
            order=_("those without evidence first"),
            listing="entitlements",
        ),
    )


def _entitlement_order(row: EntitlementRow) -> tuple[object, ...]:
    return not (row.missing and not row.waiver), not row.missing, row.publisher, row.product, row.number


def _entitlement_line(row: EntitlementRow, form: Formatter) -> Line:
    papers = (row.agreement, row.purchase, row.invoice, row.document)
    named = [printable(paper, limit=40) for paper in papers if paper]
    missing = ", ".join(str(MISSING[item]) for item in row.missing)
    return Line(
        (
            _product(row),
            Cell(printable(row.number, limit=40), sub=printable(row.model, limit=40)),
            _rights(row.rights, row.unlimited, form),
            _term(row, form),
            Cell(named[0] if named else NOTHING, sub=" · ".join(named[1:])),
            _missing(missing, row.waiver),
        )
    )


def _term(row: EntitlementRow, form: Formatter) -> Cell:
    end = form.day(row.ends_on) if row.ends_on else _("no end")
    renewal = _("renews by itself") if row.auto_renews else ""
    return Cell(form.day(row.starts_on), sub=_("to %(end)s") % {"end": end} + (f", {renewal}" if renewal else ""))


def _missing(missing: str, waiver: str) -> Cell:
    if not missing:
        return Cell(_("complete"), tone="soft")
    if waiver:
        return Cell(missing, sub=_("waived: %(reason)s") % {"reason": printable(waiver, limit=60)})
    return Cell(missing, tone="warning")


def _product(row: InventoryRow | PositionRow | EntitlementRow) -> Cell:
    details = (row.publisher, row.edition, row.metric)
    return Cell(printable(row.product), sub=" · ".join(printable(part, limit=60) for part in details if part))


def _rights(count: int | None, unlimited: bool, form: Formatter) -> Cell:
    return Cell(_("unlimited"), tone="soft") if unlimited else Cell(form.number(count))
