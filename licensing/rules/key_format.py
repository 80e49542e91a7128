"""How a licence key looks to people: 130 random bits as 26 symbols of Crockford base32 and a check symbol.

The alphabet leaves out I, L, O and U; the check symbol (the number modulo 37, five more signs) finds every single
wrong symbol and every two neighbours that were swapped, before anybody asks the database. Source: Douglas Crockford,
"Base 32" (crockford.com/base32.html). Randomness is the caller's: these functions only write and read.
"""

from typing import ClassVar

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECK_ALPHABET = ALPHABET + "*~$=U"
SYMBOLS = 26
BITS = SYMBOLS * 5
GROUP = 5
LENGTH = SYMBOLS + 1
LONGEST_INPUT = 200

# What mail programs and word processors turn a hyphen or a space into, and the invisible signs that pages add.
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_SPACES = " \t\r\n\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\u3000"
_INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_LOOKALIKES = {"I": "1", "L": "1", "O": "0"}

_VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)}
_CHECK_VALUES = {symbol: value for value, symbol in enumerate(CHECK_ALPHABET)}
_FORGIVEN: dict[int, str | None] = {
    **{ord(symbol.lower()): symbol for symbol in CHECK_ALPHABET},
    **{ord(alias): symbol for alias, symbol in _LOOKALIKES.items()},
    **{ord(alias.lower()): symbol for alias, symbol in _LOOKALIKES.items()},
    **{ord(ignored): None for ignored in _DASHES + _SPACES + _INVISIBLE},
}


class MalformedKey(ValueError):
    """The text cannot be a key that we issued; `code` says why, the text itself is never repeated."""

    code: ClassVar[str] = "KEY_MALFORMED"


class WrongLength(MalformedKey):
    """Symbols are missing, or there are too many (`found` without separators; `LENGTH` are expected)."""

    code = "KEY_WRONG_LENGTH"

    def __init__(self, found: int) -> None:
        super().__init__(f"a key has {LENGTH} symbols, found {found}")
        self.found = found


class WrongSymbol(MalformedKey):
    """A symbol is not of the alphabet; `position` counts from 1 without separators."""

    code = "KEY_WRONG_SYMBOL"

    def __init__(self, position: int) -> None:
        super().__init__(f"symbol {position} is not used in keys")
        self.position = position


class WrongCheckSymbol(MalformedKey):
    """All symbols are possible but they do not belong together: one was mistyped or two were swapped."""

    code = "KEY_WRONG_CHECK_SYMBOL"

    def __init__(self) -> None:
        super().__init__("the check symbol does not fit: one symbol is mistyped, or two are swapped")


def encode(*, bits: int) -> str:
    """The grouped key of `bits`, a random number of at most 130 bits (`secrets.randbits(BITS)`).

    Raises ValueError outside 0 ≤ bits < 2**130.
    """
    if not 0 <= bits < 1 << BITS:
        raise ValueError(f"a key is made of {BITS} bits")
    body = "".join(ALPHABET[(bits >> shift) & 31] for shift in range(BITS - 5, -1, -5))
    return grouped(body + CHECK_ALPHABET[bits % 37])


def normalise(text: str) -> str:
    """The 27 symbols of a key as somebody typed or pasted it: canonical form, without separators.

    Forgives case, spaces, hyphens of every kind, and I or L for 1 and O for 0.
    Raises WrongLength, WrongSymbol or WrongCheckSymbol.
    """
    if len(text) > LONGEST_INPUT:
        raise WrongLength(len(text))
    key = text.translate(_FORGIVEN)
    if len(key) != LENGTH:
        raise WrongLength(len(key))
    if CHECK_ALPHABET[_number(key[:SYMBOLS]) % 37] != _checked(key):
        raise WrongCheckSymbol
    return key


def grouped(key: str) -> str:
    """A canonical key in groups of five, as it is shown and printed: `01234-56789-ABCDE-FGHJK-MNPQR-S*`."""
    return "-".join(key[start : start + GROUP] for start in range(0, len(key), GROUP))


def _number(body: str) -> int:
    number = 0
    for position, symbol in enumerate(body, start=1):
        value = _VALUES.get(symbol)
        if value is None:
            raise WrongSymbol(position)
        number = number << 5 | value
    return number


def _checked(key: str) -> str:
    symbol = key[-1]
    if symbol not in _CHECK_VALUES:
        raise WrongSymbol(LENGTH)
    return symbol
