"""The sheet of assignments: which person, device or outsider holds a seat of which product."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

from licensing.importing import dates, values
from licensing.importing.fields import AcrossCells, Field, Learns, Presence, RowForm
from licensing.importing.findings import Problem, error, warning
from licensing.importing.headings import HEADINGS
from licensing.importing.texts import comparable

NAME = 200
NUMBER = 100
REASON = 500

SUBJECT_MISSING = error(
    "SUBJECT_MISSING", _("The line names no person, no device and no external holder. Fill one in.")
)
SUBJECT_AMBIGUOUS = error(
    "SUBJECT_AMBIGUOUS",
    _("The line names more than one of person, device and external holder. A seat has one: leave the others empty."),
)
USED_BEFORE_SINCE = warning("USED_BEFORE_SINCE", _("The last use (%(last_used)s) lies before the start (%(since)s)."))
ASSIGNMENT_REPEATED = warning("ASSIGNMENT_REPEATED", _("Line %(line)d says the same. This line is left out."))
ASSIGNMENT_CONTRADICTED = warning(
    "ASSIGNMENT_CONTRADICTED",
    _("Line %(line)d gives the same holder this product with other values. That line counts, this one is left out."),
)

SubjectKind = Literal["person", "device", "external"]


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """One seat as a file states it: names are as written, nothing is looked up. Exactly one kind of holder is named.

    A person is named by any of user name, e-mail (lower case) and employee number, all of which mean one person; a
    device by host name, serial number or both. `since` and `last_used` are days as written, None: the file does not
    say. `quantity` counts what the pool counts (1 where the file is silent).
    """

    publisher: str | None
    product: str
    edition: str | None
    user_name: str | None
    email: str | None
    employee_number: str | None
    hostname: str | None
    serial_number: str | None
    external_holder: str | None
    quantity: int
    since: date | None
    reason: str | None
    last_used: date | None

    @property
    def subject_kind(self) -> SubjectKind:
        if self.external_holder is not None:
            return "external"
        return "device" if self.hostname is not None or self.serial_number is not None else "person"

    @property
    def subject(self) -> str:
        """What the file calls the holder, by the first name that it gives."""
        names = (self.user_name, self.email, self.employee_number, self.hostname, self.serial_number)
        return next((name for name in (*names, self.external_holder) if name is not None), "")


FIELDS = (
    Field("publisher", _("Publisher"), HEADINGS["publisher"], values.TextReader(NAME)),
    Field("product", _("Product"), HEADINGS["product"], values.TextReader(NAME), presence=Presence.CELL),
    Field("edition", _("Edition"), HEADINGS["edition"], values.TextReader(NAME)),
    Field("user_name", _("User name"), HEADINGS["user_name"], values.TextReader(NAME)),
    Field("email", _("E-mail"), HEADINGS["email"], values.email),
    Field("employee_number", _("Employee number"), HEADINGS["employee_number"], values.TextReader(NUMBER)),
    Field("hostname", _("Host name"), HEADINGS["hostname"], values.TextReader(NAME)),
    Field("serial_number", _("Serial number"), HEADINGS["serial_number"], values.TextReader(NUMBER)),
    Field("external_holder", _("External holder"), HEADINGS["external_holder"], values.TextReader(NAME)),
    Field("quantity", _("Quantity"), HEADINGS["quantity"], values.whole(1), learns=Learns.DECIMAL),
    Field("since", _("Since"), HEADINGS["since"], dates.read_date, learns=Learns.ORDER),
    Field("reason", _("Reason"), HEADINGS["reason"], values.TextReader(REASON)),
    Field("last_used", _("Last used"), HEADINGS["last_used"], dates.read_date, learns=Learns.ORDER),
)

_AT = {field.name: position for position, field in enumerate(FIELDS)}
QUANTITY, SINCE, LAST_USED = _AT["quantity"], _AT["since"], _AT["last_used"]
PERSON = ("user_name", "email", "employee_number")
DEVICE = ("hostname", "serial_number")
EXTERNAL = ("external_holder",)
# The columns of each kind of holder stand side by side.
HOLDERS = tuple((slice(_AT[names[0]], _AT[names[-1]] + 1), [None] * len(names)) for names in (PERSON, DEVICE, EXTERNAL))


def _settle(cells: list[Any]) -> list[AcrossCells]:
    found: list[AcrossCells] = []
    if cells[QUANTITY] is None:
        cells[QUANTITY] = 1
    named = sum([cells[columns] != empty for columns, empty in HOLDERS])
    if named == 0:
        found.append(("user_name", Problem(SUBJECT_MISSING)))
    elif named > 1:
        found.append(("user_name", Problem(SUBJECT_AMBIGUOUS)))
    since, last_used = cells[SINCE], cells[LAST_USED]
    if since is not None and last_used is not None and last_used < since:
        details = {"since": since.isoformat(), "last_used": last_used.isoformat()}
        found.append(("since", Problem(USED_BEFORE_SINCE, details)))
    return found


_spelt = lru_cache(maxsize=8192)(comparable)


def _identity(row: AssignmentRow) -> tuple[str, ...]:
    """One holder and one product. Names of holders differ in case at most: ann.li and annli are two people."""
    return (
        _spelt(row.publisher or ""),
        _spelt(row.product),
        _spelt(row.edition or ""),
        row.subject_kind,
        row.subject.casefold(),
    )


ASSIGNMENTS: RowForm[AssignmentRow] = RowForm(
    name="assignments",
    label=_("Assignments"),
    fields=FIELDS,
    row_type=AssignmentRow,
    settle=_settle,
    identity=_identity,
    statement=("quantity", "since"),
    repeated=ASSIGNMENT_REPEATED,
    contradicted=ASSIGNMENT_CONTRADICTED,
    either=(*PERSON, *DEVICE, *EXTERNAL),
)
