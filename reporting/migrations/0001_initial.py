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
                ("number", models.TextField(verbose_name="number")),
                ("period_start", models.DateField(verbose_name="period start")),
                ("period_end", models.DateField(verbose_name="period end")),
                ("scope", models.JSONField(default=dict, verbose_name="scope")),
                ("language", models.CharField(default="en", max_length=8, verbose_name="language")),
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
                        verbose_name="state",
                    ),
                ),
                ("job_run_id", models.UUIDField(blank=True, null=True, verbose_name="job run")),
                ("requested_by", models.TextField(verbose_name="requested by")),
                ("requested_by_role", models.TextField(blank=True, verbose_name="role of the requester")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("snapshot_file", models.TextField(blank=True, verbose_name="snapshot file")),
                (
                    "snapshot_sha256",
                    models.CharField(blank=True, max_length=64, verbose_name="SHA-256 of the snapshot"),
                ),
                ("ledger_size", models.BigIntegerField(blank=True, null=True, verbose_name="ledger size")),
                ("built_at", models.DateTimeField(blank=True, null=True, verbose_name="built at")),
                ("archive_file", models.TextField(blank=True, verbose_name="archive file")),
                ("archive_sha256", models.CharField(blank=True, max_length=64, verbose_name="SHA-256 of the archive")),
                ("archive_size", models.BigIntegerField(blank=True, null=True, verbose_name="size of the archive")),
                (
                    "manifest_sha256",
                    models.CharField(blank=True, max_length=64, verbose_name="SHA-256 of the manifest"),
                ),
                ("error_code", models.TextField(blank=True, verbose_name="error code")),
                ("error", models.TextField(blank=True, verbose_name="error")),
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
                "verbose_name": "audit package",
                "verbose_name_plural": "audit packages",
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
