"""Organisations keep the certificate of their plan."""

import django.db.models.deletion
from django.db import migrations, models

import kernel.ids
from kernel.tenancy import TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0011_two_live_secrets_and_counted_refusals"),
        ("licensing", "0010_domains_and_departments"),
    ]

    operations = [
        migrations.CreateModel(
            name="PlanCertificate",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("certificate", models.TextField(verbose_name="certificate")),
                ("license_id", models.TextField(verbose_name="licence of the vendor")),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="expires at")),
                ("stored_at", models.DateTimeField(verbose_name="stored at")),
                ("superseded_at", models.DateTimeField(blank=True, null=True, verbose_name="superseded at")),
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
                "verbose_name": "plan",
                "verbose_name_plural": "plans",
                "db_table": "licensing_plan_certificate",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at__isnull", True)),
                        fields=("organization",),
                        name="licensing_plan_one_in_force",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("certificate", ""), _negated=True), models.Q(("license_id", ""), _negated=True)
                        ),
                        name="licensing_plan_is_signed",
                    ),
                ],
            },
        ),
        TenantTable("PlanCertificate", referenced=False),
    ]
