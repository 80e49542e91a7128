"""What a change of quantity costs until the term ends: days of whole billing periods, to the cent, rounded once.

A day is a day of the calendar in UTC; the day of the change is paid in full. Amounts are Decimal, shares are exact
fractions: nothing is rounded before the end, and the lines of a charge add up to its total to the cent.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from licensing.rules.terms import MONTHS_PER_YEAR, add_months

CENTS = 100


class ChargePeriod(StrEnum):
    """For which length of time a price is."""

    MONTH = "month"
    YEAR = "year"


MONTHS = {ChargePeriod.MONTH: 1, ChargePeriod.YEAR: MONTHS_PER_YEAR}


@dataclass(frozen=True, slots=True)
class ChargeLine:
    """The part of a charge that falls into one billing period: `days` of its `of_days`, from `starts_on` on."""

    starts_on: date
    days: int
    of_days: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Charge:
    """What is to be paid (negative: given back), and of which lines it is the sum."""

    amount: Decimal
    lines: tuple[ChargeLine, ...] = ()


def charge(
    *, units: int, unit_price: Decimal, period: ChargePeriod, anchor: datetime, changed_at: datetime, ends_at: datetime
) -> Charge:
    """What `units` more (negative: fewer) cost from `changed_at` up to `ends_at`; billing periods begin at `anchor`.

    30 units at 120 a year from 1 April 2025 to the end of that year: 275/365 of 3,600 are 2,712.33.
    """
    full = units * Fraction(unit_price)
    shares = list(_shares(period=period, anchor=anchor, changed_at=changed_at, ends_at=ends_at))
    amounts = in_cents([full * Fraction(days, of_days) for _on, days, of_days in shares])
    lines = tuple(
        ChargeLine(on, days, of_days, amount) for (on, days, of_days), amount in zip(shares, amounts, strict=True)
    )
    return Charge(sum(amounts, Decimal("0.00")), lines)


def in_cents(parts: Sequence[Fraction]) -> list[Decimal]:
    """The parts as amounts whose sum is the exact total, rounded half up (away from zero) once."""
    amounts, exact, paid = [], Fraction(0), 0
    for part in parts:
        exact += part
        due = _half_up(exact * CENTS)
        amounts.append(Decimal(due - paid) / CENTS)
        paid = due
    return [amount.quantize(Decimal("0.01")) for amount in amounts]


def period_end(*, period: ChargePeriod, anchor: datetime, at: datetime) -> datetime:
    """The end of the billing period in which `at` lies: until then a licence without an end is charged."""
    n = 1
    while (end := add_months(at=anchor, months=MONTHS[period] * n)) <= at:
        n += 1
    return end


def _shares(
    *, period: ChargePeriod, anchor: datetime, changed_at: datetime, ends_at: datetime
) -> Iterable[tuple[date, int, int]]:
    """For each billing period that is touched: its first paid day, how many days are paid, how many it has."""
    first, last, n = _day(changed_at), _day(ends_at), 0
    while (starts := _day(add_months(at=anchor, months=MONTHS[period] * n))) < last:
        n += 1
        ends = _day(add_months(at=anchor, months=MONTHS[period] * n))
        begins = max(starts, first)
        days = (min(ends, last) - begins).days
        if days > 0:
            yield begins, days, (ends - starts).days


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _half_up(value: Fraction) -> int:
    whole = (abs(value) * 2 + 1).__floor__() // 2
    return whole if value >= 0 else -whole
