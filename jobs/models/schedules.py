"""Schedules that organisations edit, mirrored to the scheduler's own table by one operation."""

from django.db import models

from kernel.owned import OwnedModel, PlainlyOwned


class Schedule(PlainlyOwned):
    """ "Run `kind` at these times": five crontab fields in the zone `time_zone` (IANA name).

    `periodic_task_id` is the mirrored row of django-celery-beat, which holds nothing but this schedule's id.
    """

    kind = models.TextField()
    name = models.TextField()
    minute = models.TextField(default="0")
    hour = models.TextField(default="2")
    day_of_week = models.TextField(default="*")
    day_of_month = models.TextField(default="*")
    month_of_year = models.TextField(default="*")
    time_zone = models.TextField(default="UTC")
    parameters = models.JSONField(default=dict)
    enabled = models.BooleanField(default=True)
    periodic_task_id = models.IntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta(PlainlyOwned.Meta):
        db_table = "jobs_schedule"
        constraints = [models.UniqueConstraint(fields=["organization_id", "kind", "name"], name="jobs_schedule_once")]

    def __str__(self) -> str:
        return self.name


class ScheduleRun(PlainlyOwned):
    """One period of one schedule was taken up: unique, so that two schedulers or a redelivery run it once."""

    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, related_name="runs")
    period = models.TextField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    outcome = models.JSONField(default=dict)

    class Meta(OwnedModel.Meta):
        db_table = "jobs_schedule_run"
        constraints = [
            models.UniqueConstraint(fields=["organization_id", "schedule", "period"], name="jobs_schedule_run_once")
        ]
