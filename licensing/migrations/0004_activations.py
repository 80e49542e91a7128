"""Machines on which licences are activated, and what licence types demand of them."""

import django.db.models.deletion
from django.db import migrations, models

import kernel.ids
from kernel.tenancy import TenantForeignKey, TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0011_two_live_secrets_and_counted_refusals"),
        ("licensing", "0003_models_of_machines"),
    ]

    operations = [
        migrations.CreateModel(
            name="Activation",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("scope_key", models.TextField(verbose_name="unique within")),
                ("fingerprint", models.CharField(max_length=64, verbose_name="fingerprint")),
                ("pepper_version", models.IntegerField(verbose_name="version of the pepper")),
                ("components", models.JSONField(blank=True, default=dict, verbose_name="components")),
                ("platform", models.TextField(blank=True, verbose_name="platform")),
                ("label", models.TextField(blank=True, verbose_name="name of the machine")),
                ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
                ("virtual_machine", models.BooleanField(blank=True, null=True, verbose_name="virtual machine")),
                ("first_seen_at", models.DateTimeField(verbose_name="first seen at")),
                ("last_seen_at", models.DateTimeField(verbose_name="last seen at")),
                ("first_ping_at", models.DateTimeField(blank=True, null=True, verbose_name="first heartbeat at")),
                ("last_ping_at", models.DateTimeField(blank=True, null=True, verbose_name="last heartbeat at")),
                ("lost_at", models.DateTimeField(blank=True, null=True, verbose_name="lost at")),
                ("released_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                (
                    "end_reason",
                    models.TextField(
                        blank=True,
                        choices=[
                            ("deactivated", "Deactivated by the client"),
                            ("released", "Released by the vendor"),
                            ("heartbeat_lost", "Heartbeat lost"),
                            ("license_revoked", "Licence revoked"),
                        ],
                        verbose_name="reason of the end",
                    ),
                ),
                ("is_transfer", models.BooleanField(default=False, verbose_name="transfer")),
            ],
            options={
                "verbose_name": "activation",
                "verbose_name_plural": "activations",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="licensetype",
            name="connectivity_fail_open",
            field=models.BooleanField(default=False, verbose_name="runs on without connection afterwards"),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="connectivity_grace_hours",
            field=models.IntegerField(blank=True, null=True, verbose_name="hours without connection"),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="fingerprint_matching",
            field=models.TextField(
                choices=[
                    ("any", "At least one component"),
                    ("two", "At least two components"),
                    ("most", "At least half of the components"),
                    ("all", "Every component"),
                ],
                default="any",
                verbose_name="components that must match",
            ),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="heartbeat",
            field=models.TextField(
                choices=[
                    ("off", "Not required"),
                    ("from_creation", "Required from the activation on"),
                    ("from_first_ping", "Required from the first heartbeat on"),
                ],
                default="off",
                verbose_name="heartbeat",
            ),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="heartbeat_seconds",
            field=models.IntegerField(default=600, verbose_name="longest silence in seconds"),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="overage",
            field=models.TextField(
                choices=[("none", "None"), ("absolute", "A number on top"), ("percent", "A percentage on top")],
                default="none",
                verbose_name="overage",
            ),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="overage_by",
            field=models.IntegerField(default=0, verbose_name="amount of the overage"),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="overage_until",
            field=models.DateTimeField(blank=True, null=True, verbose_name="overage until"),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="resurrection",
            field=models.TextField(
                choices=[
                    ("never", "Never"),
                    ("1_minute", "For 1 minute"),
                    ("2_minutes", "For 2 minutes"),
                    ("5_minutes", "For 5 minutes"),
                    ("10_minutes", "For 10 minutes"),
                    ("15_minutes", "For 15 minutes"),
                    ("always", "Always"),
                ],
                default="never",
                verbose_name="a silent machine comes back",
            ),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="transfers_per_year",
            field=models.IntegerField(blank=True, null=True, verbose_name="transfers a year"),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="uniqueness_scope",
            field=models.TextField(
                choices=[
                    ("license", "Licence"),
                    ("type", "Licence type"),
                    ("product", "Product"),
                    ("organization", "All licences"),
                ],
                default="license",
                verbose_name="a machine counts once in",
            ),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="virtual_machines",
            field=models.TextField(
                choices=[("allowed", "Allowed"), ("denied", "Denied")],
                default="allowed",
                verbose_name="virtual machines",
            ),
        ),
        migrations.AddConstraint(
            model_name="licensetype",
            constraint=models.CheckConstraint(
                condition=models.Q(("fingerprint_matching__in", ["any", "two", "most", "all"])),
                name="licensing_license_type_fingerprint_matching_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="licensetype",
            constraint=models.CheckConstraint(
                condition=models.Q(("uniqueness_scope__in", ["license", "type", "product", "organization"])),
                name="licensing_license_type_uniqueness_scope_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="licensetype",
            constraint=models.CheckConstraint(
                condition=models.Q(("heartbeat__in", ["off", "from_creation", "from_first_ping"])),
                name="licensing_license_type_heartbeat_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="licensetype",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "resurrection__in",
                        ["never", "1_minute", "2_minutes", "5_minutes", "10_minutes", "15_minutes", "always"],
                    )
                ),
                name="licensing_license_type_resurrection_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="licensetype",
            constraint=models.CheckConstraint(
                condition=models.Q(("virtual_machines__in", ["allowed", "denied"])),
                name="licensing_license_type_virtual_machines_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="licensetype",
            constraint=models.CheckConstraint(
                condition=models.Q(("overage__in", ["none", "absolute", "percent"])),
                name="licensing_license_type_overage_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="licensetype",
            constraint=models.CheckConstraint(
                condition=models.Q(("heartbeat_seconds__gte", 60), ("heartbeat_seconds__lte", 2678400)),
                name="licensing_license_type_heartbeat_in_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="licensetype",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("overage", "none"), ("overage_by", 0), ("overage_until__isnull", True)),
                    models.Q(models.Q(("overage", "none"), _negated=True), ("overage_by__gte", 1)),
                    _connector="OR",
                ),
                name="licensing_license_type_overage_has_amount",
            ),
        ),
        migrations.AddConstraint(
            model_name="licensetype",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("connectivity_fail_open", False), ("connectivity_grace_hours__isnull", True)),
                    models.Q(("connectivity_grace_hours__gte", 1), ("connectivity_grace_hours__isnull", False)),
                    _connector="OR",
                ),
                name="licensing_license_type_connectivity_grace",
            ),
        ),
        migrations.AddConstraint(
            model_name="licensetype",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("transfers_per_year__isnull", True), ("transfers_per_year__gte", 0), _connector="OR"
                ),
                name="licensing_license_type_transfers_from_zero",
            ),
        ),
        migrations.AddField(
            model_name="activation",
            name="license",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="activations",
                to="licensing.license",
                verbose_name="licence",
            ),
        ),
        migrations.AddField(
            model_name="activation",
            name="organization",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.organization",
            ),
        ),
        migrations.AddField(
            model_name="activation",
            name="replaces",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="successors",
                to="licensing.activation",
                verbose_name="replaces",
            ),
        ),
        migrations.AddIndex(
            model_name="activation",
            index=models.Index(
                condition=models.Q(("released_at__isnull", True)),
                fields=["organization", "license"],
                name="licensing_activation_live",
            ),
        ),
        migrations.AddIndex(
            model_name="activation",
            index=models.Index(
                condition=models.Q(("released_at__isnull", False)),
                fields=["organization", "license", "released_at"],
                name="licensing_activation_ended",
            ),
        ),
        migrations.AddIndex(
            model_name="activation",
            index=models.Index(
                condition=models.Q(("lost_at__isnull", False), ("released_at__isnull", True)),
                fields=["organization", "lost_at"],
                name="licensing_activation_silent",
            ),
        ),
        migrations.AddIndex(
            model_name="activation",
            index=models.Index(fields=["organization", "fingerprint"], name="licensing_activation_machine"),
        ),
        migrations.AddConstraint(
            model_name="activation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("released_at__isnull", True)),
                fields=("organization", "scope_key", "fingerprint"),
                name="licensing_activation_live_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="activation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("replaces__isnull", False)),
                fields=("organization", "replaces"),
                name="licensing_activation_place_taken_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="activation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("end_reason", ""), ("released_at__isnull", True)),
                    models.Q(
                        ("end_reason__in", ["deactivated", "released", "heartbeat_lost", "license_revoked"]),
                        ("released_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="licensing_activation_ended_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="activation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("last_seen_at__gte", models.F("first_seen_at")),
                    models.Q(
                        ("released_at__isnull", True), ("released_at__gte", models.F("first_seen_at")), _connector="OR"
                    ),
                ),
                name="licensing_activation_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="activation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("first_ping_at__isnull", True), ("last_ping_at__isnull", True)),
                    models.Q(
                        ("first_ping_at__isnull", False),
                        ("last_ping_at__gte", models.F("first_ping_at")),
                        ("last_ping_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="licensing_activation_pings_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="activation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("fingerprint", ""), _negated=True),
                    models.Q(("scope_key", ""), _negated=True),
                    ("pepper_version__gte", 1),
                ),
                name="licensing_activation_of_a_machine",
            ),
        ),
        migrations.AddConstraint(
            model_name="activation",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_transfer", False), ("replaces__isnull", False), _connector="OR"),
                name="licensing_activation_transfer_of_one",
            ),
        ),
        TenantTable("Activation"),
        TenantForeignKey("Activation", "license"),
        TenantForeignKey("Activation", "replaces"),
    ]
