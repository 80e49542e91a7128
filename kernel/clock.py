"""Clocks, the only module that reads the time, and how an instant is written for people.

Decisions ask `trail.clock.now()` after the deciding lock; nothing else may decide what "now" is.
"""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from django.db import connection
from django.utils.formats import date_format
from django.utils.timezone import localtime


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware, in UTC, with microseconds."""
        ...


class SystemClock:
    """The clock of this process."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class DatabaseClock:
    """The database server's clock on PostgreSQL (`clock_timestamp()`, not the start of the transaction);
    on SQLite, where the database lives in this process, the process clock."""

    def now(self) -> datetime:
        if connection.vendor != "postgresql":
            return datetime.now(UTC)
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            at: datetime = cursor.fetchone()[0]
        return at.astimezone(UTC)


class FixedClock:
    """A clock that stands still until `advance` is called: for tests and for the demo's year of history."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("a clock needs an aware datetime")
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def advance(self, by: timedelta) -> None:
        self._at += by

    def set(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)


def moment(at: datetime | None) -> str:
    """6 Apr 2025, 12:00 UTC — empty where there is none."""
    if at is None:
        return ""
    here = localtime(at)
    return f"{date_format(here, 'DATETIME_FORMAT')} {here:%Z}"


def second(at: datetime | None) -> str:
    """6 Apr 2025, 12:00:30 UTC: for entries of the ledger, which follow each other within a minute."""
    if at is None:
        return ""
    here = localtime(at)
    return f"{date_format(here, 'DATE_FORMAT')}, {here:%H:%M:%S %Z}"
