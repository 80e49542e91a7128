"""The one text form of a ledger body.

Two programs that hash the same facts must hash the same bytes. Within the limits below, sorted and compact JSON
without needless escapes is byte for byte what RFC 8785 prescribes, so any RFC 8785 library can recompute a body:

* keys match ``[a-z][a-z0-9_]*`` (their order is the same in bytes, code points and UTF-16 units);
* values are text, whole numbers between -(2^53 - 1) and 2^53 - 1, booleans, null, lists and objects;
* no fractions (decimals and money travel as text), no lone surrogates, at most ``DEPTH_LIMIT`` levels.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

INTEGER_LIMIT: Final = 2**53
DEPTH_LIMIT: Final = 16

_KEY: Final = re.compile(r"[a-z][a-z0-9_]*")
# The C encoder; the value is checked and free of cycles before it gets here.
_encode: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, sort_keys=True, separators=(",", ":")
).encode


class NotCanonical(ValueError):
    """The value cannot stand in a ledger body; ``path`` names the place, as in ``details.lines[2]``."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path or 'body'}: {reason}")
        self.path = path


class UnsuitableKey(NotCanonical):
    """An object key is not text of the form ``[a-z][a-z0-9_]*``."""


class UnsuitableType(NotCanonical):
    """A value is of a type that JSON of this form does not have: a float, a Decimal, a date, bytes …"""


class IntegerTooLarge(NotCanonical):
    """A whole number would lose digits in programs that keep numbers as 64-bit floating point."""


class UnsuitableText(NotCanonical):
    """Text holds a lone surrogate, which UTF-8 cannot carry."""


class NestedTooDeeply(NotCanonical):
    """Lists and objects stand inside each other more than ``DEPTH_LIMIT`` levels deep."""


def canonical(body: Mapping[str, object]) -> str:
    """The canonical text of ``body``; its UTF-8 bytes are what the ledger hashes.

    Raises a subclass of NotCanonical (a ValueError) for everything outside the limits of this module.
    """
    return _encode(_plain_object(body, "", 1))


def _plain_object(value: Mapping[Any, object], path: str, depth: int) -> dict[str, object]:
    if depth > DEPTH_LIMIT:
        raise NestedTooDeeply(path, f"more than {DEPTH_LIMIT} levels")
    plain: dict[str, object] = {}
    for key, member in value.items():
        if not isinstance(key, str) or _KEY.fullmatch(key) is None:
            raise UnsuitableKey(path, f"the key {key!r} is not of the form [a-z][a-z0-9_]*")
        plain[key] = _plain(member, f"{path}.{key}" if path else key, depth)
    return plain


def _plain_list(value: list[object] | tuple[object, ...], path: str, depth: int) -> list[object]:
    if depth > DEPTH_LIMIT:
        raise NestedTooDeeply(path, f"more than {DEPTH_LIMIT} levels")
    return [_plain(item, f"{path}[{index}]", depth) for index, item in enumerate(value)]


def _plain(value: object, path: str, depth: int) -> object:
    """``value`` in the plain types of the encoder. Strings and numbers of enumerations become plain, too."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _plain_text(value, path)
    if isinstance(value, int):
        if not -INTEGER_LIMIT < value < INTEGER_LIMIT:
            raise IntegerTooLarge(path, "whole numbers stay below 2^53; larger ones travel as text")
        return int(value)
    if isinstance(value, Mapping):
        return _plain_object(value, path, depth + 1)
    if isinstance(value, (list, tuple)):
        return _plain_list(value, path, depth + 1)
    raise UnsuitableType(
        path, f"a {type(value).__name__} is neither text, whole number, boolean, null, list nor object"
    )


def _plain_text(value: str, path: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise UnsuitableText(path, "the text holds a lone surrogate") from error
    return str.__str__(value)
