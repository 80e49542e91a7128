"""Values of mutations that the library's scalars let through and a row would not take."""

from datetime import UTC, datetime

from django.utils.translation import gettext as _
from strawberry.utils.str_converters import to_camel_case

from kernel.errors import InvalidInput


def checked_text(text: str | None, *, most: int, name: str, required: bool = False) -> str:
    """The text without blanks round it. Raises InvalidInput that points at it when it is too long, or empty although
    it is required."""
    found, pointer = (text or "").strip(), f"/input/{to_camel_case(name)}"
    if required and not found:
        raise InvalidInput(_("This must not be empty."), pointer=pointer)
    if len(found) > most:
        raise InvalidInput(_("At most %(most)d characters.") % {"most": most}, pointer=pointer)
    return found


def checked_number(number: int, *, most: int, name: str) -> int:
    """The number. Raises InvalidInput that points at it when a column could not add it up."""
    if number > most:
        raise InvalidInput(_("At most %(most)d.") % {"most": most}, pointer=f"/input/{to_camel_case(name)}")
    return number


def checked_moment(at: datetime | None, *, name: str) -> datetime | None:
    """The moment in UTC. Raises InvalidInput for one without a time zone, and for one that UTC cannot write."""
    if at is None:
        return None
    try:
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except OverflowError:
        pass
    raise InvalidInput(
        _("Write a moment with its time zone, such as 2027-01-01T00:00:00Z."), pointer=f"/input/{to_camel_case(name)}"
    )
