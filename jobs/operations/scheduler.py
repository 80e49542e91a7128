"""The scheduler's own tick, which belongs to no organisation."""

from datetime import UTC, datetime

from django_celery_beat.models import PeriodicTask

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def tick_at_once() -> None:
    """Makes the tick due when the scheduler starts, instead of one interval later: what fell due while it was down is
    caught up first. On a new installation there is no row yet and the first tick comes after one interval."""
    PeriodicTask.objects.filter(task="jobs.tick").update(last_run_at=LONG_AGO)
