"""The printed table of access reviews: what has no answer first, then what was taken away, then what stays."""

from django.utils.translation import gettext as _

from reporting.packages.formatting import NOTHING, Formatter, printable
from reporting.packages.snapshot import AccessReviewRow, Snapshot
from reporting.packages.tables import PRINT_LIMITS, Cell, Column, Line, Table, choice_sentence, chosen

ORDER = {"": 0, "revoke": 1, "change": 2, "keep": 3}
TONES = {"": "warning", "keep": "soft"}


def access_reviews(snapshot: Snapshot, form: Formatter) -> Table:
    """One line for each question."""
    rows = chosen(snapshot.access_reviews, first=_order, limit=PRINT_LIMITS["access_reviews"])
    return Table(
        caption=_("Access reviews"),
        columns=(
            Column(_("Review"), "text", 24),
            Column(_("Member"), "text", 22),
            Column(_("Decision"), "text", 18),
            Column(_("Reason"), "text", 18),
            Column(_("Decided"), "date", 10),
            Column(_("Entry"), "number", 8),
        ),
        lines=tuple(_line(row, form) for row in rows),
        choice=choice_sentence(
            form,
            printed=len(rows),
            total=len(snapshot.access_reviews),
            order=_("what has no answer first, then what was taken away"),
            listing="access-reviews",
        ),
    )


def coverage(snapshot: Snapshot, form: Formatter) -> str:
    """How much is answered, of all questions of all reviews."""
    total = len(snapshot.access_reviews)
    decided = sum(bool(row.decision) for row in snapshot.access_reviews)
    return _("%(decided)s of %(total)s") % {"decided": form.number(decided), "total": form.number(total)}


def _order(row: AccessReviewRow) -> tuple[object, ...]:
    return ORDER.get(row.decision, 0), row.started_at, row.review, row.member


def _line(row: AccessReviewRow, form: Formatter) -> Line:
    kept = _("left: %(roles)s") % {"roles": printable(row.kept_roles, limit=80)} if row.decision == "change" else ""
    return Line(
        (
            Cell(printable(row.review, limit=80), sub=_("due %(day)s") % {"day": form.day(row.due_at.date())}),
            Cell(printable(row.member, limit=40), sub=printable(row.roles, limit=80)),
            Cell(printable(row.decided) or _("no answer"), sub=kept, tone=TONES.get(row.decision, "")),
            Cell(printable(row.reason, limit=80) or NOTHING, sub=printable(row.reviewer_role, limit=40)),
            Cell(form.day(row.decided_at.date()) if row.decided_at else NOTHING),
            Cell(NOTHING if row.sequence is None else form.number(row.sequence)),
        )
    )
