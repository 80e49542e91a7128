"""Whom customers of a vendor turn to."""

import django.db.models.deletion
from django.db import migrations, models

import kernel.ids
from kernel.tenancy import TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0011_two_live_secrets_and_counted_refusals"),
        ("licensing", "0012_party_access"),
    ]

    operations = [
        migrations.CreateModel(
            name="VendorContact",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("name", models.TextField(verbose_name="name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail address")),
                ("phone", models.TextField(blank=True, verbose_name="telephone")),
                ("hours", models.TextField(blank=True, verbose_name="when somebody answers")),
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
            ],
            options={
                "verbose_name": "contact for customers",
                "verbose_name_plural": "contact for customers",
                "db_table": "licensing_vendor_contact",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization",),
                        name="licensing_vendor_contact_one",
                        violation_error_message="There is a contact already; change that one.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True),
                            models.Q(
                                models.Q(("email", ""), _negated=True),
                                models.Q(("phone", ""), _negated=True),
                                _connector="OR",
                            ),
                        ),
                        name="licensing_vendor_contact_reachable",
                        violation_error_message="Give a name, and an e-mail address or a telephone number.",
                    ),
                ],
            },
        ),
        TenantTable("VendorContact", referenced=False),
    ]
