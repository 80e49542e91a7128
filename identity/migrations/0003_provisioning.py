"""Tokens and log of provisioning, what else is known of people, and names that a deletion frees."""

import django.db.models.deletion
from django.db import migrations, models

import kernel.ids
from kernel.tenancy import TenantForeignKey, TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0002_memberships_at_sign_in"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProvisioningEntry",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField(verbose_name="at")),
                ("verb", models.TextField(verbose_name="request")),
                ("resource_type", models.TextField(verbose_name="kind of record")),
                ("resource_id", models.TextField(blank=True, verbose_name="id")),
                ("external_id", models.TextField(blank=True, verbose_name="external ID")),
                ("attributes", models.JSONField(default=list, verbose_name="attributes")),
                (
                    "outcome",
                    models.TextField(choices=[("done", "Done"), ("refused", "Refused")], verbose_name="outcome"),
                ),
                ("status", models.IntegerField(verbose_name="status")),
                ("scim_type", models.TextField(blank=True, verbose_name="error type")),
                ("detail", models.TextField(blank=True, verbose_name="reason")),
                ("request_id", models.TextField(blank=True, verbose_name="request")),
            ],
            options={
                "verbose_name": "provisioning entry",
                "verbose_name_plural": "provisioning log",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ScimToken",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("name", models.TextField(verbose_name="name")),
                ("prefix", models.TextField(verbose_name="begins with")),
                ("digest", models.BinaryField(max_length=32)),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("created_by", models.TextField(editable=False, verbose_name="created by")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("superseded_at", models.DateTimeField(blank=True, null=True, verbose_name="replaced at")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked at")),
                ("revoked_by", models.TextField(blank=True, editable=False, verbose_name="revoked by")),
                ("last_used_at", models.DateTimeField(blank=True, null=True, verbose_name="last used")),
            ],
            options={
                "verbose_name": "provisioning token",
                "verbose_name_plural": "provisioning tokens",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.RemoveConstraint(
            model_name="person",
            name="identity_person_user_name",
        ),
        migrations.RemoveConstraint(
            model_name="person",
            name="identity_person_external_id",
        ),
        migrations.RemoveConstraint(
            model_name="personemail",
            name="identity_person_email_once",
        ),
        migrations.AddField(
            model_name="person",
            name="active_stated",
            field=models.BooleanField(db_default=True, default=True, editable=False, verbose_name="active is stated"),
        ),
        migrations.AddField(
            model_name="person",
            name="company",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="company"),
        ),
        migrations.AddField(
            model_name="person",
            name="cost_center",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="cost centre"),
        ),
        migrations.AddField(
            model_name="person",
            name="deleted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="deleted at"),
        ),
        migrations.AddField(
            model_name="person",
            name="division",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="division"),
        ),
        migrations.AddField(
            model_name="person",
            name="formatted_name",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="full name"),
        ),
        migrations.AddField(
            model_name="person",
            name="locale",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="locale"),
        ),
        migrations.AddField(
            model_name="person",
            name="nick_name",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="nickname"),
        ),
        migrations.AddField(
            model_name="person",
            name="preferred_language",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="preferred language"),
        ),
        migrations.AddField(
            model_name="person",
            name="time_zone",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="time zone"),
        ),
        migrations.AddField(
            model_name="person",
            name="user_type",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="kind of employment"),
        ),
        migrations.AlterField(
            model_name="personemail",
            name="kind",
            field=models.TextField(blank=True, default="work", verbose_name="kind"),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["organization", "user_name_lower"], name="identity_person_by_user_name"),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(
                condition=models.Q(("deleted_at__isnull", True)),
                fields=("organization", "user_name_lower"),
                name="identity_person_user_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(
                condition=models.Q(models.Q(("external_id", ""), _negated=True), ("deleted_at__isnull", True)),
                fields=("organization", "external_id"),
                name="identity_person_external_id",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(("deleted_at__isnull", True), ("active", False), _connector="OR"),
                name="identity_person_deleted_is_inactive",
            ),
        ),
        migrations.AddConstraint(
            model_name="personemail",
            constraint=models.UniqueConstraint(
                fields=("organization", "person", "value_lower", "kind"), name="identity_person_email_once"
            ),
        ),
        migrations.AddField(
            model_name="provisioningentry",
            name="organization",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.organization",
            ),
        ),
        migrations.AddField(
            model_name="scimtoken",
            name="organization",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.organization",
            ),
        ),
        migrations.AddField(
            model_name="scimtoken",
            name="rotated_from",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rotated_to",
                to="identity.scimtoken",
                verbose_name="replaces",
            ),
        ),
        migrations.AddField(
            model_name="provisioningentry",
            name="token",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="identity.scimtoken",
                verbose_name="token",
            ),
        ),
        migrations.AddConstraint(
            model_name="scimtoken",
            constraint=models.UniqueConstraint(fields=("organization", "digest"), name="identity_scim_token_digest"),
        ),
        migrations.AddConstraint(
            model_name="scimtoken",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at__isnull", True), ("superseded_at__isnull", True)),
                fields=("organization", "name"),
                name="identity_scim_token_one_current",
            ),
        ),
        migrations.AddConstraint(
            model_name="scimtoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="identity_scim_token_has_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="scimtoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("created_at"))),
                name="identity_scim_token_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="scimtoken",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("revoked_at__isnull", True), ("revoked_by", "")),
                    models.Q(("revoked_at__isnull", False), models.Q(("revoked_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="identity_scim_token_revoked_by_somebody",
            ),
        ),
        migrations.AddIndex(
            model_name="provisioningentry",
            index=models.Index(fields=["organization", "at"], name="identity_provisioning_age"),
        ),
        migrations.AddIndex(
            model_name="provisioningentry",
            index=models.Index(fields=["organization", "outcome", "id"], name="identity_provisioning_outcome"),
        ),
        migrations.AddConstraint(
            model_name="provisioningentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["done", "refused"])), name="identity_provisioning_entry_outcome"
            ),
        ),
        TenantTable("ScimToken"),
        TenantTable("ProvisioningEntry", referenced=False),
        TenantForeignKey("ScimToken", "rotated_from"),
        TenantForeignKey("ProvisioningEntry", "token"),
    ]
