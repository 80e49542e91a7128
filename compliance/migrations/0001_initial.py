import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kernel.ids
from kernel.tenancy import TenantForeignKey, TenantTable


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
        ("seats", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ScanRun",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished at")),
                ("pools", models.IntegerField(default=0, verbose_name="pools judged")),
                ("opened", models.IntegerField(default=0, verbose_name="opened")),
                ("still_open", models.IntegerField(default=0, verbose_name="still open")),
                ("resolved", models.IntegerField(default=0, verbose_name="resolved")),
                ("input_digest", models.BinaryField(max_length=32)),
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
                "verbose_name": "scan",
                "verbose_name_plural": "scans",
                "db_table": "compliance_scan_run",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["organization", "started_at"], name="compliance_scan_run_started")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("opened__gte", 0), ("pools__gte", 0), ("resolved__gte", 0), ("still_open__gte", 0)
                        ),
                        name="compliance_scan_run_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("finished_at__isnull", True), ("finished_at__gte", models.F("started_at")), _connector="OR"
                        ),
                        name="compliance_scan_run_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Violation",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("number", models.TextField(verbose_name="number")),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("over_allocation", "More seats held than rights in force"),
                            ("expired_use", "Seats held and no right in force"),
                        ],
                        verbose_name="kind",
                    ),
                ),
                ("subject_type", models.TextField(verbose_name="type of subject")),
                ("subject_id", models.TextField(verbose_name="subject ID")),
                (
                    "state",
                    models.TextField(
                        choices=[("open", "Open"), ("resolved", "Resolved")], default="open", verbose_name="state"
                    ),
                ),
                (
                    "severity",
                    models.TextField(
                        choices=[
                            ("info", "Info"),
                            ("warning", "Warning"),
                            ("critical", "Critical"),
                            ("severe", "Severe"),
                        ],
                        verbose_name="severity",
                    ),
                ),
                ("observed", models.BigIntegerField(verbose_name="observed")),
                ("allowed", models.BigIntegerField(verbose_name="allowed")),
                ("evidence", models.JSONField(default=dict, verbose_name="evidence")),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due at")),
                ("first_seen_at", models.DateTimeField(verbose_name="first seen at")),
                ("last_seen_at", models.DateTimeField(verbose_name="last seen at")),
                ("resolved_at", models.DateTimeField(blank=True, null=True, verbose_name="resolved at")),
                ("resolved_by", models.TextField(blank=True, verbose_name="resolved by")),
                (
                    "resolution",
                    models.TextField(
                        blank=True,
                        choices=[("cured", "No longer the case"), ("replaced", "Became a violation of another kind")],
                        verbose_name="resolution",
                    ),
                ),
                ("resolution_note", models.TextField(blank=True, verbose_name="resolution note")),
                (
                    "organization",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organization",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="violations",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="violations",
                        to="seats.seatpool",
                        verbose_name="pool",
                    ),
                ),
            ],
            options={
                "verbose_name": "violation",
                "verbose_name_plural": "violations",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["organization", "state", "first_seen_at"], name="compliance_violation_state"),
                    models.Index(
                        fields=["organization", "subject_type", "subject_id"], name="compliance_violation_subject"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "number"), name="compliance_violation_number"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("organization", "kind", "subject_type", "subject_id"),
                        name="compliance_violation_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("state", "resolved"), ("resolved_at__isnull", False)),
                                models.Q(models.Q(("state", "resolved"), _negated=True), ("resolved_at__isnull", True)),
                                _connector="OR",
                            ),
                            models.Q(
                                models.Q(("resolved_at__isnull", True), ("resolved_by", ""), ("resolution", "")),
                                models.Q(
                                    ("resolved_at__isnull", False),
                                    models.Q(("resolved_by", ""), _negated=True),
                                    models.Q(("resolution", ""), _negated=True),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="compliance_violation_resolved_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("last_seen_at__gte", models.F("first_seen_at"))),
                        name="compliance_violation_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("allowed__gte", 0), ("observed__gte", 0)),
                        name="compliance_violation_not_negative",
                    ),
                ],
            },
        ),
        TenantTable("ScanRun"),
        TenantTable("Violation"),
        TenantForeignKey("Violation", "pool"),
    ]
