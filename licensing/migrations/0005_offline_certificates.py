"""Signing keys are replaced and withdrawn, certificates are checked out and returned."""

import django.db.models.deletion
from django.db import migrations, models

from kernel.tenancy import TenantForeignKey


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0011_two_live_secrets_and_counted_refusals"),
        ("licensing", "0004_activations"),
    ]

    operations = [
        migrations.AddField(
            model_name="certificate",
            name="holder",
            field=models.BinaryField(max_length=32, null=True, verbose_name="holder"),
        ),
        migrations.AddField(
            model_name="certificate",
            name="is_bound",
            field=models.BooleanField(default=False, verbose_name="bound to a machine"),
        ),
        migrations.AddField(
            model_name="certificate",
            name="return_reason",
            field=models.TextField(blank=True, verbose_name="reason for the recall"),
        ),
        migrations.AddField(
            model_name="certificate",
            name="returned_by",
            field=models.TextField(blank=True, verbose_name="returned by"),
        ),
        migrations.AlterField(
            model_name="licensekey",
            name="pepper_version",
            field=models.IntegerField(verbose_name="version of the pepper"),
        ),
        migrations.AddField(
            model_name="licensekey",
            name="revoked_reason",
            field=models.TextField(blank=True, verbose_name="reason for revocation"),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="offline_hours",
            field=models.IntegerField(default=720, verbose_name="longest offline certificate in hours"),
        ),
        migrations.AddField(
            model_name="signingkey",
            name="revoked_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="revoked at"),
        ),
        migrations.AddField(
            model_name="signingkey",
            name="revoked_by",
            field=models.TextField(blank=True, verbose_name="revoked by"),
        ),
        migrations.AddField(
            model_name="signingkey",
            name="revoked_reason",
            field=models.TextField(blank=True, verbose_name="reason for revocation"),
        ),
        migrations.AlterField(
            model_name="signingkey",
            name="status",
            field=models.TextField(
                choices=[
                    ("active", "Signs and verifies"),
                    ("retiring", "Verifies what it signed"),
                    ("retired", "Verifies nothing; all that it signed has ended"),
                    ("revoked", "Verifies nothing; it was withdrawn"),
                ],
                default="active",
                verbose_name="status",
            ),
        ),
        migrations.AddField(
            model_name="certificate",
            name="activation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="certificates",
                to="licensing.activation",
                verbose_name="activation",
            ),
        ),
        migrations.AlterField(
            model_name="certificate",
            name="kind",
            field=models.TextField(
                choices=[("license", "Licence"), ("activation", "Activation")], default="license", verbose_name="kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("activation__isnull", False), ("holder__isnull", False), ("kind", "activation")),
                    models.Q(models.Q(("kind", "activation"), _negated=True), ("activation__isnull", True)),
                    _connector="OR",
                ),
                name="licensing_certificate_of_an_activation",
            ),
        ),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(
                condition=models.Q(("holder__isnull", False), ("returned_at__isnull", True)),
                fields=["organization", "license", "expires_at"],
                name="licensing_certificate_out",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("holder__isnull", True), ("is_bound", False)),
                    models.Q(("expires_at__isnull", False), ("holder__isnull", False)),
                    _connector="OR",
                ),
                name="licensing_certificate_checked_out_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("returned_at__isnull", True), ("returned_by", "")),
                        models.Q(("returned_at__isnull", False), models.Q(("returned_by", ""), _negated=True)),
                        _connector="OR",
                    ),
                    models.Q(("return_reason", ""), ("returned_at__isnull", False), _connector="OR"),
                ),
                name="licensing_certificate_returned_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="licensekey",
            constraint=models.CheckConstraint(
                condition=models.Q(("revoked_reason", ""), ("revoked_at__isnull", False), _connector="OR"),
                name="licensing_license_key_reason_of_revocation",
            ),
        ),
        migrations.AddConstraint(
            model_name="licensetype",
            constraint=models.CheckConstraint(
                condition=models.Q(("offline_hours__gte", 0)), name="licensing_license_type_offline_hours"
            ),
        ),
        migrations.AddConstraint(
            model_name="signingkey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("status", "revoked"), ("revoked_at__isnull", False)),
                        models.Q(models.Q(("status", "revoked"), _negated=True), ("revoked_at__isnull", True)),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("revoked_at__isnull", True), ("revoked_by", ""), ("revoked_reason", "")),
                        models.Q(
                            ("revoked_at__isnull", False),
                            models.Q(("revoked_by", ""), _negated=True),
                            models.Q(("revoked_reason", ""), _negated=True),
                        ),
                        _connector="OR",
                    ),
                ),
                name="licensing_signing_key_revoked_by_somebody",
            ),
        ),
        TenantForeignKey("Certificate", "activation"),
    ]
