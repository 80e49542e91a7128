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

    kind = models.TextField(_("kind"))
    key = models.TextField(_("key"))
    parameters = models.JSONField(_("parameters"), default=dict)
    state = models.TextField(_("state"), choices=RunState.choices, default=RunState.QUEUED)
    progress = models.IntegerField(_("progress"), default=0)
    stage = models.TextField(_("step"), blank=True)
    attempts = models.IntegerField(_("attempts"), default=0)
    requested_by = models.TextField(_("requested by"))
    requested_by_account = models.UUIDField(_("requested by account"), null=True)
    created_at = models.DateTimeField(_("created at"))
    started_at = models.DateTimeField(_("started at"), null=True)
    heartbeat_at = models.DateTimeField(_("heartbeat at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    result = models.JSONField(_("result"), default=dict)
    error_code = models.TextField(_("error code"), blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta(PlainlyOwned.Meta):
        verbose_name = _("job run")
        verbose_name_plural = _("job runs")
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
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")
        db_table = "jobs_heartbeat"

    def __str__(self) -> str:
        return self.name
