"""Numbers as German and English speakers write them: 1.234,56 and 1,234.56 and 1 234,56 and 1'234.56."""

import re
from decimal import Decimal
from typing import get_args

from licensing.importing.cells import Cell
from licensing.importing.conventions import Convention, DecimalMark
from licensing.importing.findings import (
    EMPTY,
    FORMULA_NOT_CALCULATED,
    NUMBER_AMBIGUOUS,
    NUMBER_NOT_WHOLE,
    NUMBER_TOO_LARGE,
    NUMBER_TOO_SMALL,
    NUMBER_UNREADABLE,
    Reading,
    refused,
)
from licensing.importing.texts import cleaned, is_nothing

MARKS: tuple[DecimalMark, ...] = get_args(DecimalMark)

# More digits than any quantity or price has; Decimal would take a million of them.
LONGEST = 40
LARGEST_WHOLE = 2_147_483_647

# "1 500,-" and "99.—": how prices without cents are written from Zurich to Oslo.
NO_CENTS = re.compile(r"(?<=[0-9][,.])[-–—]{1,2}$")
SIGNED = re.compile(r"(?P<open>\()?(?P<before>[-+−])?\s?(?P<body>[0-9][0-9.,' ]*|[.,][0-9]+)(?P<after>-)?(?(open)\))")


def _grammar(mark: DecimalMark) -> re.Pattern[str]:
    """Digits, in threes by one kind of group mark or without any, and what follows the decimal mark."""
    group = {",": r"[. ']", ".": r"[, ']"}[mark]
    grouped = rf"[1-9][0-9]{{0,2}}(?P<group>{group})[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*"
    return re.compile(rf"(?P<whole>{grouped}|[0-9]*)(?:{re.escape(mark)}(?P<part>[0-9]+))?")


GRAMMARS = {mark: _grammar(mark) for mark in MARKS}
NOT_DIGIT = re.compile(r"[^0-9]")


def number_readings(text: str) -> dict[DecimalMark, Decimal]:
    """What a cleaned text means under each decimal mark; none: it is not a number, two that differ: ambiguous."""
    if len(text) > LONGEST:
        return {}
    written = SIGNED.fullmatch(NO_CENTS.sub("00", text.replace("’", "'")))
    if written is None or (written["before"] and (written["after"] or written["open"])):
        return {}
    negative = written["before"] in ("-", "−") or bool(written["after"]) or bool(written["open"])
    body = written["body"].rstrip()
    found = {mark: amount for mark in MARKS if (amount := _amount(body, mark)) is not None}
    return {mark: -amount for mark, amount in found.items()} if negative else found


def _amount(body: str, mark: DecimalMark) -> Decimal | None:
    match = GRAMMARS[mark].fullmatch(body)
    if match is None:
        return None
    digits = NOT_DIGIT.sub("", match["whole"]) or "0"
    return Decimal(f"{digits}.{match['part']}" if match["part"] else digits)


def read_number(cell: Cell, convention: Convention) -> Reading[Decimal]:
    """Any number. Numbers of XLSX files are taken as they are."""
    if isinstance(cell, bool):
        return refused(NUMBER_UNREADABLE)
    if isinstance(cell, (int, float)):
        return _of_spreadsheet(cell)
    text = cleaned(str(cell))
    return EMPTY if is_nothing(text) else _of_text(text, convention.decimal)


def _of_spreadsheet(cell: float) -> Reading[Decimal]:
    # repr, not the binary value: 0.1 in the sheet is 0.1 in the book.
    amount = Decimal(repr(cell))
    return (amount, None) if amount.is_finite() else refused(NUMBER_UNREADABLE)


def _of_text(text: str, decimal: DecimalMark | None) -> Reading[Decimal]:
    readings = number_readings(text)
    if not readings:
        return refused(FORMULA_NOT_CALCULATED if text.startswith("=") else NUMBER_UNREADABLE)
    values = set(readings.values())
    if len(values) == 1:
        return values.pop(), None
    if decimal is None:
        first, second = (f"{readings[mark].normalize():f}" for mark in (".", ","))
        return refused(NUMBER_AMBIGUOUS, first=first, second=second)
    return readings[decimal], None


def read_whole(cell: Cell, convention: Convention, *, minimum: int) -> Reading[int]:
    """A whole number from `minimum` to what a database integer holds.

    In an undecided column "1.500" can only be 1500, as 1.5 is not whole; "1.000" stays ambiguous.
    """
    amount, problem = read_number(cell, convention)
    if problem is not None and problem.rule is NUMBER_AMBIGUOUS:
        whole = {value for value in number_readings(cleaned(str(cell))).values() if value == value.to_integral_value()}
        amount, problem = (whole.pop(), None) if len(whole) == 1 else (None, problem)
    if amount is None:
        return (None, problem)
    return _bounded(amount, minimum)


def _bounded(amount: Decimal, minimum: int) -> Reading[int]:
    if amount > LARGEST_WHOLE:
        return refused(NUMBER_TOO_LARGE, maximum=LARGEST_WHOLE)
    if amount != amount.to_integral_value():
        return refused(NUMBER_NOT_WHOLE)
    if amount < minimum:
        return refused(NUMBER_TOO_SMALL, minimum=minimum)
    return int(amount), None
