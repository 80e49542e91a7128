"""Terms: month ends, leap days, time zones, half-open ranges."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.rules.terms import ALWAYS, Period, Term, add_months, add_years, end_of, end_of_nth, in_utc

INSTANTS = st.datetimes(
    min_value=datetime.fromisoformat("1990-01-01"),
    max_value=datetime.fromisoformat("2100-01-01"),
    timezones=st.just(UTC),
)
A_MICROSECOND = timedelta(microseconds=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2025-01-31T00:00", 1, "2025-02-28T00:00"),
        ("2024-01-31T00:00", 1, "2024-02-29T00:00"),
        ("2024-02-29T12:30", 12, "2025-02-28T12:30"),
        ("2024-02-29T12:30", 48, "2028-02-29T12:30"),
        ("2025-02-28T00:00", 12, "2026-02-28T00:00"),
        ("2025-03-31T23:59:59.999999", 1, "2025-04-30T23:59:59.999999"),
        ("2025-12-15T00:00", 1, "2026-01-15T00:00"),
        ("2025-11-30T00:00", 3, "2026-02-28T00:00"),
        ("2025-03-31T00:00", -1, "2025-02-28T00:00"),
        ("2025-01-15T00:00", -13, "2023-12-15T00:00"),
        ("2025-06-15T00:00", 0, "2025-06-15T00:00"),
        ("1900-01-31T00:00", 1, "1900-02-28T00:00"),
        ("2000-01-31T00:00", 1, "2000-02-29T00:00"),
    ],
)
def test_months_clamp_to_the_last_day(start: str, months: int, end: str) -> None:
    """A day that the target month lacks becomes its last day; the time of day stays."""
    assert add_months(at=utc(start), months=months) == utc(end)


@pytest.mark.parametrize(
    ("start", "years", "end"),
    [
        ("2024-02-29T00:00", 1, "2025-02-28T00:00"),
        ("2024-02-29T00:00", 4, "2028-02-29T00:00"),
        ("2025-07-01T00:00", 3, "2028-07-01T00:00"),
    ],
)
def test_years_and_the_leap_day(start: str, years: int, end: str) -> None:
    """A year from 29 February ends on 28 February, four years on the 29th again."""
    assert add_years(at=utc(start), years=years) == utc(end)


def test_a_term_of_months_and_days() -> None:
    """Months are added first, days of 24 hours after them."""
    assert end_of(start=utc("2025-01-31T10:00"), term=Term(months=1, days=3)) == utc("2025-03-03T10:00")
    assert end_of(start=utc("2025-03-29T10:00"), term=Term(days=14)) == utc("2025-04-12T10:00")


def test_consecutive_terms_keep_the_day_of_the_first() -> None:
    """Monthly from 31 January ends on 28 February, 31 March, 30 April: the short month does not stick."""
    ends = [end_of_nth(start=utc("2025-01-31T00:00"), term=Term(months=1), n=n) for n in (1, 2, 3)]
    assert ends == [utc("2025-02-28T00:00"), utc("2025-03-31T00:00"), utc("2025-04-30T00:00")]


def test_terms_are_counted_from_one() -> None:
    """There is no zeroth term."""
    with pytest.raises(ValueError, match="from 1"):
        end_of_nth(start=utc("2025-01-31T00:00"), term=Term(months=1), n=0)


def test_the_clock_change_neither_lengthens_nor_shortens_a_term() -> None:
    """A term that starts before the clocks change in Oslo ends at the same UTC time of day."""
    start = datetime(2025, 3, 1, 12, 0, tzinfo=ZoneInfo("Europe/Oslo"))
    assert end_of(start=start, term=Term(months=1)) == utc("2025-04-01T11:00")


def test_the_day_is_counted_in_utc() -> None:
    """An hour after midnight on 1 February in Oslo is 31 January in UTC, and the month is counted from there."""
    start = datetime(2025, 2, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    assert add_months(at=start, months=1) == utc("2025-02-28T23:30")


@pytest.mark.parametrize(("months", "days"), [(0, 0), (-1, 0), (0, -1), (1, -1)])
def test_a_term_is_longer_than_nothing(months: int, days: int) -> None:
    """A term of no length, or of negative length, cannot be written down."""
    with pytest.raises(ValueError, match="term"):
        Term(months=months, days=days)


def test_a_naive_time_is_no_instant() -> None:
    """Without a zone nobody knows when it is, so nothing is computed from it."""
    with pytest.raises(ValueError, match="time zone"):
        in_utc(datetime.fromisoformat("2025-01-01T00:00"))


@given(INSTANTS, st.integers(1, 600))
def test_a_month_later_is_later_and_in_that_month(start: datetime, months: int) -> None:
    """The result lies in the month that was counted to, on the same day or on that month's last."""
    end = add_months(at=start, months=months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end.day < start.day and (end + timedelta(days=1)).month != end.month)
    assert end.timetz() == start.timetz()


@given(INSTANTS, INSTANTS, st.integers(1, 60))
def test_order_is_kept(first: datetime, second: datetime, months: int) -> None:
    """Whoever starts earlier never ends later."""
    early, late = sorted((first, second))
    assert add_months(at=early, months=months) <= add_months(at=late, months=months)


def test_a_period_holds_from_its_start_up_to_its_end() -> None:
    """The start is included and the end is not, to the microsecond."""
    start, end = utc("2025-01-01T00:00"), utc("2026-01-01T00:00")
    period = Period(start, end)
    assert [period.holds_at(at) for at in (start - A_MICROSECOND, start, end - A_MICROSECOND, end)] == [
        False,
        True,
        True,
        False,
    ]
    assert [period.ended_by(at) for at in (end - A_MICROSECOND, end)] == [False, True]


@given(INSTANTS)
def test_open_ends_hold_for_ever(at: datetime) -> None:
    """A period without an end never ends; one without a start has always begun."""
    assert ALWAYS.holds_at(at)
    assert not ALWAYS.ended_by(at)
    assert Period(start=at).holds_at(at)
    assert not Period(end=at).holds_at(at)


@given(INSTANTS, INSTANTS, INSTANTS)
def test_adjoining_periods_neither_overlap_nor_leave_a_gap(first: datetime, second: datetime, third: datetime) -> None:
    """Of two terms that follow each other, exactly one holds at every instant that both cover."""
    start, middle, end = sorted((first, second, third))
    for at in (start, middle, end - A_MICROSECOND):
        if start <= at < end:
            assert Period(start, middle).holds_at(at) != Period(middle, end).holds_at(at)


def test_a_period_cannot_end_before_it_starts() -> None:
    """Such a period is refused; an empty one is possible and never holds."""
    at = utc("2025-01-01T00:00")
    with pytest.raises(ValueError, match="before it starts"):
        Period(at, at - A_MICROSECOND)
    assert not Period(at, at).holds_at(at)
