import django.db.models.deletion
from django.db import migrations, models

import kernel.ids
from kernel.tenancy import TenantForeignKey, TenantTable


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("name", models.TextField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "heartbeat",
                "verbose_name_plural": "heartbeats",
                "db_table": "jobs_heartbeat",
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("organization_id", models.UUIDField(editable=False)),
                ("actor", models.TextField()),
                ("key", models.TextField()),
                ("request_digest", models.BinaryField(max_length=32)),
                ("status", models.IntegerField()),
                ("answer", models.JSONField()),
                ("had_secret", models.BooleanField(default=False)),
                ("ledger_sequence", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "kept answer",
                "verbose_name_plural": "kept answers",
                "db_table": "jobs_idempotency_key",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["organization_id", "created_at"], name="jobs_idempotency_key_age")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization_id", "actor", "key"), name="jobs_idempotency_key_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="JobRun",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("organization_id", models.UUIDField(editable=False)),
                ("kind", models.TextField(verbose_name="kind")),
                ("key", models.TextField(verbose_name="key")),
                ("parameters", models.JSONField(default=dict, verbose_name="parameters")),
                (
                    "state",
                    models.TextField(
                        choices=[("queued", "Queued"), ("running", "Running"), ("done", "Done"), ("failed", "Failed")],
                        default="queued",
                        verbose_name="state",
                    ),
                ),
                ("progress", models.IntegerField(default=0, verbose_name="progress")),
                ("stage", models.TextField(blank=True, verbose_name="step")),
                ("attempts", models.IntegerField(default=0, verbose_name="attempts")),
                ("requested_by", models.TextField(verbose_name="requested by")),
                ("requested_by_account", models.UUIDField(null=True, verbose_name="requested by account")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("started_at", models.DateTimeField(null=True, verbose_name="started at")),
                ("heartbeat_at", models.DateTimeField(null=True, verbose_name="heartbeat at")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished at")),
                ("result", models.JSONField(default=dict, verbose_name="result")),
                ("error_code", models.TextField(blank=True, verbose_name="error code")),
                ("error", models.TextField(blank=True, verbose_name="error")),
            ],
            options={
                "verbose_name": "job run",
                "verbose_name_plural": "job runs",
                "db_table": "jobs_job_run",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["queued", "running"])),
                        fields=["organization_id", "created_at"],
                        name="jobs_job_run_open",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organization_id", "key"), name="jobs_job_run_once"),
                    models.CheckConstraint(
                        condition=models.Q(("progress__gte", 0), ("progress__lte", 100)),
                        name="jobs_job_run_progress_percent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at__isnull", False), ("state__in", ["done", "failed"])),
                            models.Q(("state__in", ["queued", "running"]), ("finished_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="jobs_job_run_finished_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutboxMessage",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("organization_id", models.UUIDField(editable=False)),
                ("channel", models.TextField(verbose_name="channel")),
                ("order_key", models.TextField(verbose_name="sent in order under")),
                ("dedupe_key", models.TextField(verbose_name="sent once under")),
                ("payload", models.JSONField(verbose_name="payload")),
                (
                    "state",
                    models.TextField(
                        choices=[("waiting", "Waiting"), ("sent", "Sent"), ("dead", "Given up")],
                        default="waiting",
                        verbose_name="state",
                    ),
                ),
                ("attempts", models.IntegerField(default=0, verbose_name="attempts")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("next_at", models.DateTimeField(verbose_name="next at")),
                ("leased_until", models.DateTimeField(null=True, verbose_name="being sent until")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="sent at")),
                ("last_error", models.TextField(blank=True, verbose_name="last error")),
            ],
            options={
                "verbose_name": "outgoing message",
                "verbose_name_plural": "outgoing messages",
                "db_table": "jobs_outbox_message",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["organization_id", "next_at"],
                        name="jobs_outbox_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organization_id", "dedupe_key"), name="jobs_outbox_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", False), ("state", "sent")),
                            models.Q(models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="jobs_outbox_sent_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Schedule",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("organization_id", models.UUIDField(editable=False)),
                ("kind", models.TextField(verbose_name="kind")),
                ("name", models.TextField(verbose_name="name")),
                ("minute", models.TextField(default="0", verbose_name="minute")),
                ("hour", models.TextField(default="2", verbose_name="hour")),
                ("day_of_week", models.TextField(default="*", verbose_name="day of week")),
                ("day_of_month", models.TextField(default="*", verbose_name="day of month")),
                ("month_of_year", models.TextField(default="*", verbose_name="month of year")),
                ("time_zone", models.TextField(default="UTC", verbose_name="time zone")),
                ("parameters", models.JSONField(default=dict, verbose_name="parameters")),
                ("enabled", models.BooleanField(default=True, verbose_name="enabled")),
                ("periodic_task_id", models.IntegerField(null=True, verbose_name="scheduler entry")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
            ],
            options={
                "verbose_name": "schedule",
                "verbose_name_plural": "schedules",
                "db_table": "jobs_schedule",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization_id", "kind", "name"), name="jobs_schedule_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ScheduleRun",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("organization_id", models.UUIDField(editable=False)),
                ("period", models.TextField(verbose_name="period")),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished at")),
                ("outcome", models.JSONField(default=dict, verbose_name="outcome")),
                (
                    "schedule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="jobs.schedule",
                        verbose_name="schedule",
                    ),
                ),
            ],
            options={
                "verbose_name": "run of a schedule",
                "verbose_name_plural": "runs of a schedule",
                "db_table": "jobs_schedule_run",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization_id", "schedule", "period"), name="jobs_schedule_run_once"
                    )
                ],
            },
        ),
        TenantTable("IdempotencyKey", referenced=False),
        TenantTable("JobRun", referenced=False),
        TenantTable("OutboxMessage", referenced=False),
        TenantTable("Schedule"),
        TenantTable("ScheduleRun", referenced=False),
        TenantForeignKey("ScheduleRun", "schedule"),
    ]
