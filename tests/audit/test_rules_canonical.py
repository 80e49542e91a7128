"""The canonical text of a ledger body: the same bytes as RFC 8785, and nothing outside the limits."""

import enum
import json
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.rules.canonical import (
    DEPTH_LIMIT,
    INTEGER_LIMIT,
    IntegerTooLarge,
    NestedTooDeeply,
    NotCanonical,
    UnsuitableKey,
    UnsuitableText,
    UnsuitableType,
    canonical,
)

KEYS = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
LEAVES = st.none() | st.booleans() | TEXTS | st.integers(-INTEGER_LIMIT + 1, INTEGER_LIMIT - 1)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
)
BODIES = st.dictionaries(KEYS, VALUES, max_size=6)


@settings(deadline=None)
@given(BODIES)
def test_equals_rfc8785(body: dict[str, object]) -> None:
    """Within the limits, the text is byte for byte that of an independent RFC 8785 library."""
    assert canonical(body).encode() == rfc8785.dumps(body)  # type: ignore[arg-type]  # its alias is recursive over list


@settings(deadline=None)
@given(BODIES)
def test_reads_back(body: dict[str, object]) -> None:
    """Reading the text gives the same values, and writing those gives the same text."""
    text = canonical(body)
    assert json.loads(text) == body
    assert canonical(json.loads(text)) == text


def test_order_of_keys_does_not_matter() -> None:
    """Two mappings with the same members have one text, however deep the members stand."""
    assert canonical({"b": {"y": 1, "x": 2}, "a": 0}) == canonical({"a": 0, "b": {"x": 2, "y": 1}})
    assert canonical({"b": {"y": 1, "x": 2}, "a": 0}) == '{"a":0,"b":{"x":2,"y":1}}'


def test_control_characters_and_quotes() -> None:
    """Only what JSON forces is escaped, in the one way of RFC 8785; letters of all scripts stay as they are."""
    text = canonical({"a": '\x00\x1f\b\t\n\f\r"\\/\x7fé€𝄞'})
    assert text == '{"a":"\\u0000\\u001f\\b\\t\\n\\f\\r\\"\\\\/\x7fé€𝄞"}'


def test_enumerations_mappings_and_tuples_become_plain() -> None:
    """Members of enumerations are written as their value, read-only mappings as objects, tuples as lists."""

    class State(enum.StrEnum):
        OPEN = "open"

    class Level(enum.IntEnum):
        HIGH = 3

    body = MappingProxyType({"state": State.OPEN, "level": Level.HIGH, "pair": (1, None)})
    assert canonical(body) == '{"level":3,"pair":[1,null],"state":"open"}'


@pytest.mark.parametrize("key", ["", "A", "1a", "_a", "a-b", "a b", "é", "aB", "a\n"])
def test_refuses_other_keys(key: str) -> None:
    """A key that is not of the form [a-z][a-z0-9_]* is refused at every depth."""
    with pytest.raises(UnsuitableKey):
        canonical({key: 1})
    with pytest.raises(UnsuitableKey):
        canonical({"a": [{"b": {key: 1}}]})


def test_refuses_keys_that_are_no_text() -> None:
    """The number 1 is not a key, although json.dumps would write it as one."""
    with pytest.raises(UnsuitableKey):
        canonical({"a": {1: "x"}})


@pytest.mark.parametrize(
    "value",
    [0.5, float("nan"), Decimal("1.10"), datetime(2026, 11, 22, tzinfo=UTC), b"x", {"x"}, object(), 1j],
)
def test_refuses_other_types(value: object) -> None:
    """Fractions, decimals, dates, bytes and sets have to be put as text first, or the entry is refused."""
    with pytest.raises(UnsuitableType):
        canonical({"a": value})


@pytest.mark.parametrize("value", [INTEGER_LIMIT, -INTEGER_LIMIT, 2**64])
def test_refuses_large_integers(value: int) -> None:
    """2^53 and beyond is refused on both sides of zero; one less is written in full."""
    with pytest.raises(IntegerTooLarge):
        canonical({"a": value})
    assert canonical({"a": INTEGER_LIMIT - 1, "b": 1 - INTEGER_LIMIT}) == '{"a":9007199254740991,"b":-9007199254740991}'


def test_refuses_lone_surrogates() -> None:
    """Half a surrogate pair has no UTF-8 form and is refused rather than replaced."""
    with pytest.raises(UnsuitableText):
        canonical({"a": "\ud800"})


def test_depth_limit() -> None:
    """The limit itself is allowed, one level more is refused, and so is an endless object."""
    nested: dict[str, object] = {"a": 1}
    for _ in range(DEPTH_LIMIT - 1):
        nested = {"a": nested}
    assert canonical(nested).count("{") == DEPTH_LIMIT
    with pytest.raises(NestedTooDeeply):
        canonical({"a": nested})
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(NestedTooDeeply):
        canonical({"a": endless})


def test_errors_name_the_place() -> None:
    """The message tells the developer which member is wrong, and every refusal is a ValueError."""
    with pytest.raises(NotCanonical, match=r"details\.lines\[1\]\.price: a float") as caught:
        canonical({"details": {"lines": [{"price": "1"}, {"price": 1.5}]}})
    assert caught.value.path == "details.lines[1].price"
    assert isinstance(caught.value, ValueError)
