"""Which partners a person of a customer sees; and policies that keep a customer's requests to rows of these alone."""

import django.db.models.deletion
from django.db import migrations, models

import kernel.ids
from kernel.tenancy import PartyFence, TenantForeignKey, TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0011_two_live_secrets_and_counted_refusals"),
        ("licensing", "0011_plans"),
    ]

    operations = [
        migrations.CreateModel(
            name="PartyAccess",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("with_children", models.BooleanField(default=False, verbose_name="with what belongs to it")),
                ("granted_at", models.DateTimeField(verbose_name="granted at")),
                ("granted_by", models.TextField(verbose_name="granted by")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("ended_by", models.TextField(blank=True, verbose_name="ended by")),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="party_accesses",
                        to="identity.membership",
                        verbose_name="member",
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
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accesses",
                        to="licensing.party",
                        verbose_name="partner",
                    ),
                ),
            ],
            options={
                "verbose_name": "access to a partner",
                "verbose_name_plural": "accesses to partners",
                "db_table": "licensing_party_access",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("organization", "membership", "party"),
                        name="licensing_party_access_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True), ("ended_at__gte", models.F("granted_at")), _connector="OR"
                        ),
                        name="licensing_party_access_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by", "")),
                            models.Q(("ended_at__isnull", False), models.Q(("ended_by", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="licensing_party_access_ended_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("granted_by", ""), _negated=True),
                        name="licensing_party_access_granted_by_somebody",
                    ),
                ],
            },
        ),
        TenantTable("PartyAccess", referenced=False),
        TenantForeignKey("PartyAccess", "party"),
        TenantForeignKey("PartyAccess", "membership"),
        PartyFence("Party", "id"),
        PartyFence("PartyAccess", "party_id"),
        PartyFence("Agreement", "licensee_id"),
        PartyFence("Entitlement", "licensee_id"),
        PartyFence("License", "licensee_id"),
        PartyFence("LicenseKey", "license_id", through="licensing_license"),
        PartyFence("Certificate", "license_id", through="licensing_license"),
        # What the house paid is no customer's matter.
        PartyFence("Purchase"),
        PartyFence("PurchaseLine"),
    ]
