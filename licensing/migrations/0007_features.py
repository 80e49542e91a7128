"""Features in the catalogue, and add-ons of licences."""

import django.db.models.deletion
from django.db import migrations, models

import kernel.ids
from kernel.tenancy import TenantForeignKey, TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0011_two_live_secrets_and_counted_refusals"),
        ("licensing", "0006_lives_of_licences"),
    ]

    operations = [
        migrations.CreateModel(
            name="AddOn",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("name", models.TextField(verbose_name="name")),
                ("features", models.JSONField(blank=True, default=list, verbose_name="features")),
                ("starts_at", models.DateTimeField(blank=True, null=True, verbose_name="starts at")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="ends at")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("removed_at", models.DateTimeField(blank=True, null=True, verbose_name="removed at")),
                ("removed_by", models.TextField(blank=True, verbose_name="removed by")),
                ("removed_reason", models.TextField(blank=True, verbose_name="reason for removal")),
                (
                    "license",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="add_ons",
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
                "verbose_name": "add-on",
                "verbose_name_plural": "add-ons",
                "db_table": "licensing_add_on",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=["organization", "license"],
                        name="licensing_add_on_live",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="licensing_add_on_has_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("features", []), _negated=True), name="licensing_add_on_adds_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__isnull", True),
                            models.Q(("ends_at__gt", models.F("created_at")), ("starts_at__isnull", True)),
                            models.Q(("ends_at__gt", models.F("starts_at")), ("starts_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="licensing_add_on_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("removed_at__isnull", True), ("removed_by", ""), ("removed_reason", "")),
                            models.Q(
                                ("removed_at__isnull", False),
                                models.Q(("removed_by", ""), _negated=True),
                                models.Q(("removed_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="licensing_add_on_removed_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Feature",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("code", models.TextField(verbose_name="code")),
                ("name", models.TextField(verbose_name="name")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("boolean", "On or off"),
                            ("quantity", "Quantity in a period"),
                            ("choice", "One of several values"),
                        ],
                        default="boolean",
                        verbose_name="kind of value",
                    ),
                ),
                ("choices", models.JSONField(blank=True, default=list, verbose_name="choices")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
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
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="features",
                        to="licensing.product",
                        verbose_name="product",
                    ),
                ),
            ],
            options={
                "verbose_name": "feature",
                "verbose_name_plural": "features",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "product", "code"), name="licensing_feature_code"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("code", ""), _negated=True), models.Q(("name", ""), _negated=True)
                        ),
                        name="licensing_feature_has_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "choice"), models.Q(("choices", []), _negated=True)),
                            models.Q(models.Q(("kind", "choice"), _negated=True), ("choices", [])),
                            _connector="OR",
                        ),
                        name="licensing_feature_choices_of_a_choice",
                    ),
                ],
            },
        ),
        TenantTable("AddOn", referenced=False),
        TenantForeignKey("AddOn", "license"),
        TenantTable("Feature", referenced=False),
        TenantForeignKey("Feature", "product"),
    ]
