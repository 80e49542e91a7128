"""When a quota starts again: periods of whole UTC days, counted from the day on which the licence starts.

A month or year that began on a day which a later month lacks begins there on its last day, and on its own day again
after that: from 31 January on 28 or 29 February, then on 31 March.
"""

from datetime import UTC, datetime, time, timedelta

from licensing.rules.feature_values import QuotaPeriod
from licensing.rules.terms import ALWAYS, MONTHS_PER_YEAR, Period, add_months, in_utc


def period_at(*, kind: QuotaPeriod, start: datetime, at: datetime) -> Period:
    """The period that runs at `at`, half-open, for a licence that starts at `start` (both aware); of a quota that never
    starts again, all time. Before the licence starts, periods are counted backwards from the same day."""
    anchor = _midnight(start)
    match kind:
        case QuotaPeriod.NONE:
            return ALWAYS
        case QuotaPeriod.DAY:
            today = _midnight(at)
            return Period(today, today + timedelta(days=1))
        case QuotaPeriod.MONTH:
            return _of_months(anchor, in_utc(at), 1)
        case QuotaPeriod.YEAR:
            return _of_months(anchor, in_utc(at), MONTHS_PER_YEAR)


def _of_months(anchor: datetime, at: datetime, length: int) -> Period:
    """Counted from the anchor each time, so that a short month does not shift the ones after it."""
    months = (at.year - anchor.year) * MONTHS_PER_YEAR + at.month - anchor.month
    n = months // length
    if add_months(at=anchor, months=n * length) > at:
        n -= 1
    elif add_months(at=anchor, months=(n + 1) * length) <= at:
        n += 1
    return Period(add_months(at=anchor, months=n * length), add_months(at=anchor, months=(n + 1) * length))


def _midnight(at: datetime) -> datetime:
    return datetime.combine(in_utc(at).date(), time(), UTC)
