"""Spans of calendar days: the quarters and months that packages are about, and the instants that bound them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

ONE_DAY = timedelta(days=1)
MONTHS = {"month": 1, "quarter": 3}


class Every(StrEnum):
    """How long a calendar span is, and how often a schedule asks for one."""

    MONTH = "month"
    QUARTER = "quarter"


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to, not including, `end`; calendar days. Raises ValueError unless it has a day."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError("a span has at least one day")

    @property
    def last(self) -> date:
        return self.end - ONE_DAY

    def instants(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """The half-open range of instants (UTC) that these days are in a time zone; a day may have 23 or 25 hours."""
        return _midnight(self.start, zone), _midnight(self.end, zone)


def current(every: Every, *, day: date) -> Span:
    """The calendar month or quarter in which a day lies."""
    months = MONTHS[every]
    first = (day.month - 1) // months * months
    return Span(date(day.year, first + 1, 1), _first_of(day.year, first + months))


def previous(every: Every, *, day: date) -> Span:
    """The calendar month or quarter before the one in which a day lies."""
    return current(every, day=current(every, day=day).start - ONE_DAY)


def _first_of(year: int, month0: int) -> date:
    return date(year + month0 // 12, month0 % 12 + 1, 1)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
