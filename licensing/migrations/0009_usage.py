"""What is consumed of licences: events in monthly partitions, receipts, and sums of days."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import kernel.ids
from kernel.clock import SystemClock
from kernel.tenancy import TenantForeignKey, TenantTable
from licensing.partitions import CreatePartitionedModel, create_function, drop_function, ensure_partitions


def create(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    create_function(schema_editor)


def drop(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    drop_function(schema_editor)


def months_to_come(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The month of the migration and those after it; the sweep goes on from there."""
    ensure_partitions("licensing_usage_event", first=SystemClock().now().date())


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0011_two_live_secrets_and_counted_refusals"),
        ("licensing", "0008_releases_bundles_use_rights"),
    ]

    operations = [
        migrations.RunPython(create, drop),
        migrations.CreateModel(
            name="UsageDaily",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("feature", models.TextField(verbose_name="feature")),
                ("day", models.DateField(verbose_name="day")),
                ("value", models.DecimalField(decimal_places=6, max_digits=26, verbose_name="quantity")),
                ("events", models.IntegerField(verbose_name="events")),
                ("summed_at", models.DateTimeField(verbose_name="summed at")),
                (
                    "license",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="usage",
                        to="licensing.license",
                        verbose_name="licence",
                    ),
                ),
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
                "verbose_name": "usage of a day",
                "verbose_name_plural": "usage by day",
                "db_table": "licensing_usage_daily",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "license", "feature", "day"), name="licensing_usage_daily_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("events__gte", 1), ("value__gt", 0)), name="licensing_usage_daily_counts"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UsageDay",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField(verbose_name="day")),
                ("touched_at", models.DateTimeField(verbose_name="touched at")),
                (
                    "license",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="unsummed_days",
                        to="licensing.license",
                        verbose_name="licence",
                    ),
                ),
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
                "verbose_name": "day to be summed",
                "verbose_name_plural": "days to be summed",
                "db_table": "licensing_usage_day",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "license", "day"), name="licensing_usage_day_once")
                ],
            },
        ),
        CreatePartitionedModel(
            by="at",
            name="UsageEvent",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("license_id", models.UUIDField(verbose_name="licence")),
                ("source", models.TextField(verbose_name="source")),
                ("key", models.TextField(verbose_name="idempotency key")),
                ("feature", models.TextField(verbose_name="feature")),
                ("subject", models.TextField(blank=True, verbose_name="subject")),
                ("value", models.DecimalField(decimal_places=6, max_digits=20, verbose_name="quantity")),
                ("at", models.DateTimeField(verbose_name="at")),
                ("received_at", models.DateTimeField(verbose_name="received at")),
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
                "verbose_name": "usage event",
                "verbose_name_plural": "usage events",
                "db_table": "licensing_usage_event",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["organization", "license_id", "at"], name="licensing_usage_event_at")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("value__gt", 0)), name="licensing_usage_event_counts"),
                    models.CheckConstraint(
                        condition=models.Q(("feature", ""), _negated=True), name="licensing_usage_event_of_a_feature"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UsageReceipt",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("source", models.TextField(verbose_name="source")),
                ("key", models.TextField(verbose_name="idempotency key")),
                ("digest", models.BinaryField(max_length=32)),
                ("received_at", models.DateTimeField(verbose_name="received at")),
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
                "verbose_name": "usage receipt",
                "verbose_name_plural": "usage receipts",
                "db_table": "licensing_usage_receipt",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["organization", "received_at"], name="licensing_usage_receipt_age")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "source", "key"), name="licensing_usage_receipt_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("source", ""), _negated=True), models.Q(("key", ""), _negated=True)
                        ),
                        name="licensing_usage_receipt_has_key",
                    ),
                ],
            },
        ),
        TenantTable("UsageEvent", referenced=False),
        migrations.RunPython(months_to_come, migrations.RunPython.noop),
        TenantTable("UsageReceipt", referenced=False),
        TenantTable("UsageDay", referenced=False),
        TenantForeignKey("UsageDay", "license"),
        TenantTable("UsageDaily", referenced=False),
        TenantForeignKey("UsageDaily", "license"),
    ]
