"""Keys for people: written one way, read in many."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.rules.key_format import (
    ALPHABET,
    BITS,
    CHECK_ALPHABET,
    LENGTH,
    MalformedKey,
    WrongCheckSymbol,
    WrongLength,
    WrongSymbol,
    encode,
    grouped,
    normalise,
)

BIT_VALUES = st.integers(min_value=0, max_value=2**130 - 1)


def value_of(key: str) -> int:
    """The number that a canonical key stands for, read with Python's own base 32."""
    digits = "0123456789abcdefghijklmnopqrstuv"
    return int("".join(digits[ALPHABET.index(symbol)] for symbol in key[:-1]), 32)


@pytest.mark.requirement("REQ-152")
@given(BIT_VALUES)
def test_every_key_carries_its_130_bits(bits: int) -> None:
    """No bit is lost: the number can be read back from the key, and the check symbol is that number modulo 37."""
    key = normalise(encode(bits=bits))
    assert value_of(key) == bits
    assert key[-1] == CHECK_ALPHABET[bits % 37]


def test_smallest_and_largest_key() -> None:
    """The two ends of the range are written out in full, in groups of five."""
    assert encode(bits=0) == "00000-00000-00000-00000-00000-00"
    assert encode(bits=2**130 - 1) == "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-Z" + CHECK_ALPHABET[(2**130 - 1) % 37]
    assert BITS == 130


def test_crockford_published_example() -> None:
    """The check symbol follows Crockford's definition: 1234 is written 16J with the check symbol D."""
    assert encode(bits=1234).replace("-", "")[-4:] == "16JD"


@pytest.mark.parametrize("bits", [-1, 2**130])
def test_more_than_130_bits_are_refused(bits: int) -> None:
    """A number that does not fit is a mistake of the caller, never silently cut."""
    with pytest.raises(ValueError, match="130 bits"):
        encode(bits=bits)


@given(BIT_VALUES)
def test_groups_do_not_matter(bits: int) -> None:
    """Grouping a canonical key gives the key as it was issued."""
    shown = encode(bits=bits)
    assert grouped(normalise(shown)) == shown


@given(BIT_VALUES, st.data())
def test_what_people_do_to_keys_is_forgiven(bits: int, data: st.DataObject) -> None:
    """Case, separators of any kind and look-alikes do not change which key is meant."""
    shown = encode(bits=bits)
    alias = {"1": "1IiLl", "0": "0Oo"}
    typed = []
    for symbol in shown:
        typed.append(data.draw(st.sampled_from(alias.get(symbol, symbol + symbol.lower()))))
        typed.append(data.draw(st.sampled_from(["", "", "", " ", "-", "\u00a0", "\u2013", "\u2011", "\u200b", "\r\n"])))
    assert normalise("".join(typed)) == normalise(shown)


@given(BIT_VALUES, st.integers(0, LENGTH - 1), st.sampled_from(CHECK_ALPHABET))
def test_every_single_wrong_symbol_is_found(bits: int, position: int, wrong: str) -> None:
    """A key with one symbol mistyped is refused before any look-up."""
    key = normalise(encode(bits=bits))
    typo = key[:position] + wrong + key[position + 1 :]
    if typo == key:
        return
    with pytest.raises(WrongSymbol if wrong not in ALPHABET and position < LENGTH - 1 else WrongCheckSymbol):
        normalise(typo)


@given(BIT_VALUES, st.integers(0, LENGTH - 2))
def test_swapped_neighbours_are_found(bits: int, position: int) -> None:
    """A key with two neighbours swapped is refused, the last symbol and its check symbol included."""
    key = normalise(encode(bits=bits))
    swapped = key[:position] + key[position + 1] + key[position] + key[position + 2 :]
    if swapped == key:
        return
    with pytest.raises(MalformedKey):
        normalise(swapped)


@pytest.mark.parametrize(
    ("text", "found"),
    [("", 0), ("----", 0), ("00000-00000-00000-00000-00000-0", 26), ("0" * 28, 28), ("0" * 5_000_000, 5_000_000)],
)
def test_wrong_length_says_how_many_symbols_there_were(text: str, found: int) -> None:
    """Too few, too many and absurdly many symbols are told apart from a typing mistake."""
    with pytest.raises(WrongLength) as refused:
        normalise(text)
    assert refused.value.found == found
    assert refused.value.code == "KEY_WRONG_LENGTH"


@pytest.mark.parametrize("symbol", ["U", "u", "*", "~", "$", "=", "!", "Ä", "\x00", "ß", "ı", "ſ", "\u0661", "\ud800"])
def test_symbols_outside_the_alphabet_are_named_by_position(symbol: str) -> None:
    """A symbol that keys never have is refused at its place, whatever a Unicode table would make of it."""
    with pytest.raises(WrongSymbol) as refused:
        normalise("000-" + symbol + "0" * 23)
    assert refused.value.position == 4
    assert refused.value.code == "KEY_WRONG_SYMBOL"


def test_wrong_symbol_in_the_check_place() -> None:
    """The check symbol has an alphabet of its own; what is outside it is a wrong symbol, not a failed check."""
    with pytest.raises(WrongSymbol) as refused:
        normalise("0" * 26 + "!")
    assert refused.value.position == 27


@given(st.text(max_size=40))
def test_any_text_is_either_a_key_or_refused_with_a_type(text: str) -> None:
    """No input breaks the reader: it returns canonical symbols, which read as themselves, or raises MalformedKey."""
    with suppress(MalformedKey):
        key = normalise(text)
        assert len(key) == LENGTH
        assert normalise(key) == key


@pytest.mark.parametrize("text", ["SECRET", "0" * 26 + "!", "0" * 26 + "1"])
def test_a_refusal_never_repeats_the_text(text: str) -> None:
    """What was typed may be a real key with one slip, so it stays out of messages and logs."""
    with pytest.raises(MalformedKey) as refused:
        normalise(text)
    assert text not in str(refused.value)
