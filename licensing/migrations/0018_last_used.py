"""When people and devices last used a product, as other systems say."""

import django.db.models.deletion
from django.db import migrations, models

import kernel.ids
from kernel.tenancy import PartyFence, TenantForeignKey, TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0012_proofs_of_domains_are_rechecked"),
        ("licensing", "0017_usage_brin"),
    ]

    operations = [
        migrations.CreateModel(
            name="LastUse",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("source", models.TextField(verbose_name="source")),
                ("last_used_at", models.DateTimeField(verbose_name="last used at")),
                ("uses", models.IntegerField(blank=True, null=True, verbose_name="uses")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="last_uses",
                        to="licensing.importbatch",
                        verbose_name="import",
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="last_uses",
                        to="identity.device",
                        verbose_name="device",
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
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="last_uses",
                        to="identity.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="last_uses",
                        to="licensing.product",
                        verbose_name="product",
                    ),
                ),
            ],
            options={
                "verbose_name": "last use",
                "verbose_name_plural": "last uses",
                "db_table": "licensing_last_use",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["organization", "product", "last_used_at"], name="licensing_last_use_at")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("person__isnull", False), models.Q(("device__isnull", False), _negated=True)),
                            models.Q(models.Q(("person__isnull", False), _negated=True), ("device__isnull", False)),
                            _connector="OR",
                        ),
                        name="licensing_last_use_one_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True), name="licensing_last_use_by_a_source"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("uses__isnull", True), ("uses__gte", 1), _connector="OR"),
                        name="licensing_last_use_counts",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("person__isnull", False)),
                        fields=("organization", "product", "source", "person"),
                        name="licensing_last_use_person",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("device__isnull", False)),
                        fields=("organization", "product", "source", "device"),
                        name="licensing_last_use_device",
                    ),
                ],
            },
        ),
        TenantTable("LastUse", referenced=False),
        *(TenantForeignKey("LastUse", name) for name in ("product", "person", "device", "batch")),
        # Who uses what in the house is no matter of its customers.
        PartyFence("LastUse"),
    ]
