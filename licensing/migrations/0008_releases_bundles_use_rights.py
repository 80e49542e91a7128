"""Features that releases require, what products consist of, and what else may be done with a right."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

import kernel.ids
from kernel.tenancy import TenantForeignKey, TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0011_two_live_secrets_and_counted_refusals"),
        ("licensing", "0007_features"),
    ]

    operations = [
        migrations.AddField(
            model_name="release",
            name="required_features",
            field=models.JSONField(blank=True, default=list, verbose_name="required features"),
        ),
        migrations.CreateModel(
            name="BundleItem",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("since", models.DateTimeField(verbose_name="since")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                (
                    "component",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bundled_in",
                        to="licensing.product",
                        verbose_name="component",
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
                    "parent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bundles",
                        to="licensing.product",
                        verbose_name="bundle",
                    ),
                ),
            ],
            options={
                "verbose_name": "bundled component",
                "verbose_name_plural": "bundled components",
                "db_table": "licensing_bundle_item",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("organization", "parent", "component"),
                        name="licensing_bundle_item_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("parent", models.F("component")), _negated=True),
                        name="licensing_bundle_item_not_itself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True), ("ended_at__gte", models.F("since")), _connector="OR"
                        ),
                        name="licensing_bundle_item_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UseRight",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("downgrade", "Use of an earlier or smaller edition"),
                            ("upgrade", "Use of a later or larger edition"),
                            ("second_use", "Second use by the same person"),
                            ("maintenance_version", "New versions under maintenance"),
                            ("virtualisation", "Use in virtual machines"),
                            ("non_production", "Use outside production"),
                            ("territory", "Use in another territory"),
                        ],
                        verbose_name="kind",
                    ),
                ),
                (
                    "ratio",
                    models.DecimalField(
                        decimal_places=4, default=Decimal("1"), max_digits=12, verbose_name="units per unit"
                    ),
                ),
                ("since", models.DateTimeField(verbose_name="since")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                (
                    "entitlement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="use_rights",
                        to="licensing.entitlement",
                        verbose_name="entitlement",
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
                    "target_edition",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="use_rights",
                        to="licensing.edition",
                        verbose_name="edition that may be used",
                    ),
                ),
                (
                    "target_product",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="use_rights",
                        to="licensing.product",
                        verbose_name="product that may be used",
                    ),
                ),
            ],
            options={
                "verbose_name": "use right",
                "verbose_name_plural": "use rights",
                "db_table": "licensing_use_right",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True),
                            ("target_product__isnull", False),
                            ("target_edition__isnull", False),
                        ),
                        fields=("organization", "entitlement", "kind", "target_product", "target_edition"),
                        name="licensing_use_right_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True),
                            ("target_product__isnull", False),
                            ("target_edition__isnull", True),
                        ),
                        fields=("organization", "entitlement", "kind", "target_product"),
                        name="licensing_use_right_once_no_target_edition",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True), ("target_product__isnull", True)),
                        fields=("organization", "entitlement", "kind"),
                        name="licensing_use_right_once_no_target",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ("downgrade", "upgrade")), ("target_product__isnull", False)),
                            models.Q(
                                models.Q(("kind__in", ("downgrade", "upgrade")), _negated=True),
                                ("target_product__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="licensing_use_right_target_of_a_change",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("target_edition__isnull", True), ("target_product__isnull", False), _connector="OR"
                        ),
                        name="licensing_use_right_edition_of_a_product",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ratio__gt", 0)), name="licensing_use_right_ratio_counts"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True), ("ended_at__gte", models.F("since")), _connector="OR"
                        ),
                        name="licensing_use_right_in_order",
                    ),
                ],
            },
        ),
        TenantTable("BundleItem", referenced=False),
        TenantForeignKey("BundleItem", "parent"),
        TenantForeignKey("BundleItem", "component"),
        TenantTable("UseRight", referenced=False),
        TenantForeignKey("UseRight", "entitlement"),
        TenantForeignKey("UseRight", "target_product"),
        TenantForeignKey("UseRight", "target_edition"),
    ]
