"""The printed tables of what happened: violations, seat history, imports and the ledger's findings."""

from django.utils.translation import gettext as _

from reporting.packages.figures import open_of
from reporting.packages.formatting import NOTHING, Formatter, printable
from reporting.packages.snapshot import (
    ImportRow,
    LedgerFinding,
    SeatEvent,
    Snapshot,
    TimelineEntry,
    ViolationRow,
)
from reporting.packages.tables import PRINT_LIMITS, Cell, Column, Line, Note, Table, choice_sentence, chosen
from reporting.packages.wording import SEVERITIES


def violations(snapshot: Snapshot, form: Formatter) -> Table:
    """The violations of the period with their timelines: open ones by severity, then the closed ones, latest first."""
    closed = sorted((row for row in snapshot.violations if not row.open), key=lambda row: row.last_seen, reverse=True)
    rows = [*open_of(snapshot.violations), *closed][: PRINT_LIMITS["violations"]]
    left = PRINT_LIMITS["timelines"]
    lines = []
    for row in rows:
        notes = row.timeline[:left]
        left -= len(notes)
        lines.append(_violation_line(row, tuple(_step(entry, form) for entry in notes), form))
    return Table(
        caption=_("Violations"),
        columns=(
            Column(_("Severity"), "text", 11),
            Column(_("Violation"), "text", 35),
            Column(_("Observed"), "number", 12),
            Column(_("Allowed"), "number", 12),
            Column(_("First seen"), "date", 14),
            Column(_("State"), "text", 16),
        ),
        lines=tuple(lines),
        choice=choice_sentence(
            form,
            printed=len(rows),
            total=len(snapshot.violations),
            order=_("open ones first by severity, then the closed ones"),
            listing="violations",
        ),
        lead="date",
    )


def _violation_line(row: ViolationRow, notes: tuple[Note, ...], form: Formatter) -> Line:
    subject = " · ".join(printable(part, limit=60) for part in (row.number, row.publisher, row.product) if part)
    return Line(
        (
            Cell(str(SEVERITIES[row.severity]), tone=f"pill {row.severity}"),
            Cell(printable(row.title), sub=subject),
            Cell(printable(row.observed, limit=30)),
            Cell(printable(row.allowed, limit=30)),
            Cell(form.day(row.first_seen.date())),
            _state(row, form),
        ),
        notes,
    )


def _state(row: ViolationRow, form: Formatter) -> Cell:
    if not row.open:
        return Cell(_("closed"), sub=printable(row.resolution, limit=60), tone="soft")
    due = _("due %(day)s") % {"day": form.day(row.due_on)} if row.due_on else ""
    return Cell(_("open"), sub=due)


def _step(entry: TimelineEntry, form: Formatter) -> Note:
    return Note(form.time(entry.at), printable(entry.text), _entry(entry.sequence, form))


def _entry(sequence: int | None, form: Formatter) -> str:
    return "" if sequence is None else _("entry %(sequence)s") % {"sequence": form.number(sequence)}


def seat_history(snapshot: Snapshot, form: Formatter) -> Table:
    """Assignments and releases of the period, the latest first."""
    limit = PRINT_LIMITS["seat_history"]
    rows = chosen(snapshot.seat_history, first=lambda row: -row.sequence, limit=limit)
    return Table(
        caption=_("Seat history"),
        columns=(
            Column(_("When (UTC)"), "date", 18),
            Column(_("Event"), "text", 15),
            Column(_("Product"), "text", 27),
            Column(_("Holder"), "text", 16),
            Column(_("Reason"), "text", 16),
            Column(_("Entry"), "number", 8),
        ),
        lines=tuple(_seat_line(row, form) for row in rows),
        choice=choice_sentence(
            form,
            printed=len(rows),
            total=len(snapshot.seat_history),
            order=_("the latest first"),
            listing="seat-history",
        ),
    )


def _seat_line(row: SeatEvent, form: Formatter) -> Line:
    words = {1: _("Assigned"), -1: _("Released"), 0: _("Changed")}
    sign = (row.change > 0) - (row.change < 0)
    many = f" ({form.number(row.quantity)})" if row.quantity != 1 else ""
    return Line(
        (
            Cell(form.time(row.occurred_at)),
            Cell(words[sign] + many, sub=printable(row.action, limit=40)),
            Cell(printable(row.product), sub=printable(row.publisher)),
            Cell(printable(row.subject, limit=60)),
            Cell(printable(row.reason, limit=80) or NOTHING, sub=printable(row.actor, limit=40)),
            Cell(form.number(row.sequence)),
        )
    )


def imports(snapshot: Snapshot, form: Formatter) -> Table:
    """Where imported rows come from, the latest first."""
    rows = chosen(snapshot.imports, first=lambda row: -row.committed_at.timestamp(), limit=PRINT_LIMITS["imports"])
    return Table(
        caption=_("Imports"),
        columns=(
            Column(_("Import"), "text", 14),
            Column(_("File"), "text", 30),
            Column(_("Committed (UTC)"), "date", 17),
            Column(_("New"), "number", 7),
            Column(_("Changed"), "number", 9),
            Column(_("Same"), "number", 7),
            Column(_("Errors"), "number", 7),
            Column(_("Warnings"), "number", 9),
        ),
        lines=tuple(_import_line(row, form) for row in rows),
        choice=choice_sentence(
            form,
            printed=len(rows),
            total=len(snapshot.imports),
            order=_("the latest first"),
            listing="imports",
        ),
    )


def _import_line(row: ImportRow, form: Formatter) -> Line:
    counts = (row.new, row.changed, row.same, row.errors, row.warnings)
    return Line(
        (
            Cell(printable(row.number, limit=40), sub=printable(row.kind, limit=40)),
            Cell(printable(row.file_name, limit=80), sub=f"SHA-256 {row.file_sha256[:16]}…" if row.file_sha256 else ""),
            Cell(form.time(row.committed_at)),
            *(Cell(form.number(count)) for count in counts),
        )
    )


def ledger_findings(snapshot: Snapshot, form: Formatter) -> Table:
    """What the verifier objects to, in its own order."""
    found = snapshot.ledger.findings
    rows = found[: PRINT_LIMITS["findings"]]
    return Table(
        caption=_("Findings of the verification"),
        columns=(
            Column(_("Entry"), "number", 12),
            Column(_("Code"), "text", 26),
            Column(_("Finding"), "text", 62),
        ),
        lines=tuple(_finding_line(row, form) for row in rows),
        choice=choice_sentence(
            form,
            printed=len(rows),
            total=len(found),
            order=_("in the order of the chain"),
            listing="ledger-findings",
        ),
    )


def _finding_line(row: LedgerFinding, form: Formatter) -> Line:
    cells = (Cell(form.number(row.sequence)), Cell(printable(row.code, limit=40)), Cell(printable(row.text, limit=300)))
    return Line(cells)
