"""Readers: from a cell to a typed value or a problem. Numbers and dates have modules of their own.

A reader takes a cell and the convention of its column and promises a Reading: a value, nothing (the cell is empty or
says so), or a problem. It never raises.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from licensing.importing.cells import Cell
from licensing.importing.conventions import UNDECIDED, Convention
from licensing.importing.currencies import CODES, SHARED_SIGNS, SIGNS
from licensing.importing.findings import (
    CHOICE_UNKNOWN,
    CURRENCY_AMBIGUOUS,
    CURRENCY_UNKNOWN,
    EMAIL_UNREADABLE,
    EMPTY,
    FORMULA_AS_TEXT,
    NUMBER_TOO_LARGE,
    NUMBER_TOO_SMALL,
    PRICE_TOO_PRECISE,
    TEXT_TOO_LONG,
    TRUTH_UNREADABLE,
    Problem,
    Reading,
    refused,
)
from licensing.importing.neutralise import is_formula, restored
from licensing.importing.numbers import read_number, read_whole
from licensing.importing.texts import all_plain, cleaned, comparable, is_nothing, is_plain

Reader = Callable[[Cell, Convention], Reading[Any]]

LONGEST_WORD = 100
PRICE_PLACES = 4
LARGEST_PRICE = Decimal(10) ** 12
# One @, a dotted domain, no spaces: what a directory holds. Whether somebody reads it only a mail can tell.
LONGEST_EMAIL = 320
EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]]{1,64}@(?=.{4,189}$)[^\W_](?:[\w-]*\w)?(?:\.[^\W_](?:[\w-]*\w)?)+")
# A currency may stand before or behind the amount; "12,-" and "5-" end in marks that belong to the amount.
PRICED = re.compile(r"(?P<before>(?:[^\d(+−.,-]+\.?)?)\s*(?P<amount>.*?)(?P<after>[^\d(),–—-]*)")
LONGEST_PRICE = 60

TRUE_WORDS = frozenset({"yes", "y", "true", "1", "x", "ja", "j", "wahr", "on", "✓", "✔"})
FALSE_WORDS = frozenset({"no", "n", "false", "0", "nein", "falsch", "off"})


class Price(NamedTuple):
    """An amount with at most four places and the currencies that the sign beside it can mean (none: no sign)."""

    amount: Decimal
    currencies: tuple[str, ...] = ()


class TextReader:
    """A text of at most `limit` characters, spaces cleaned; the mark of our own exports is taken off.

    A text like a formula is kept as it is, with a warning.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit

    def __call__(self, cell: Cell, _convention: Convention = UNDECIDED) -> Reading[str]:
        if isinstance(cell, str) and len(cell) <= self._limit and is_plain(cell):
            return cell, None
        said = restored(cleaned(_written(cell)))
        if is_nothing(said):
            return EMPTY
        if len(said) > self._limit:
            return refused(TEXT_TOO_LONG, length=len(said), limit=self._limit)
        return said, Problem(FORMULA_AS_TEXT) if is_formula(said) else None

    def takes_as_written(self, cells: Sequence[Cell]) -> bool:
        """Whether each of these cells would be read as itself; far quicker than reading them one by one."""
        return all_plain(cells, limit=self._limit)


def whole(minimum: int) -> Reader:
    """A whole number from `minimum`."""

    def read(cell: Cell, convention: Convention) -> Reading[int]:
        return read_whole(cell, convention, minimum=minimum)

    return read


def email(cell: Cell, _convention: Convention = UNDECIDED) -> Reading[str]:
    """An e-mail address in lower case, also out of "Name <address>" and "mailto:address"."""
    said = cleaned(_written(cell))
    if is_nothing(said):
        return EMPTY
    if len(said) > LONGEST_EMAIL:
        return refused(EMAIL_UNREADABLE)
    address = said.rpartition("<")[2].removesuffix(">").lower().removeprefix("mailto:")
    return (address, None) if EMAIL.fullmatch(address) else refused(EMAIL_UNREADABLE)


def truth(cell: Cell, _convention: Convention = UNDECIDED) -> Reading[bool]:
    """Yes or no, in English, German, numbers and ticks."""
    if isinstance(cell, bool):
        return cell, None
    said = cleaned(_written(cell)).casefold()
    if said in TRUE_WORDS:
        return True, None
    if said in FALSE_WORDS:
        return False, None
    return EMPTY if is_nothing(said) else refused(TRUTH_UNREADABLE)


def choice(words: Mapping[str, str], *, other: Reader | None = None) -> Reader:
    """One of a few codes; `words` maps comparable spellings to codes.

    `other` reads a word that is not among them, for whoever knows more words.
    """
    names = ", ".join(sorted(set(words.values())))

    def read(cell: Cell, convention: Convention) -> Reading[str]:
        said = cleaned(_written(cell))
        code = words.get(comparable(said)) if len(said) <= LONGEST_WORD else None
        if code is not None or is_nothing(said):
            return code, None
        return other(cell, convention) if other else refused(CHOICE_UNKNOWN, choices=names)

    return read


def currency(cell: Cell, _convention: Convention = UNDECIDED) -> Reading[str]:
    """An ISO 4217 code, from the code or a sign that means one currency only."""
    said = cleaned(_written(cell))
    if is_nothing(said):
        return EMPTY
    meant = _currencies(said)
    if len(meant) == 1:
        return meant[0], None
    return (None, Problem(CURRENCY_AMBIGUOUS, {"choices": ", ".join(meant)}) if meant else Problem(CURRENCY_UNKNOWN))


def price(cell: Cell, convention: Convention = UNDECIDED) -> Reading[Price]:
    """An amount from 0, with or without its currency before or behind it."""
    sign, amount = _sign_and_amount(cleaned(cell)) if isinstance(cell, str) else ("", cell)
    if not sign:
        return _priced(read_number(amount, convention), ())
    meant = _currencies(sign)
    return _priced(read_number(amount, convention), meant) if meant else refused(CURRENCY_UNKNOWN)


def price_amount(cell: str) -> str:
    """The part of a price that is a number, for learning a column's decimal mark."""
    return _sign_and_amount(cleaned(cell))[1]


def _sign_and_amount(said: str) -> tuple[str, str]:
    match = PRICED.fullmatch(said) if len(said) <= LONGEST_PRICE else None
    if match is None or not match["amount"]:
        return "", said
    return (match["before"] + match["after"]).strip(), match["amount"].strip()


def _priced(number: Reading[Decimal], meant: tuple[str, ...]) -> Reading[Price]:
    amount, problem = number
    if amount is None:
        return (None, problem)
    if amount < 0:
        return refused(NUMBER_TOO_SMALL, minimum=0)
    if amount >= LARGEST_PRICE:
        return refused(NUMBER_TOO_LARGE, maximum=f"{LARGEST_PRICE:,}")
    if amount != round(amount, PRICE_PLACES):
        return refused(PRICE_TOO_PRECISE, places=PRICE_PLACES)
    return Price(amount, meant), None


def _currencies(said: str) -> tuple[str, ...]:
    """What a code or sign can mean; none: it is no currency."""
    if said.upper() in CODES:
        return (said.upper(),)
    sign = said.lower()
    return (SIGNS[sign],) if sign in SIGNS else SHARED_SIGNS.get(sign, ())


def _written(cell: Cell) -> str:
    """A cell as text: an employee number that XLSX holds as 4711.0 is "4711"."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
