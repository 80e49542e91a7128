"""Schedules that organisations edit, mirrored to the scheduler's own table by one operation."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.owned import OwnedModel, PlainlyOwned


class Schedule(PlainlyOwned):
    """ "Run `kind` at these times": five crontab fields in the zone `time_zone` (IANA name).

    `periodic_task_id` is the mirrored row of django-celery-beat, which holds nothing but this schedule's id.
    """

    kind = models.TextField(_("kind"))
    name = models.TextField(_("name"))
    minute = models.TextField(_("minute"), default="0")
    hour = models.TextField(_("hour"), default="2")
    day_of_week = models.TextField(_("day of week"), default="*")
    day_of_month = models.TextField(_("day of month"), default="*")
    month_of_year = models.TextField(_("month of year"), default="*")
    time_zone = models.TextField(_("time zone"), default="UTC")
    parameters = models.JSONField(_("parameters"), default=dict)
    enabled = models.BooleanField(_("enabled"), default=True)
    periodic_task_id = models.IntegerField(_("scheduler entry"), null=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta(PlainlyOwned.Meta):
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        db_table = "jobs_schedule"
        constraints = [models.UniqueConstraint(fields=["organization_id", "kind", "name"], name="jobs_schedule_once")]

    def __str__(self) -> str:
        return self.name


class ScheduleRun(PlainlyOwned):
    """One period of one schedule was taken up: unique, so that two schedulers or a redelivery run it once."""

    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, related_name="runs", verbose_name=_("schedule"))
    period = models.TextField(_("period"))
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True)
    outcome = models.JSONField(_("outcome"), default=dict)

    class Meta(OwnedModel.Meta):
        verbose_name = _("run of a schedule")
        verbose_name_plural = _("runs of a schedule")
        db_table = "jobs_schedule_run"
        constraints = [
            models.UniqueConstraint(fields=["organization_id", "schedule", "period"], name="jobs_schedule_run_once")
        ]
