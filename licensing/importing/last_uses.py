"""The sheet of last uses: when a person or a device last used a product. A log of sign-ins is one, line by line."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from licensing.importing import values
from licensing.importing.assignments import NAME, NUMBER, SUBJECT_AMBIGUOUS, SUBJECT_MISSING
from licensing.importing.fields import AcrossCells, Field, Learns, Presence, RowForm
from licensing.importing.findings import Problem, warning
from licensing.importing.headings import HEADINGS
from licensing.importing.moments import read_moment
from licensing.importing.texts import comparable

LAST_USE_REPEATED = warning("LAST_USE_REPEATED", _("Line %(line)d says the same. This line is left out."))
LAST_USE_CONTRADICTED = warning(
    "LAST_USE_CONTRADICTED",
    _("Line %(line)d counts this use at the same moment otherwise. That line counts, this one is left out."),
)

PERSON = ("user_name", "email", "employee_number")
DEVICE = ("hostname", "serial_number")


@dataclass(frozen=True, slots=True)
class LastUseRow:
    """One use as a file states it: names are as written, nothing is looked up. A person or a device is named.

    `last_used` is a datetime where the file has a time (naive where it names no zone), else the day; None: the file
    knows of no use. `uses` is how often the file counted.
    """

    publisher: str | None
    product: str
    user_name: str | None
    email: str | None
    employee_number: str | None
    hostname: str | None
    serial_number: str | None
    last_used: date | None
    uses: int | None

    @property
    def names_device(self) -> bool:
        return self.hostname is not None or self.serial_number is not None

    @property
    def subject(self) -> str:
        """What the file calls the user, by the first name that it gives."""
        names = (self.user_name, self.email, self.employee_number, self.hostname, self.serial_number)
        return next((name for name in names if name is not None), "")


FIELDS = (
    Field("publisher", _("Publisher"), HEADINGS["publisher"], values.TextReader(NAME)),
    Field(
        "product",
        _("Product"),
        (*HEADINGS["product"], "application", "app", "app name", "application display name", "anwendung"),
        values.TextReader(NAME),
        presence=Presence.CELL,
    ),
    Field(
        "user_name", _("User name"), (*HEADINGS["user_name"], "user principal name", "actor"), values.TextReader(NAME)
    ),
    Field("email", _("E-mail"), HEADINGS["email"], values.email),
    Field("employee_number", _("Employee number"), HEADINGS["employee_number"], values.TextReader(NUMBER)),
    Field("hostname", _("Host name"), HEADINGS["hostname"], values.TextReader(NAME)),
    Field("serial_number", _("Serial number"), HEADINGS["serial_number"], values.TextReader(NUMBER)),
    Field(
        "last_used",
        _("Last used"),
        (*HEADINGS["last_used"], "time", "date", "timestamp", "created date time", "zeit", "zeitpunkt", "datum"),
        read_moment,
        presence=Presence.COLUMN,
        learns=Learns.ORDER,
    ),
    Field(
        "uses",
        _("Uses"),
        ("number of uses", "sign-ins", "sign-in count", "count", "nutzungen", "anmeldungen", "anzahl"),
        values.whole(1),
        learns=Learns.DECIMAL,
    ),
)

_AT = {field.name: position for position, field in enumerate(FIELDS)}


def _settle(cells: list[Any]) -> list[AcrossCells]:
    person, device = (any(cells[_AT[name]] is not None for name in names) for names in (PERSON, DEVICE))
    if person and device:
        return [("user_name", Problem(SUBJECT_AMBIGUOUS))]
    return [] if person or device else [("user_name", Problem(SUBJECT_MISSING))]


def _identity(row: LastUseRow) -> tuple[str, ...]:
    """One use: whose, of what, when. A log has a line for each of many."""
    at = "" if row.last_used is None else row.last_used.isoformat()
    return (comparable(row.publisher or ""), comparable(row.product), row.subject.casefold(), at)


LAST_USES: RowForm[LastUseRow] = RowForm(
    name="last_uses",
    label=_("Last uses"),
    fields=FIELDS,
    row_type=LastUseRow,
    settle=_settle,
    identity=_identity,
    statement=("last_used", "uses"),
    repeated=LAST_USE_REPEATED,
    contradicted=LAST_USE_CONTRADICTED,
    either=(*PERSON, *DEVICE),
)
