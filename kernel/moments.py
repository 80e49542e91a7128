"""Instants as the reader's language writes them, always with their time zone."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime


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
