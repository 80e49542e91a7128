"""Arithmetic of terms: when does "twelve months from 29 February" end?

Instants are time-zone aware; results are in UTC. Every range is half-open: it holds from its start up to, but not at,
its end, so that one term ends at the very instant at which the next begins.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MONTHS_PER_YEAR = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A length of time as contracts state it: calendar months (a year is twelve) and days of 24 hours.

    Raises ValueError unless it is longer than nothing.
    """

    months: int = 0
    days: int = 0

    def __post_init__(self) -> None:
        if self.months < 0 or self.days < 0 or self.months + self.days == 0:
            raise ValueError("a term is at least one day or one month long")


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` (included; None: since ever) to `end` (excluded; None: for ever).

    Raises ValueError when it ends before it starts; an empty period (start equal to end) holds never.
    """

    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.end < self.start:
            raise ValueError("a period cannot end before it starts")

    def holds_at(self, at: datetime) -> bool:
        """Whether the instant `at` lies in the period."""
        return (self.start is None or self.start <= at) and (self.end is None or at < self.end)

    def ended_by(self, at: datetime) -> bool:
        """Whether the period is over at the instant `at`."""
        return self.end is not None and self.end <= at


ALWAYS = Period()


def end_of(*, start: datetime, term: Term) -> datetime:
    """The instant at which a term that began at `start` is over, in UTC."""
    return add_months(at=start, months=term.months) + timedelta(days=term.days)


def end_of_nth(*, start: datetime, term: Term, n: int) -> datetime:
    """The end of the n-th consecutive term (n from 1), counted from the first start.

    Counting from the first start keeps the day: monthly from 31 January ends on 28 February, then on 31 March, whereas
    adding a month to each end would stay on the 28th for ever.
    """
    if n < 1:
        raise ValueError("terms are counted from 1")
    return add_months(at=start, months=term.months * n) + timedelta(days=term.days * n)


def add_months(*, at: datetime, months: int) -> datetime:
    """The same day and time of day `months` later (earlier when negative), in UTC.

    A day that the month lacks becomes its last day: 31 January + 1 month is 28 or 29 February.
    Raises ValueError for a naive `at`, and OverflowError or ValueError outside the years 1 to 9999.
    """
    utc = in_utc(at)
    years, month0 = divmod(utc.year * MONTHS_PER_YEAR + utc.month - 1 + months, MONTHS_PER_YEAR)
    last_day = monthrange(years, month0 + 1)[1]
    return utc.replace(year=years, month=month0 + 1, day=min(utc.day, last_day))


def add_years(*, at: datetime, years: int) -> datetime:
    """The same date `years` later, in UTC; 29 February becomes 28 February in a common year."""
    return add_months(at=at, months=years * MONTHS_PER_YEAR)


def in_utc(at: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError for a naive time: nobody knows which instant that is."""
    if at.utcoffset() is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(UTC)


def overlap(one: Period, other: Period) -> Period | None:
    """The time that lies in both; None when none does."""
    starts = [start for start in (one.start, other.start) if start is not None]
    ends = [end for end in (one.end, other.end) if end is not None]
    start, end = max(starts, default=None), min(ends, default=None)
    return None if start is not None and end is not None and end <= start else Period(start, end)
