"""By when somebody has to say that a contract shall not go on, and how urgent that is."""

from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum

INSTANT = timedelta(microseconds=1)


class Bucket(StrEnum):
    """How many days are left for a notice; `overdue` when the day has passed."""

    OVERDUE = "overdue"
    DAYS_30 = "30"
    DAYS_60 = "60"
    DAYS_90 = "90"
    DAYS_120 = "120"
    LATER = "later"


def last_day(end: datetime, zone: tzinfo) -> date:
    """The last calendar day before a half-open end: a right up to midnight holds on the day before."""
    return (end - INSTANT).astimezone(zone).date()


def notice_day(end: datetime, notice_days: int, zone: tzinfo) -> date:
    """The last calendar day on which a notice is in time: so many days before the last day of the term."""
    return last_day(end, zone) - timedelta(days=notice_days)


def bucket_of(days_left: int) -> Bucket:
    """`days_left` counts from today: 0 is today, which is still in time."""
    if days_left < 0:
        return Bucket.OVERDUE
    for bucket in (Bucket.DAYS_30, Bucket.DAYS_60, Bucket.DAYS_90, Bucket.DAYS_120):
        if days_left <= int(bucket):
            return bucket
    return Bucket.LATER
