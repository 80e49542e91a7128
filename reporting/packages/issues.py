"""The open issues of a snapshot in the order in which a reader should look at them, and the summary's sentences."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reporting.packages.figures import Figures
from reporting.packages.formatting import Formatter, isolated, printable
from reporting.packages.snapshot import InventoryRow, LedgerResult, PositionRow, Severity, Snapshot, ViolationRow
from reporting.packages.wording import SEVERITIES

NAME_LIMIT: Final = 70


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that needs somebody; `section` is the anchor of the section that holds its rows."""

    severity: Severity
    title: str
    detail: str
    section: str

    @property
    def label(self) -> str:
        """The severity in words."""
        return str(SEVERITIES[self.severity])


def issues(snapshot: Snapshot, figures: Figures, form: Formatter) -> tuple[Issue, ...]:
    """All open issues, the gravest first; within one severity in the order of the sources below."""
    found = [
        *_ledger(snapshot.ledger, form),
        *(_violation(row, form) for row in figures.open_violations),
        *(_shortfall(row, form) for row in figures.uncovered),
        *_unproved(figures, form),
        *_deadlines(figures, form),
        *_observed(figures, form),
        *_gaps(snapshot, form),
    ]
    rank = list(Severity)
    return tuple(sorted(found, key=lambda issue: -rank.index(issue.severity)))


def line_name(row: InventoryRow | PositionRow) -> str:
    """Publisher and product of a line, safe inside a sentence."""
    return product_name(row.publisher, row.product)


def product_name(publisher: str, product: str) -> str:
    """The product, with its publisher unless its own name begins with that."""
    name = product if product.startswith(publisher) else f"{product} ({publisher})"
    return isolated(printable(name, limit=NAME_LIMIT))


def _ledger(ledger: LedgerResult, form: Formatter) -> Iterator[Issue]:
    for finding in ledger.findings:
        place = _("From entry %(sequence)s on.") % {"sequence": form.number(finding.sequence)}
        yield Issue(
            Severity.SEVERE,
            _("The ledger does not verify: %(finding)s") % {"finding": printable(finding.text)},
            place if finding.sequence is not None else _("The chain as a whole."),
            "ledger",
        )


def _violation(row: ViolationRow, form: Formatter) -> Issue:
    detail = _("%(observed)s against %(allowed)s allowed, open since %(day)s.") % {
        "observed": printable(row.observed, limit=40),
        "allowed": printable(row.allowed, limit=40),
        "day": form.day(row.first_seen.date()),
    }
    if row.due_on is not None:
        detail += " " + _("Due on %(day)s.") % {"day": form.day(row.due_on)}
    subject = product_name(row.publisher, row.product) if row.product else printable(row.subject, limit=NAME_LIMIT)
    return Issue(row.severity, f"{printable(row.title, limit=NAME_LIMIT)}: {subject}", detail, "violations")


def _shortfall(row: PositionRow, form: Formatter) -> Issue:
    title = ngettext("%(count)s right short: %(line)s", "%(count)s rights short: %(line)s", row.needed)
    return Issue(
        Severity.WARNING,
        title % {"count": form.number(row.needed), "line": line_name(row)},
        _("%(owned)s in force, %(used)s used. No violation is open for it.")
        % {"owned": form.number(row.owned), "used": form.number(row.used)},
        "position",
    )


def _unproved(figures: Figures, form: Formatter) -> Iterator[Issue]:
    count = len(figures.unproved)
    if count:
        title = ngettext("%(count)s entitlement lacks evidence", "%(count)s entitlements lack evidence", count)
        yield Issue(
            Severity.WARNING,
            title % {"count": form.number(count)},
            _("Of %(total)s recorded entitlements; each is named with what is missing.")
            % {"total": form.number(figures.entitlements)},
            "entitlements",
        )


def _deadlines(figures: Figures, form: Formatter) -> Iterator[Issue]:
    rows = figures.deadlines.rows
    if rows:
        title = ngettext(
            "%(count)s notice deadline within 90 days", "%(count)s notice deadlines within 90 days", len(rows)
        )
        yield Issue(
            Severity.INFO,
            title % {"count": form.number(len(rows))},
            _("The next is %(day)s: %(line)s.")
            % {"day": form.day(figures.deadlines.first), "line": line_name(rows[0])},
            "inventory",
        )


def _observed(figures: Figures, form: Formatter) -> Iterator[Issue]:
    rows = figures.observed
    if rows:
        title = ngettext(
            "Use without an assignment in %(count)s line", "Use without an assignment in %(count)s lines", len(rows)
        )
        most = max(rows, key=lambda row: row.observed_use)
        yield Issue(
            Severity.INFO,
            title % {"count": form.number(len(rows))},
            _("Most of it: %(line)s (%(count)s).") % {"line": line_name(most), "count": form.number(most.observed_use)},
            "inventory",
        )


def _gaps(snapshot: Snapshot, form: Formatter) -> Iterator[Issue]:
    count = len(snapshot.gaps)
    if count:
        title = ngettext(
            "%(count)s topic is not part of this package", "%(count)s topics are not part of this package", count
        )
        yield Issue(
            Severity.INFO,
            title % {"count": form.number(count)},
            _("They are listed, so that silence is not taken for proof."),
            "gaps",
        )
