"""When a quota starts again: month ends, leap days, time zones; and no moment without a period or in two."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.rules.feature_values import QuotaPeriod
from licensing.rules.quota_periods import period_at
from licensing.rules.terms import ALWAYS
from tests.licensing.cases import A_MICROSECOND

DAY, MONTH, YEAR = QuotaPeriod.DAY, QuotaPeriod.MONTH, QuotaPeriod.YEAR
MOMENTS = st.datetimes(
    min_value=datetime.fromisoformat("1990-01-01"),
    max_value=datetime.fromisoformat("2090-01-01"),
    timezones=st.just(UTC),
)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


CASES = [
    (MONTH, "2025-01-31T09:30", "2025-02-27T23:59", "2025-01-31", "2025-02-28"),
    (MONTH, "2025-01-31T09:30", "2025-02-28T00:00", "2025-02-28", "2025-03-31"),
    (MONTH, "2025-01-31T09:30", "2025-03-30T23:59", "2025-02-28", "2025-03-31"),
    (MONTH, "2025-01-31T09:30", "2025-04-30T00:00", "2025-04-30", "2025-05-31"),
    (MONTH, "2024-01-31", "2024-02-29", "2024-02-29", "2024-03-31"),
    (MONTH, "2025-01-15", "2026-01-14T23:59", "2025-12-15", "2026-01-15"),
    (MONTH, "2025-01-15", "2025-01-14", "2024-12-15", "2025-01-15"),
    (YEAR, "2024-02-29T12:00", "2025-02-27", "2024-02-29", "2025-02-28"),
    (YEAR, "2024-02-29T12:00", "2025-02-28", "2025-02-28", "2026-02-28"),
    (YEAR, "2024-02-29T12:00", "2028-02-28T23:59", "2027-02-28", "2028-02-29"),
    (YEAR, "2025-12-31", "2026-12-30", "2025-12-31", "2026-12-31"),
    (DAY, "2025-01-31T09:30", "2025-10-26T23:59", "2025-10-26", "2025-10-27"),
]


@pytest.mark.parametrize(("kind", "start", "at", "begins", "ends"), CASES)
def test_periods_begin_on_the_licences_own_day(kind: QuotaPeriod, start: str, at: str, begins: str, ends: str) -> None:
    """At 00:00 UTC of that day of the month, or of the last day of a month that lacks it."""
    period = period_at(kind=kind, start=day(start), at=day(at))
    assert (period.start, period.end) == (day(begins), day(ends))


def test_a_quota_without_a_period_never_starts_again() -> None:
    """All time is one period."""
    assert period_at(kind=QuotaPeriod.NONE, start=day("2025-01-01"), at=day("2030-01-01")) == ALWAYS


def test_the_day_is_that_of_utc() -> None:
    """A licence that starts at 10:00 on 1 March in UTC+14 starts on 28 February."""
    far_east = timezone(timedelta(hours=14))
    start = datetime(2025, 3, 1, 10, tzinfo=far_east)
    period = period_at(kind=MONTH, start=start, at=datetime(2025, 3, 29, 13, tzinfo=far_east))
    assert (period.start, period.end) == (day("2025-03-28"), day("2025-04-28"))


@given(st.sampled_from([DAY, MONTH, YEAR]), MOMENTS, MOMENTS)
def test_periods_follow_each_other_without_gap(kind: QuotaPeriod, start: datetime, at: datetime) -> None:
    """Every moment lies in its own period, every moment of that period too, and the next begins where it ends."""
    period = period_at(kind=kind, start=start, at=at)
    assert period.holds_at(at)
    assert period.start is not None
    assert period.end is not None
    for moment in (period.start, period.end - A_MICROSECOND):
        assert period_at(kind=kind, start=start, at=moment) == period
    assert period_at(kind=kind, start=start, at=period.end).start == period.end
