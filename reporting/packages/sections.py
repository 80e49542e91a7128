"""The numbered sections behind the summary, each with the words that make its numbers readable."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reporting.packages import access, graphics, histories, listings
from reporting.packages.csv_evidence import Listing
from reporting.packages.figures import Figures
from reporting.packages.formatting import Formatter, printable
from reporting.packages.graphics import Graphic
from reporting.packages.snapshot import LedgerResult, Snapshot
from reporting.packages.tables import Cell, Column, Line, Table
from reporting.packages.wording import GAPS


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a list of facts; `code` sets the value in a fixed-width face."""

    label: str
    value: str
    code: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One section: introduction, drawings, facts, table and a note in a fixed-width face, in this order."""

    anchor: str
    title: str
    intro: str
    graphics: tuple[Graphic, ...] = ()
    facts: tuple[Fact, ...] = ()
    table: Table | None = None
    empty: str = ""  # said in place of a table without rows
    note_title: str = ""
    note: str = ""
    flowing: bool = False  # goes on below the section before it if there is room


def sections(snapshot: Snapshot, figures: Figures, files: Sequence[Listing], form: Formatter) -> tuple[Section, ...]:
    """All sections in the order of the document; one without rows is printed and says so."""
    return (
        _inventory(snapshot, figures, form),
        _position(snapshot, form),
        _violations(snapshot, form),
        _seat_history(snapshot, form),
        _entitlements(snapshot, form),
        _imports(snapshot, form),
        _access_reviews(snapshot, form),
        _ledger(snapshot, form),
        _gaps(snapshot),
        _attachments(files, form),
    )


def _inventory(snapshot: Snapshot, figures: Figures, form: Formatter) -> Section:
    return Section(
        anchor="inventory",
        title=_("Licence inventory"),
        intro=_(
            "A line is one product, edition and metric. Owned counts all recorded rights, lapsed ones included; in "
            "force are those valid at the time of this report; free are rights in force that nobody holds; observed "
            "is use seen without an assignment. The lower date is the notice deadline."
        ),
        graphics=graphics.inventory(snapshot, figures, form),
        table=listings.inventory(snapshot, form),
        empty=_("No line is on record."),
    )


def _position(snapshot: Snapshot, form: Formatter) -> Section:
    return Section(
        anchor="position",
        title=_("Effective licence position"),
        intro=_(
            "Owned means rights in force. Line by line, owned is used plus available, and demand is used plus needed. "
            "A shortfall is never set off against a surplus of another line. Under a line stand the records that its "
            "numbers come from."
        ),
        graphics=graphics.position(snapshot, form),
        table=listings.positions(snapshot, form),
        empty=_("No position has been computed."),
    )


def _violations(snapshot: Snapshot, form: Formatter) -> Section:
    return Section(
        anchor="violations",
        title=_("Violations"),
        intro=_(
            "Every violation that was open at some moment of the period, with what happened to it. The steps of a "
            "timeline stand in the order of the ledger."
        ),
        graphics=graphics.violations(snapshot, form),
        table=histories.violations(snapshot, form),
        empty=_("No violation was open in the period."),
    )


def _seat_history(snapshot: Snapshot, form: Formatter) -> Section:
    return Section(
        anchor="seats",
        title=_("Seat history"),
        intro=_(
            "Each row is an entry of the ledger, with its number in the last column. Holders appear under the label "
            "that the organisation's privacy settings allow."
        ),
        graphics=graphics.seat_history(snapshot, form),
        table=histories.seat_history(snapshot, form),
        empty=_("No seat changed hands in the period."),
    )


def _entitlements(snapshot: Snapshot, form: Formatter) -> Section:
    return Section(
        anchor="entitlements",
        title=_("Entitlement evidence"),
        intro=_(
            "Each recorded right with agreement, purchase order, invoice and document. What is missing is named; a "
            "waiver is shown with its reason and counts as an answer, not as evidence."
        ),
        table=listings.entitlements(snapshot, form),
        empty=_("No entitlement is on record."),
    )


def _imports(snapshot: Snapshot, form: Formatter) -> Section:
    return Section(
        anchor="imports",
        title=_("Sources of the data"),
        intro=_(
            "Files from which rows of this report were imported. The full SHA-256 of each file is in the listing, so "
            "that a file kept elsewhere can be matched."
        ),
        table=histories.imports(snapshot, form),
        empty=_("No row of this report was imported from a file."),
        flowing=True,
    )


def _access_reviews(snapshot: Snapshot, form: Formatter) -> Section:
    return Section(
        anchor="access-reviews",
        title=_("Access reviews"),
        intro=_(
            "Reviews that ran in the period: for each member whether the access is still needed, who was asked, and "
            "what was decided. A decision takes effect with the ledger entry in the last column."
        ),
        facts=(Fact(_("Answered"), access.coverage(snapshot, form)),) if snapshot.access_reviews else (),
        table=access.access_reviews(snapshot, form),
        empty=_("No review of access ran in the period."),
        flowing=True,
    )


def _ledger(snapshot: Snapshot, form: Formatter) -> Section:
    return Section(
        anchor="ledger",
        title=_("Ledger verification"),
        intro=_(
            "Every change is an entry of a hash chain that only grows. The verification recomputes the chain from its "
            "first entry; the checkpoint below is signed and fixes its length and its end. The script verify.py in "
            "the package repeats this without the software that wrote the ledger."
        ),
        facts=_ledger_facts(snapshot.ledger, form),
        table=histories.ledger_findings(snapshot, form),
        empty=_("The verification has no finding."),
        note_title=_("Signed checkpoint"),
        note=snapshot.ledger.checkpoint,
    )


def _ledger_facts(ledger: LedgerResult, form: Formatter) -> tuple[Fact, ...]:
    erased = ngettext("%(count)s field", "%(count)s fields", ledger.erased_fields)
    return (
        Fact(_("Entries"), form.number(ledger.size)),
        Fact(_("First recorded (UTC)"), form.time(ledger.first_recorded_at)),
        Fact(_("Last recorded (UTC)"), form.time(ledger.last_recorded_at)),
        Fact(_("Verified (UTC)"), form.time(ledger.verified_at)),
        Fact(_("Erased at a person's request"), erased % {"count": form.number(ledger.erased_fields)}),
        Fact(_("Chain"), printable(ledger.chain, limit=80), code=True),
        Fact(_("Chain hash"), printable(ledger.chain_hash, limit=80), code=True),
        Fact(_("Merkle root"), printable(ledger.root, limit=80), code=True),
        Fact(_("Verification key"), printable(ledger.verification_key, limit=200), code=True),
    )


def _gaps(snapshot: Snapshot) -> Section:
    named = [GAPS[gap] for gap in snapshot.gaps]
    lines = tuple(Line((Cell(str(topic)), Cell(str(meaning)))) for topic, meaning in named)
    return Section(
        anchor="gaps",
        title=_("Not covered"),
        intro=_("Topics that an audit may ask for and that this package does not answer."),
        table=Table(
            caption=_("Not covered"),
            columns=(Column(_("Topic"), "text", 28), Column(_("What would be found there"), "text", 72)),
            lines=lines,
            choice="",
        ),
        empty=_("The package covers every topic of its checklist."),
        flowing=True,
    )


def _attachments(files: Sequence[Listing], form: Formatter) -> Section:
    lines = tuple(
        Line((Cell(file.name.rpartition("/")[2]), Cell(form.number(file.rows)), Cell(file.sha256))) for file in files
    )
    return Section(
        anchor="files",
        title=_("Attached listings"),
        intro=_(
            "The complete listings ride along with this document as attachments, and lie in the folder evidence of "
            "the package. There a text that a spreadsheet program could take for a formula begins with an apostrophe; "
            "in this document a sign that cannot be seen or printed appears as its number, such as [U+202E]."
        ),
        table=Table(
            caption=_("Attached listings"),
            columns=(
                Column(_("File"), "text", 26),
                Column(_("Rows"), "number", 10),
                Column(_("SHA-256"), "code", 64),
            ),
            lines=lines,
            choice="",
        ),
        flowing=True,
    )
