"""Moments as logs and spreadsheets write them: a day, or a day with a time, with or without a time zone."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

from licensing.importing.cells import Cell
from licensing.importing.conventions import Convention
from licensing.importing.dates import read_date
from licensing.importing.findings import DATE_UNREADABLE, Reading, refused
from licensing.importing.texts import cleaned

CLOCK = re.compile(
    r"[ T](?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?(?: ?(?P<half>[AaPp])[Mm])?"
    r"(?: ?(?:(?P<utc>Z|UTC)|(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})))?$",
    re.ASCII,
)


def read_moment(cell: Cell, convention: Convention) -> Reading[date]:
    """A datetime where a time is written, aware where its zone is; else the day. Parts of a second are left out."""
    if isinstance(cell, datetime):
        day, problem = read_date(cell, convention)
        return (None, problem) if day is None else (cell.replace(microsecond=0), problem)
    day, problem = read_date(cell, convention)
    if day is None:
        return None, problem
    if isinstance(cell, float) and not cell.is_integer():
        return datetime.combine(day, time()) + timedelta(seconds=round(cell % 1 * 86_400)), problem
    clock = CLOCK.search(cleaned(cell)) if isinstance(cell, str) else None
    if clock is None:
        return day, problem
    try:
        return datetime.combine(day, _time(clock)), problem
    except ValueError:
        return refused(DATE_UNREADABLE)


def _time(clock: re.Match[str]) -> time:
    """Raises ValueError for a time that no clock shows."""
    hour = int(clock["hour"])
    if clock["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(f"{hour} is no hour of half a day")
        hour = hour % 12 + (12 if clock["half"] in "pP" else 0)
    zone = UTC if clock["utc"] else None
    if clock["sign"]:
        offset = timedelta(hours=int(clock["hours"]), minutes=int(clock["minutes"]))
        zone = timezone(offset if clock["sign"] == "+" else -offset)
    return time(hour, int(clock["minute"]), int(clock["second"] or 0), tzinfo=zone)
