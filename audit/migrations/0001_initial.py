from django.db import migrations, models

import kernel.ids
from kernel.tenancy import TenantTable


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AccessEvent",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("organization_id", models.UUIDField(editable=False)),
                ("at", models.DateTimeField()),
                ("actor", models.TextField()),
                ("subject_type", models.TextField()),
                ("subject_id", models.TextField(blank=True)),
                ("purpose", models.TextField()),
                ("count", models.IntegerField(default=1)),
            ],
            options={
                "verbose_name": "read of personal data",
                "verbose_name_plural": "reads of personal data",
                "db_table": "audit_access_event",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["organization_id", "at"], name="audit_access_event_at")],
            },
        ),
        migrations.CreateModel(
            name="Chain",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("organization_id", models.UUIDField(editable=False)),
                ("genesis_nonce", models.BinaryField(max_length=32)),
                ("size", models.BigIntegerField(default=0)),
                ("chain_hash", models.BinaryField(max_length=32)),
                ("last_at", models.DateTimeField(null=True)),
                ("sealed_size", models.BigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "ledger",
                "verbose_name_plural": "ledgers",
                "db_table": "audit_chain",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization_id",), name="audit_chain_one_per_organization"),
                    models.CheckConstraint(condition=models.Q(("size__gte", 0)), name="audit_chain_size_not_negative"),
                    models.CheckConstraint(
                        condition=models.Q(("sealed_size__lte", models.F("size"))),
                        name="audit_chain_sealed_within_size",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("organization_id", models.UUIDField(editable=False)),
                ("size", models.BigIntegerField()),
                ("root", models.BinaryField(max_length=32)),
                ("frontier", models.BinaryField()),
                ("chain_hash", models.BinaryField(max_length=32)),
                ("note", models.TextField()),
                ("time_stamp", models.BinaryField(null=True)),
                ("signed_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "checkpoint",
                "verbose_name_plural": "checkpoints",
                "db_table": "audit_checkpoint",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization_id", "size"), name="audit_checkpoint_one_per_size"),
                    models.CheckConstraint(condition=models.Q(("size__gte", 1)), name="audit_checkpoint_not_empty"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ConsumedRequest",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("organization_id", models.UUIDField(editable=False)),
                ("request_id", models.UUIDField()),
                ("consumed_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "used approval",
                "verbose_name_plural": "used approvals",
                "db_table": "audit_consumed_request",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization_id", "request_id"), name="audit_consumed_request_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DataKey",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("organization_id", models.UUIDField(editable=False)),
                ("person", models.UUIDField(null=True)),
                ("wrapped", models.BinaryField()),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "data key",
                "verbose_name_plural": "data keys",
                "db_table": "audit_data_key",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization_id", "person"), name="audit_data_key_one_per_person"),
                    models.UniqueConstraint(
                        condition=models.Q(("person__isnull", True)),
                        fields=("organization_id",),
                        name="audit_data_key_one_of_organization",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Destination",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("organization_id", models.UUIDField(editable=False)),
                ("kind", models.TextField(choices=[("file", "Folder on this server")])),
                ("address", models.TextField()),
                ("region", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "destination of checkpoints",
                "verbose_name_plural": "destinations of checkpoints",
                "db_table": "audit_destination",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("organization_id", "kind", "address"),
                        name="audit_destination_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id", "sequence", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("organization_id", models.UUIDField(editable=False)),
                ("sequence", models.BigIntegerField()),
                ("occurred_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField()),
                ("kind", models.TextField()),
                ("actor", models.TextField()),
                ("subject_type", models.TextField()),
                ("subject_id", models.TextField()),
                ("request_id", models.TextField(blank=True)),
                ("body", models.TextField()),
                ("leaf_hash", models.BinaryField(max_length=32)),
                ("chain_hash", models.BinaryField(max_length=32)),
            ],
            options={
                "verbose_name": "ledger entry",
                "verbose_name_plural": "ledger entries",
                "db_table": "audit_event",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["organization_id", "subject_id", "sequence"], name="audit_event_subject"),
                    models.Index(fields=["organization_id", "kind", "sequence"], name="audit_event_kind"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sequence__gte", 1)), name="audit_event_sequence_from_one"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("organization_id", models.UUIDField(editable=False)),
                ("person", models.UUIDField(null=True)),
                ("placed_at", models.DateTimeField()),
                ("placed_by", models.TextField()),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_by", models.TextField(blank=True)),
            ],
            options={
                "verbose_name": "legal hold",
                "verbose_name_plural": "legal holds",
                "db_table": "audit_hold",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lifted_at__isnull", True), ("lifted_by", "")),
                            models.Q(("lifted_at__isnull", False), models.Q(("lifted_by", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="audit_hold_lifted_by_somebody",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Opening",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("organization_id", models.UUIDField(editable=False)),
                ("commitment", models.BinaryField(max_length=32)),
                ("person", models.UUIDField()),
                ("salt", models.BinaryField(max_length=32)),
                ("sealed_value", models.BinaryField()),
            ],
            options={
                "verbose_name": "opening of a commitment",
                "verbose_name_plural": "openings of commitments",
                "db_table": "audit_opening",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["organization_id", "person"], name="audit_opening_person")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization_id", "commitment"), name="audit_opening_one_per_commitment"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Segment",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("organization_id", models.UUIDField(editable=False)),
                ("first_sequence", models.BigIntegerField()),
                ("last_sequence", models.BigIntegerField()),
                ("first_chain_hash", models.BinaryField(max_length=32)),
                ("last_chain_hash", models.BinaryField(max_length=32)),
                ("root", models.BinaryField(max_length=32)),
                ("signature", models.TextField()),
                ("sealed_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("purged_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "sealed month",
                "verbose_name_plural": "sealed months",
                "db_table": "audit_segment",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization_id", "first_sequence"), name="audit_segment_once"),
                    models.CheckConstraint(
                        condition=models.Q(("last_sequence__gte", models.F("first_sequence"))),
                        name="audit_segment_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("organization_id", models.UUIDField(editable=False)),
                ("name", models.TextField()),
                ("public", models.BinaryField(max_length=32)),
                ("sealed_private", models.BinaryField()),
                ("created_at", models.DateTimeField()),
                ("retired_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "audit key",
                "verbose_name_plural": "audit keys",
                "db_table": "audit_key",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("retired_at__isnull", True)),
                        fields=("organization_id",),
                        name="audit_key_one_active",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TelemetryBatch",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("organization_id", models.UUIDField(editable=False)),
                ("source", models.TextField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("count", models.BigIntegerField()),
                ("digest", models.BinaryField(max_length=32)),
                ("sequence", models.BigIntegerField(null=True)),
            ],
            options={
                "verbose_name": "telemetry batch",
                "verbose_name_plural": "telemetry batches",
                "db_table": "audit_telemetry_batch",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization_id", "source", "first_at"), name="audit_telemetry_batch_once"
                    )
                ],
            },
        ),
        TenantTable("AccessEvent", referenced=False),
        TenantTable("Chain", referenced=False),
        TenantTable("Checkpoint", referenced=False),
        TenantTable("ConsumedRequest", referenced=False),
        TenantTable("DataKey", referenced=False),
        TenantTable("Destination", referenced=False),
        TenantTable("Event", referenced=False),
        TenantTable("Hold", referenced=False),
        TenantTable("Opening", referenced=False),
        TenantTable("Segment", referenced=False),
        TenantTable("SigningKey", referenced=False),
        TenantTable("TelemetryBatch", referenced=False),
    ]
