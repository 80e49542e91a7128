"""Long work as rows: the row is the truth, the broker only wakes a worker."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel.owned import PlainlyOwned


class RunState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class JobRun(PlainlyOwned):
    """One piece of background work of a `kind` that config.composition maps to a function.

    `key` makes starting it twice impossible; `heartbeat_at` tells a slow run from a dead one; `progress` runs from 0 to
    100; `result` names what came of it; `error_code` and `error` say why it failed.
    """

    kind = models.TextField()
    key = models.TextField()
    parameters = models.JSONField(default=dict)
    state = models.TextField(choices=RunState.choices, default=RunState.QUEUED)
    progress = models.IntegerField(default=0)
    stage = models.TextField(blank=True)
    attempts = models.IntegerField(default=0)
    requested_by = models.TextField()
    requested_by_account = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)
    error_code = models.TextField(blank=True)
    error = models.TextField(blank=True)

    class Meta(PlainlyOwned.Meta):
        db_table = "jobs_job_run"
        constraints = [
            models.UniqueConstraint(fields=["organization_id", "key"], name="jobs_job_run_once"),
            models.CheckConstraint(
                condition=Q(progress__gte=0, progress__lte=100), name="jobs_job_run_progress_percent"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "failed"], finished_at__isnull=False)
                | (Q(state__in=["queued", "running"]) & Q(finished_at__isnull=True)),
                name="jobs_job_run_finished_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization_id", "created_at"],
                condition=Q(state__in=["queued", "running"]),
                name="jobs_job_run_open",
            )
        ]


class Heartbeat(models.Model):
    """When a background process was last seen alive; global, holds nothing of any organisation."""

    name = models.TextField(primary_key=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "jobs_heartbeat"

    def __str__(self) -> str:
        return self.name
