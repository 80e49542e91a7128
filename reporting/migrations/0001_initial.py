import django.db.models.deletion
from django.db import migrations, models

import kernel.ids
from kernel.tenancy import TenantTable


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditPackage",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("number", models.TextField()),
                ("period_start", models.DateField()),
                ("period_end", models.DateField()),
                ("scope", models.JSONField(default=dict)),
                ("language", models.CharField(default="en", max_length=8)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("queued", "Queued"),
                            ("building", "Being built"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                        ],
                        default="queued",
                    ),
                ),
                ("job_run_id", models.UUIDField(blank=True, null=True)),
                ("requested_by", models.TextField()),
                ("requested_by_role", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
                ("snapshot_file", models.TextField(blank=True)),
                ("snapshot_sha256", models.CharField(blank=True, max_length=64)),
                ("ledger_size", models.BigIntegerField(blank=True, null=True)),
                ("built_at", models.DateTimeField(blank=True, null=True)),
                ("archive_file", models.TextField(blank=True)),
                ("archive_sha256", models.CharField(blank=True, max_length=64)),
                ("archive_size", models.BigIntegerField(blank=True, null=True)),
                ("manifest_sha256", models.CharField(blank=True, max_length=64)),
                ("error_code", models.TextField(blank=True)),
                ("error", models.TextField(blank=True)),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organization",
                    ),
                ),
            ],
            options={
                "db_table": "reporting_audit_package",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["organization", "created_at"], name="reporting_audit_package_new")],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "number"), name="reporting_audit_package_number"),
                    models.CheckConstraint(
                        condition=models.Q(("period_end__gt", models.F("period_start"))),
                        name="reporting_audit_package_period_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "ready"), ("built_at__isnull", False)),
                            models.Q(models.Q(("state", "ready"), _negated=True), ("built_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="reporting_audit_package_ready_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "ready"), _negated=True),
                            models.Q(
                                ("archive_size__isnull", False),
                                ("ledger_size__isnull", False),
                                models.Q(("snapshot_sha256", ""), _negated=True),
                                models.Q(("archive_file", ""), _negated=True),
                                models.Q(("archive_sha256", ""), _negated=True),
                                models.Q(("manifest_sha256", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="reporting_audit_package_ready_has_digests",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "failed"), ("error_code", ""), _connector="OR"),
                        name="reporting_audit_package_error_when_failed",
                    ),
                ],
            },
        ),
        TenantTable("AuditPackage"),
    ]
