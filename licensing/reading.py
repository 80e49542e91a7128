"""Reading small JSON objects of strangers strictly: every mistake is collected with its JSON pointer (RFC 6901)."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from kernel.errors import FieldError, InvalidInput

LONGEST_TEXT = 200
LONGEST_TOKEN = 2_000
LARGEST_NUMBER = 2**53 - 1
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)

Value = TypeVar("Value")
Members = Mapping[str, Any]


class Reader:
    """Reads members of objects. A wrong member is noted and reads as None; `finish` refuses if there was one."""

    def __init__(self) -> None:
        self.mistakes: list[FieldError] = []

    def finish(self) -> None:
        """Raises InvalidInput with all mistakes, if any."""
        if self.mistakes:
            raise InvalidInput(
                _("The input has %(count)s mistakes.") % {"count": len(self.mistakes)}, errors=tuple(self.mistakes)
            )

    def wrong(self, pointer: str, message: str) -> None:
        self.mistakes.append(FieldError(pointer, message))

    def unknown(self, given: Members, known: frozenset[str], place: str) -> None:
        """Notes members that are not read here: who states something must not believe that it was judged."""
        for name in sorted(given.keys() - known):
            self.wrong(f"{place}/{escaped(name)}", _("This member is not known here and would not be judged."))

    def optional(
        self, given: Members, name: str, place: str, read: Callable[[Members, str, str], Value | None]
    ) -> Value | None:
        return None if given.get(name) is None else read(given, name, place)

    def object(self, given: Members, name: str, place: str) -> Members:
        """The object under this name; an empty one where there is none or something else."""
        value = given.get(name, {})
        if not isinstance(value, dict):
            self.wrong(f"{place}/{name}", _("An object is needed."))
            return {}
        return value

    def text(self, given: Members, name: str, place: str) -> str | None:
        value = given.get(name)
        pointer = f"{place}/{escaped(name)}"
        if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_TEXT:
            self.wrong(pointer, _("A text of 1 to %(most)d characters is needed.") % {"most": LONGEST_TEXT})
            return None
        if "\0" in value:
            self.wrong(pointer, _("A text has no NUL characters."))
            return None
        return value

    def token(self, given: Members, name: str, place: str) -> str | None:
        """A signed token, which is longer than other texts."""
        value = given.get(name)
        if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_TOKEN:
            self.wrong(
                f"{place}/{escaped(name)}", _("A text of 1 to %(most)d characters is needed.") % {"most": LONGEST_TOKEN}
            )
            return None
        return value

    def word(self, given: Members, name: str, place: str) -> str | None:
        """A text that is more than white space, which is taken off round it."""
        value = self.text(given, name, place)
        if value is not None and not value.strip():
            self.wrong(f"{place}/{escaped(name)}", _("A text of more than white space is needed."))
            return None
        return None if value is None else value.strip()

    def texts(
        self, given: Members, name: str, place: str, *, most: int, read: Callable[[Members, str, str], str | None]
    ) -> tuple[str, ...] | None:
        value = given[name]
        if not isinstance(value, list) or len(value) > most:
            self.wrong(f"{place}/{name}", _("A list of at most %(most)d texts is needed.") % {"most": most})
            return None
        items = {str(index): item for index, item in enumerate(value)}
        return tuple(filter(None, (read(items, index, f"{place}/{name}") for index in items)))

    def country(self, given: Members, name: str, place: str) -> str | None:
        value = given[name]
        if not isinstance(value, str) or len(value) != 2 or not (value.isascii() and value.isalpha()):
            self.wrong(f"{place}/{name}", _("A country is a code of two letters (ISO 3166-1)."))
            return None
        return value

    def truth(self, given: Members, name: str, place: str) -> bool | None:
        value = given[name]
        if not isinstance(value, bool):
            self.wrong(f"{place}/{name}", _("Only true and false are understood here."))
            return None
        return value

    def number(self, given: Members, name: str, place: str) -> int | None:
        value = given.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_NUMBER:
            self.wrong(f"{place}/{escaped(name)}", _("A whole number of 0 or more is needed."))
            return None
        return value

    def instant(self, given: Members, name: str, place: str) -> datetime | None:
        """An instant as RFC 3339 writes it, with its offset; in UTC. Finer than microseconds is cut off."""
        value = given[name]
        try:
            if isinstance(value, str) and INSTANT.fullmatch(value):
                return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        self.wrong(
            f"{place}/{name}",
            _("A moment is written with its offset from UTC, such as 2026-03-01T00:00:00Z (RFC 3339)."),
        )
        return None


def escaped(name: str) -> str:
    """A member's name inside a JSON pointer, shortened: it comes from a stranger."""
    return name[:40].replace("~", "~0").replace("/", "~1")
