"""The former secret of an API client, which works on for a while; refusals of provisioning that wait to be counted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0010_partners_of_the_same_organization"),
    ]

    operations = [
        migrations.AddField(
            model_name="apiclient",
            name="former_secret",
            field=models.TextField(
                blank=True, db_default="", default="", editable=False, verbose_name="digest of the former secret"
            ),
        ),
        migrations.AddField(
            model_name="apiclient",
            name="former_secret_until",
            field=models.DateTimeField(blank=True, null=True, verbose_name="former secret works until"),
        ),
        migrations.AddField(
            model_name="provisioningentry",
            name="in_ledger",
            field=models.BooleanField(db_default=True, default=True, editable=False, verbose_name="in the ledger"),
        ),
        migrations.AddIndex(
            model_name="provisioningentry",
            index=models.Index(
                condition=models.Q(("in_ledger", False)),
                fields=["organization", "at"],
                name="identity_provisioning_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="provisioningentry",
            index=models.Index(
                condition=models.Q(("outcome", "refused")),
                fields=["organization", "status", "at"],
                name="identity_provisioning_refused",
            ),
        ),
        migrations.AddConstraint(
            model_name="apiclient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("former_secret", ""), ("former_secret_until__isnull", True)),
                    models.Q(
                        models.Q(("former_secret", ""), _negated=True),
                        ("client_type", "confidential"),
                        ("former_secret_until__gt", models.F("secret_drawn_at")),
                        ("former_secret_until__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="identity_api_client_former_secret_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="provisioningentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("in_ledger", True), ("outcome", "refused"), _connector="OR"),
                name="identity_provisioning_only_refusals_wait",
            ),
        ),
    ]
