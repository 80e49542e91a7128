"""The question of a validation: a small JSON object, read strictly, every mistake with its JSON pointer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson
from django.utils.translation import gettext as _

from kernel.errors import FieldError, InvalidInput
from licensing.rules.facts import ValidationScope

LONGEST_TEXT = 200
MOST_FEATURES = 50
MEMBERS = frozenset({"key", "nonce", "scope"})
SCOPE_MEMBERS = frozenset({"product", "version", "features", "country"})

Value = TypeVar("Value")


@dataclass(frozen=True)
class Question:
    """A licence key as somebody typed it, what its licence is needed for, and the client's own random text."""

    key: str = field(repr=False)
    nonce: str
    scope: ValidationScope


def read_question(body: bytes) -> Question:
    """Raises InvalidInput with all mistakes.

    A member that this version does not judge is refused, not passed over: a client that states its machine must not
    believe that the machine was checked.
    """
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(_("The body is not JSON in UTF-8."), pointer="/") from error
    if not isinstance(given, dict):
        raise InvalidInput(_("The body has to be a JSON object."), pointer="/")
    reader = _Reader()
    reader.unknown(given, MEMBERS, "")
    scope = given.get("scope", {})
    if not isinstance(scope, dict):
        reader.wrong("/scope", _("An object is needed."))
        scope = {}
    reader.unknown(scope, SCOPE_MEMBERS, "/scope")
    question = Question(
        key=reader.text(given, "key", "") or "",
        nonce=reader.text(given, "nonce", "") or "",
        scope=ValidationScope(
            product=reader.optional(scope, "product", reader.text),
            version=reader.optional(scope, "version", reader.text),
            features=reader.optional(scope, "features", reader.features) or frozenset(),
            country=reader.optional(scope, "country", reader.country),
        ),
    )
    if reader.mistakes:
        raise InvalidInput(
            _("The input has %(count)s mistakes.") % {"count": len(reader.mistakes)}, errors=tuple(reader.mistakes)
        )
    return question


class _Reader:
    """Reads members and collects what is wrong with them; a wrong member reads as None."""

    def __init__(self) -> None:
        self.mistakes: list[FieldError] = []

    def wrong(self, pointer: str, message: str) -> None:
        self.mistakes.append(FieldError(pointer, message))

    def unknown(self, given: Mapping[str, Any], known: frozenset[str], place: str) -> None:
        for name in sorted(given.keys() - known):
            self.wrong(f"{place}/{_escaped(name)}", _("This member is not known here and would not be judged."))

    def optional(
        self, given: Mapping[str, Any], name: str, read: Callable[[Mapping[str, Any], str, str], Value | None]
    ) -> Value | None:
        return None if given.get(name) is None else read(given, name, "/scope")

    def text(self, given: Mapping[str, Any], name: str, place: str) -> str | None:
        value = given.get(name)
        if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_TEXT:
            self.wrong(f"{place}/{name}", _("A text of 1 to %(most)d characters is needed.") % {"most": LONGEST_TEXT})
            return None
        if "\0" in value:
            self.wrong(f"{place}/{name}", _("A text has no NUL characters."))
            return None
        return value

    def features(self, given: Mapping[str, Any], name: str, place: str) -> frozenset[str] | None:
        value = given[name]
        if not isinstance(value, list) or len(value) > MOST_FEATURES:
            self.wrong(f"{place}/{name}", _("A list of at most %(most)d texts is needed.") % {"most": MOST_FEATURES})
            return None
        items = {str(index): item for index, item in enumerate(value)}
        return frozenset(filter(None, (self.text(items, index, f"{place}/{name}") for index in items)))

    def country(self, given: Mapping[str, Any], name: str, place: str) -> str | None:
        value = given[name]
        if not isinstance(value, str) or len(value) != 2 or not (value.isascii() and value.isalpha()):
            self.wrong(f"{place}/{name}", _("A country is a code of two letters (ISO 3166-1)."))
            return None
        return value


def _escaped(name: str) -> str:
    """A member's name inside a JSON pointer (RFC 6901), shortened: it comes from a stranger."""
    return name[:40].replace("~", "~0").replace("/", "~1")
