"""Dates as German and English speakers and spreadsheets write them: the day as written, without a time zone."""

import re
from datetime import date, datetime, timedelta
from typing import get_args

from licensing.importing.cells import Cell
from licensing.importing.conventions import Convention, DateOrder
from licensing.importing.findings import (
    DATE_AMBIGUOUS,
    DATE_FROM_SERIAL,
    DATE_IMPLAUSIBLE,
    DATE_MEANS_NEVER,
    DATE_TWO_DIGIT_YEAR,
    DATE_UNREADABLE,
    EMPTY,
    FORMULA_NOT_CALCULATED,
    Problem,
    Reading,
    refused,
)
from licensing.importing.texts import cleaned, is_nothing

ORDERS: tuple[DateOrder, ...] = get_args(DateOrder)

# Software was sold after the first and no agreement runs past the last; a slip of the finger lies outside.
FIRST_YEAR, LAST_YEAR = 1970, 2199
# What accounting systems write for "no end".
NEVER_YEAR = 9999
# Two-digit years: 00–79 are of this century.
PIVOT = 80
# Day numbers of 1954 to 2119: other bare numbers are more likely something else.
SERIALS = range(20_000, 80_000)

# "31. September 2026 23:59:59.999999 UTC+01:00" is shorter.
LONGEST = 60

ISO = re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})", re.ASCII)
COMPACT = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})", re.ASCII)
DOTTED = re.compile(r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\. ?(?P<year>\d{4}|\d{2})", re.ASCII)
EITHER = re.compile(r"(?P<first>\d{1,2})(?P<mark>[/-])(?P<second>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})", re.ASCII)
DAY_FIRST = re.compile(r"(?P<day>\d{1,2})\.?[ -](?P<word>[^\W\d_]{3,9})\.?,?[ -](?P<year>\d{4}|\d{2})")
MONTH_FIRST = re.compile(r"(?P<word>[^\W\d_]{3,9})\.? (?P<day>\d{1,2}),? (?P<year>\d{4})")
TIME_OF_DAY = re.compile(r"[ T]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AaPp][Mm])?(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?$")

NEVER = frozenset({"never", "none", "unlimited", "perpetual", "unbefristet", "unbegrenzt", "nie", "endlos", "∞"})

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar jänner",
            "feb february februar",
            "mar march mär mrz märz",
            "apr april",
            "may mai",
            "jun june juni",
            "jul july juli",
            "aug august",
            "sep sept september",
            "oct october okt oktober",
            "nov november",
            "dec december dez dezember",
        ),
        start=1,
    )
    for name in names.split()
}


def date_readings(text: str) -> dict[DateOrder, date]:
    """What a cleaned text means under each order of day and month; none: not a date, two that differ: ambiguous."""
    if len(text) > LONGEST:
        return {}
    text = TIME_OF_DAY.sub("", text)
    either = EITHER.fullmatch(text)
    if either is None:
        fixed = _fixed(text)
        return dict.fromkeys(ORDERS, fixed) if fixed is not None else {}
    first, second, year = either["first"], either["second"], either["year"]
    readings = {"dmy": _day(year, second, first), "mdy": _day(year, first, second)}
    return {order: day for order in ORDERS if (day := readings[order]) is not None}


def read_date(cell: Cell, convention: Convention) -> Reading[date]:
    """A day. Empty, placeholders and "unbefristet" or the year 9999 give no value."""
    if isinstance(cell, date):
        return _plausible(cell.date() if isinstance(cell, datetime) else cell)
    if isinstance(cell, bool):
        return refused(DATE_UNREADABLE)
    if isinstance(cell, float) and not cell.is_integer():
        cell = int(cell) if abs(cell) < SERIALS.stop else 0
    text = cleaned(str(int(cell)) if isinstance(cell, (int, float)) else cell)
    if is_nothing(text) or text.lower() in NEVER:
        return EMPTY
    if text.isascii() and text.isdigit() and len(text) == 5 and int(text) in SERIALS:
        day = convention.epoch + timedelta(days=int(text))
        return (day, Problem(DATE_FROM_SERIAL, {"day": day.isoformat()}))
    return _of_text(text, convention.order)


def _of_text(text: str, order: DateOrder | None) -> Reading[date]:
    readings = date_readings(text)
    if not readings:
        return refused(FORMULA_NOT_CALCULATED if text.startswith("=") else DATE_UNREADABLE)
    days = set(readings.values())
    if len(days) > 1 and order is None:
        first, second = (readings[each].isoformat() for each in ORDERS)
        return refused(DATE_AMBIGUOUS, first=first, second=second)
    day = days.pop() if len(days) == 1 else readings[order or "dmy"]
    if not re.search(r"\d{4}", text):
        return (day, Problem(DATE_TWO_DIGIT_YEAR, {"year": day.year}))
    return _plausible(day)


def _plausible(day: date) -> Reading[date]:
    if day.year == NEVER_YEAR:
        return refused(DATE_MEANS_NEVER)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return refused(DATE_IMPLAUSIBLE, first=FIRST_YEAR, last=LAST_YEAR)
    return day, None


def _fixed(text: str) -> date | None:
    """The forms whose order of day and month is certain."""
    for form in (ISO, DOTTED, COMPACT):
        if match := form.fullmatch(text):
            return _day(match["year"], match["month"], match["day"])
    for form in (DAY_FIRST, MONTH_FIRST):
        match = form.fullmatch(text)
        if match and (month := MONTHS.get(match["word"].lower())):
            return _day(match["year"], str(month), match["day"])
    return None


def _day(year: str, month: str, day: str) -> date | None:
    full = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < PIVOT else 1900)
    try:
        return date(full, int(month), int(day))
    except ValueError:
        return None
