"""The last day for a notice, and how urgent it is."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.rules.notice import Bucket, bucket_of, last_day, notice_day

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_term_up_to_midnight_ends_the_day_before() -> None:
    """A contract up to midnight of New Year in Berlin ends on 31 December, whatever the day is in UTC."""
    end = datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert last_day(end, BERLIN) == date(2026, 12, 31)
    assert last_day(datetime(2027, 1, 1, tzinfo=UTC), ZoneInfo("UTC")) == date(2026, 12, 31)
    assert last_day(datetime(2026, 12, 31, 15, tzinfo=UTC), BERLIN) == date(2026, 12, 31)


def test_notice_is_counted_in_calendar_days() -> None:
    """Ninety days before 31 December is 2 October, although the clocks change in between."""
    assert notice_day(datetime(2026, 12, 31, 23, tzinfo=UTC), 90, BERLIN) == date(2026, 10, 2)
    assert notice_day(datetime(2026, 12, 31, 23, tzinfo=UTC), 0, BERLIN) == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-1, Bucket.OVERDUE),
        (0, Bucket.DAYS_30),
        (30, Bucket.DAYS_30),
        (31, Bucket.DAYS_60),
        (60, Bucket.DAYS_60),
        (90, Bucket.DAYS_90),
        (91, Bucket.DAYS_120),
        (120, Bucket.DAYS_120),
        (121, Bucket.LATER),
    ],
)
def test_buckets_meet_without_gap(days: int, bucket: Bucket) -> None:
    """The last day itself is in time, and each bucket begins where the one before ends."""
    assert bucket_of(days) is bucket


@given(
    st.integers(0, 10**7).map(lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)),
    st.integers(0, 400),
    st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Auckland", "America/New_York"]),
)
def test_more_notice_is_never_later(end: datetime, days: int, zone: str) -> None:
    """A longer notice period moves the deadline earlier by exactly as many calendar days."""
    where = ZoneInfo(zone)
    assert last_day(end, where) - notice_day(end, days, where) == timedelta(days=days)
