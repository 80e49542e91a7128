"""When a schedule was last due."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

HORIZON_DAYS = 366


@dataclass(frozen=True)
class Times:
    """Crontab fields as sets; `weekdays` counts Sunday as 0."""

    minutes: Set[int]
    hours: Set[int]
    weekdays: Set[int]
    days: Set[int]
    months: Set[int]


def latest_due(times: Times, *, at: datetime, zone: ZoneInfo) -> datetime | None:
    """The last moment at or before `at` (aware) at which these times were due, in UTC; None within a year back.

    A local time that the change to summer time skips is due as much later as the clocks jump (02:30 at 03:30); one
    that comes twice in autumn is due the first time alone.
    """
    local = at.astimezone(zone)
    for back in range(HORIZON_DAYS):
        day = (local - timedelta(days=back)).date()
        if day.month not in times.months or day.day not in times.days or day.isoweekday() % 7 not in times.weekdays:
            continue
        # The latest of the whole day: where clocks jump, later on the clock is not always later.
        moments = (
            datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)
            for hour in times.hours
            for minute in times.minutes
        )
        latest = max((moment for moment in moments if moment <= at), default=None)
        if latest is not None:
            return latest
    return None
