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
                ("kind", models.TextField()),
                ("key", models.TextField()),
                ("parameters", models.JSONField(default=dict)),
                (
                    "state",
                    models.TextField(
                        choices=[("queued", "Queued"), ("running", "Running"), ("done", "Done"), ("failed", "Failed")],
                        default="queued",
                    ),
                ),
                ("progress", models.IntegerField(default=0)),
                ("stage", models.TextField(blank=True)),
                ("attempts", models.IntegerField(default=0)),
                ("requested_by", models.TextField()),
                ("requested_by_account", models.UUIDField(null=True)),
                ("created_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("heartbeat_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("result", models.JSONField(default=dict)),
                ("error_code", models.TextField(blank=True)),
                ("error", models.TextField(blank=True)),
            ],
            options={
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
                ("channel", models.TextField()),
                ("order_key", models.TextField()),
                ("dedupe_key", models.TextField()),
                ("payload", models.JSONField()),
                (
                    "state",
                    models.TextField(
                        choices=[("waiting", "Waiting"), ("sent", "Sent"), ("dead", "Given up")], default="waiting"
                    ),
                ),
                ("attempts", models.IntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("next_at", models.DateTimeField()),
                ("leased_until", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("last_error", models.TextField(blank=True)),
            ],
            options={
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
                ("kind", models.TextField()),
                ("name", models.TextField()),
                ("minute", models.TextField(default="0")),
                ("hour", models.TextField(default="2")),
                ("day_of_week", models.TextField(default="*")),
                ("day_of_month", models.TextField(default="*")),
                ("month_of_year", models.TextField(default="*")),
                ("time_zone", models.TextField(default="UTC")),
                ("parameters", models.JSONField(default=dict)),
                ("enabled", models.BooleanField(default=True)),
                ("periodic_task_id", models.IntegerField(null=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
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
                ("period", models.TextField()),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                ("outcome", models.JSONField(default=dict)),
                (
                    "schedule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="jobs.schedule"
                    ),
                ),
            ],
            options={
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
