"""Calendar months and quarters, and the instants that bound them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.rules.spans import ONE_DAY, Every, Span, current, previous

days = st.dates(min_value=date(1990, 1, 1), max_value=date(2200, 12, 31))


@given(days, st.sampled_from(Every))
def test_spans_follow_each_other_without_gap(day, every):
    """A day lies in its own span, and the previous span ends where that begins, on the first of a month."""
    own, before = current(every, day=day), previous(every, day=day)
    assert own.start <= day < own.end
    assert before.end == own.start
    assert (own.start.day, own.end.day, before.start.day) == (1, 1, 1)
    assert own.last + ONE_DAY == own.end


@pytest.mark.parametrize(
    ("every", "day", "start", "end"),
    [
        (Every.QUARTER, date(2026, 1, 1), date(2025, 10, 1), date(2026, 1, 1)),
        (Every.QUARTER, date(2026, 11, 22), date(2026, 7, 1), date(2026, 10, 1)),
        (Every.MONTH, date(2026, 1, 31), date(2025, 12, 1), date(2026, 1, 1)),
        (Every.MONTH, date(2024, 3, 1), date(2024, 2, 1), date(2024, 3, 1)),
    ],
)
def test_the_span_before(every, day, start, end):
    """Over the turn of the year and in a leap year."""
    assert previous(every, day=day) == Span(start, end)


def test_days_are_those_of_the_time_zone():
    """A quarter in Oslo begins and ends at other instants than in UTC, and loses an hour to summer time."""
    start, end = current(Every.QUARTER, day=date(2026, 3, 1)).instants(ZoneInfo("Europe/Oslo"))
    assert start == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert end == datetime(2026, 3, 31, 22, tzinfo=UTC)


def test_a_span_has_a_day():
    """An empty or reversed span is refused."""
    for end in (date(2026, 1, 1), date(2025, 1, 1)):
        with pytest.raises(ValueError, match="at least one day"):
            Span(date(2026, 1, 1), end)
