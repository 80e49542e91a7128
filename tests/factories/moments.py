"""The moment at which the tests' rows stand, and how to count from it."""

from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def days(count: int) -> datetime:
    """So many days after NOW; before it when negative."""
    return NOW + timedelta(days=count)
