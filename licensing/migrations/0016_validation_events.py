"""Validations as telemetry, in monthly partitions; months beyond their time are dropped by a function of the owner."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import kernel.ids
from kernel.clock import SystemClock
from kernel.tenancy import TenantTable
from licensing.partitions import (
    CreatePartitionedModel,
    create_drop_function,
    create_function,
    drop_drop_function,
    ensure_partitions,
)


def create(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The function of months to come is written again: it did not see what lies in the default partition."""
    create_function(schema_editor)
    create_drop_function(schema_editor)


def drop(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    drop_drop_function(schema_editor)


def months_to_come(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The month of the migration and those after it; the sweep goes on from there."""
    ensure_partitions("licensing_validation_event", first=SystemClock().now().date())


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_protection"),
        ("identity", "0012_proofs_of_domains_are_rechecked"),
        ("licensing", "0015_partners_see_their_own"),
    ]

    operations = [
        CreatePartitionedModel(
            by="at",
            name="ValidationEvent",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField(verbose_name="at")),
                ("license_id", models.UUIDField(blank=True, null=True, verbose_name="licence")),
                ("key_digest", models.BinaryField(max_length=32)),
                ("code", models.TextField(verbose_name="answer")),
                ("refusal", models.TextField(blank=True, verbose_name="refusal")),
                ("features", models.JSONField(blank=True, default=list, verbose_name="features")),
                ("version", models.TextField(blank=True, verbose_name="version")),
                ("user", models.TextField(blank=True, verbose_name="user")),
                ("device", models.TextField(blank=True, verbose_name="device")),
                ("client_at", models.DateTimeField(blank=True, null=True, verbose_name="client's clock")),
                ("domain", models.TextField(blank=True, verbose_name="domain")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                ("network", models.TextField(blank=True, verbose_name="network")),
                ("sdk", models.TextField(blank=True, verbose_name="client software")),
                (
                    "origin",
                    models.TextField(
                        choices=[("online", "Validation"), ("activation", "Activation"), ("heartbeat", "Heartbeat")],
                        verbose_name="origin",
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
                "verbose_name": "validation",
                "verbose_name_plural": "validations",
                "db_table": "licensing_validation_event",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["organization", "license_id", "at"], name="licensing_validation_event_of"),
                    models.Index(fields=["organization", "at"], name="licensing_validation_event_at"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("code", ""), _negated=True), name="licensing_validation_event_answered"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("origin__in", ["online", "activation", "heartbeat"])),
                        name="licensing_validation_event_from_somewhere",
                    ),
                ],
            },
        ),
        TenantTable("ValidationEvent", referenced=False),
        migrations.RunPython(create, drop),
        migrations.RunPython(months_to_come, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="usageevent",
            index=models.Index(fields=["organization", "received_at"], name="licensing_usage_event_received"),
        ),
    ]
