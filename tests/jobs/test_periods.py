"""When a schedule was last due: summer time, month ends, leap years."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.rules.periods import Times, latest_due

ALL_DAYS = frozenset(range(1, 32))
ALL_MONTHS = frozenset(range(1, 13))
ALL_WEEKDAYS = frozenset(range(7))
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Kiritimati", "Etc/GMT+12")


def daily(
    hour: int,
    minute: int = 0,
    *,
    days: frozenset[int] = ALL_DAYS,
    months: frozenset[int] = ALL_MONTHS,
    weekdays: frozenset[int] = ALL_WEEKDAYS,
) -> Times:
    return Times(frozenset({minute}), frozenset({hour}), weekdays, days, months)


def due(times: Times, at: str, zone: ZoneInfo = BERLIN) -> str | None:
    """Both as text in UTC."""
    found = latest_due(times, at=datetime.fromisoformat(at).replace(tzinfo=UTC), zone=zone)
    return None if found is None else found.strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("hour", "minute", "at", "expected"),
    [
        (2, 0, "2026-01-15 00:59", "2026-01-14 01:00"),
        (2, 0, "2026-01-15 01:00", "2026-01-15 01:00"),
        (2, 0, "2026-07-15 00:00", "2026-07-15 00:00"),
        # 29 March 2026: 02:00 becomes 03:00. The skipped 02:30 is due at 03:30, which is 01:30 UTC.
        (2, 30, "2026-03-29 01:29", "2026-03-28 01:30"),
        (2, 30, "2026-03-29 01:30", "2026-03-29 01:30"),
        (2, 30, "2026-03-30 12:00", "2026-03-30 00:30"),
        # 25 October 2026: 03:00 becomes 02:00. The first 02:30 counts.
        (2, 30, "2026-10-25 00:30", "2026-10-25 00:30"),
        (2, 30, "2026-10-25 01:30", "2026-10-25 00:30"),
        (2, 30, "2026-10-26 01:30", "2026-10-26 01:30"),
    ],
)
def test_across_the_change_of_clocks(hour: int, minute: int, at: str, expected: str) -> None:
    """Once on each day, also on the day without that hour and on the day that has it twice."""
    assert due(daily(hour, minute), at) == expected


@pytest.mark.parametrize(
    ("days", "months", "at", "expected"),
    [
        ({31}, ALL_MONTHS, "2026-06-30 12:00", "2026-05-31 02:00"),
        ({31}, ALL_MONTHS, "2026-07-31 02:00", "2026-07-31 02:00"),
        ({1}, ALL_MONTHS, "2026-03-01 01:59", "2026-02-01 02:00"),
        ({29}, {2}, "2024-12-31 00:00", "2024-02-29 02:00"),
        ({29}, {2}, "2026-12-31 00:00", None),
        ({31}, {6}, "2026-12-31 00:00", None),
        ({1}, {1}, "2026-12-31 23:00", "2026-01-01 02:00"),
    ],
)
def test_month_ends_and_leap_years(days: set[int], months: set[int], at: str, expected: str | None) -> None:
    """The 31st exists in seven months, 29 February every fourth year; a date that never comes is never due."""
    times = daily(2, days=frozenset(days), months=frozenset(months))
    assert due(times, at, ZoneInfo("UTC")) == expected


@pytest.mark.parametrize(("weekday", "expected"), [(0, "2026-11-22"), (1, "2026-11-16"), (6, "2026-11-21")])
def test_weekdays_count_sunday_as_zero(weekday: int, expected: str) -> None:
    """As crontab does; 22 November 2026 is a Sunday."""
    assert due(daily(0, weekdays=frozenset({weekday})), "2026-11-22 12:00", ZoneInfo("UTC")) == f"{expected} 00:00"


moments = st.datetimes(datetime.fromisoformat("2023-01-01"), datetime.fromisoformat("2028-12-31")).map(
    lambda at: at.replace(tzinfo=UTC)
)
some = st.builds(
    Times,
    st.frozensets(st.integers(0, 59), min_size=1, max_size=4),
    st.frozensets(st.integers(0, 23), min_size=1, max_size=4),
    st.just(ALL_WEEKDAYS) | st.frozensets(st.integers(0, 6), min_size=1),
    st.just(ALL_DAYS),
    st.just(ALL_MONTHS),
)


@settings(deadline=None)
@given(some, moments, st.sampled_from(ZONES))
def test_due_is_never_in_the_future_and_never_goes_back(times: Times, at: datetime, zone_name: str) -> None:
    """For any times, moment and zone: what is due lies at or before the moment, asking at that very moment gives the
    same, and a later question never gives an earlier answer."""
    zone = ZoneInfo(zone_name)
    found = latest_due(times, at=at, zone=zone)
    assert found is not None
    assert at - timedelta(days=8) < found <= at
    assert latest_due(times, at=found, zone=zone) == found
    later = latest_due(times, at=at + timedelta(minutes=37), zone=zone)
    assert later is not None
    assert later >= found


@settings(deadline=None)
@given(st.integers(0, 23), st.integers(0, 59), moments, st.sampled_from(ZONES))
def test_a_daily_schedule_is_due_once_a_day(hour: int, minute: int, at: datetime, zone_name: str) -> None:
    """Between any moment and the same wall-clock date a week later there are seven periods, whatever clocks do."""
    zone, times = ZoneInfo(zone_name), daily(hour, minute)
    start = at.astimezone(zone).replace(hour=23, minute=59, second=59, microsecond=0, fold=1)
    ends = [(start.replace(tzinfo=None) + timedelta(days=n)).replace(tzinfo=zone, fold=1) for n in range(8)]
    periods = {latest_due(times, at=end.astimezone(UTC), zone=zone) for end in ends}
    assert len(periods) == 8
