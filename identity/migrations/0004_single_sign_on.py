"""Single sign-on, and memberships of people who left open nothing any more."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import kernel.ids
from kernel.tenancy import TenantForeignKey, TenantTable

# The function of 0002 with one condition more; signature, owner and grants stay.
FUNCTION = """
CREATE OR REPLACE FUNCTION public.identity_memberships_of(account uuid, moment timestamptz)
RETURNS TABLE (id uuid, organization_id uuid, person_id uuid, roles jsonb)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  before text := coalesce(current_setting('sl.migration', true), '');
BEGIN
  PERFORM set_config('sl.migration', 'on', true);
  RETURN QUERY
    SELECT m.id, m.organization_id, m.person_id, m.roles FROM public.identity_membership m
    {join}
    WHERE m.account_id = account AND m.started_at <= moment AND (m.ended_at IS NULL OR m.ended_at > moment){condition}
    ORDER BY m.started_at, m.id;
  PERFORM set_config('sl.migration', before, true);
END $$
"""


def without_leavers(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        join = "LEFT JOIN public.identity_person p ON p.id = m.person_id"
        condition = " AND (m.person_id IS NULL OR p.active)"
        schema_editor.execute(FUNCTION.format(join=join, condition=condition), params=None)


def as_before(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FUNCTION.format(join="", condition=""), params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0003_provisioning"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="group_roles",
            field=models.JSONField(default=list, editable=False, verbose_name="roles by group"),
        ),
        migrations.CreateModel(
            name="SamlConnection",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("public_id", models.TextField(editable=False, unique=True, verbose_name="public ID")),
                ("name", models.TextField(verbose_name="name")),
                (
                    "state",
                    models.TextField(
                        choices=[("draft", "Draft"), ("active", "Active"), ("disabled", "Disabled")],
                        default="draft",
                        verbose_name="state",
                    ),
                ),
                ("idp_entity_id", models.TextField(blank=True, verbose_name="entity ID of the identity provider")),
                ("sso_url", models.TextField(blank=True, verbose_name="sign-in address of the identity provider")),
                ("slo_url", models.TextField(blank=True, verbose_name="sign-out address of the identity provider")),
                ("attribute_map", models.JSONField(default=dict, verbose_name="attributes")),
                ("default_role", models.TextField(default="member", verbose_name="role without a matching group")),
                (
                    "creates_people",
                    models.BooleanField(default=False, verbose_name="adds unknown people to the directory"),
                ),
                (
                    "allows_idp_initiated",
                    models.BooleanField(default=False, verbose_name="may begin at the identity provider"),
                ),
                ("version", models.IntegerField(default=1, verbose_name="version")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("updated_at", models.DateTimeField(verbose_name="updated at")),
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
                "verbose_name": "single sign-on connection",
                "verbose_name_plural": "single sign-on connections",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "name"), name="identity_saml_connection_name"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "active"), _negated=True),
                            models.Q(
                                models.Q(("idp_entity_id", ""), _negated=True), models.Q(("sso_url", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="identity_saml_active_is_complete",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IdpCertificate",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("pem", models.TextField(verbose_name="certificate")),
                ("fingerprint", models.TextField(verbose_name="fingerprint")),
                ("not_before", models.DateTimeField(verbose_name="valid from")),
                ("not_after", models.DateTimeField(verbose_name="valid until")),
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
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="certificates",
                        to="identity.samlconnection",
                        verbose_name="connection",
                    ),
                ),
            ],
            options={
                "verbose_name": "certificate of an identity provider",
                "verbose_name_plural": "certificates of identity providers",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "connection", "fingerprint"), name="identity_idp_certificate_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="GroupRole",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("group", models.TextField(verbose_name="group")),
                ("role", models.TextField(verbose_name="role")),
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
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="group_roles",
                        to="identity.samlconnection",
                        verbose_name="connection",
                    ),
                ),
            ],
            options={
                "verbose_name": "role by group",
                "verbose_name_plural": "roles by group",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "connection", "group", "role"), name="identity_group_role"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("group", ""), _negated=True), models.Q(("role", ""), _negated=True)
                        ),
                        name="identity_group_role_named",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SamlConsumedAssertion",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("message_digest", models.BinaryField(max_length=32)),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consumed",
                        to="identity.samlconnection",
                        verbose_name="connection",
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
                "verbose_name": "used assertion",
                "verbose_name_plural": "used assertions",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "connection", "message_digest"), name="identity_saml_consumed_once"
                    )
                ],
                "indexes": [models.Index(fields=["organization", "expires_at"], name="identity_saml_consumed_end")],
            },
        ),
        migrations.CreateModel(
            name="SamlLink",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("name_id", models.TextField(verbose_name="name at the identity provider")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="identity.samlconnection",
                        verbose_name="connection",
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
                "verbose_name": "linked account",
                "verbose_name_plural": "linked accounts",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "connection", "name_id"), name="identity_saml_link_name_once"
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "connection", "account"), name="identity_saml_link_account_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name_id", ""), _negated=True), name="identity_saml_link_named"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SamlPendingRequest",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "purpose",
                    models.TextField(
                        choices=[("sign_in", "Sign in"), ("test", "Test of the connection"), ("sign_out", "Sign out")],
                        verbose_name="purpose",
                    ),
                ),
                ("request_id", models.TextField(verbose_name="request ID")),
                ("relay", models.TextField(verbose_name="relay state")),
                ("nonce_digest", models.BinaryField(max_length=32)),
                ("target", models.TextField(verbose_name="target")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered at")),
                ("answer", models.BinaryField(null=True)),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="requests",
                        to="identity.samlconnection",
                        verbose_name="connection",
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
                "verbose_name": "open request to an identity provider",
                "verbose_name_plural": "open requests to identity providers",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "request_id"), name="identity_saml_request_once"),
                    models.UniqueConstraint(fields=("organization", "relay"), name="identity_saml_relay_once"),
                ],
                "indexes": [models.Index(fields=["organization", "expires_at"], name="identity_saml_request_end")],
            },
        ),
        migrations.CreateModel(
            name="SamlSession",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("session_index", models.TextField(blank=True, verbose_name="session index")),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to="identity.samllink",
                        verbose_name="link",
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
                "verbose_name": "session by single sign-on",
                "verbose_name_plural": "sessions by single sign-on",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="SpKey",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("is_current", models.BooleanField(default=True, verbose_name="current")),
                ("certificate", models.TextField(verbose_name="certificate")),
                ("sealed_key", models.BinaryField()),
                ("fingerprint", models.TextField(verbose_name="fingerprint")),
                ("not_after", models.DateTimeField(verbose_name="valid until")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="keys",
                        to="identity.samlconnection",
                        verbose_name="connection",
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
                "verbose_name": "own key of a connection",
                "verbose_name_plural": "own keys of connections",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "connection", "is_current"), name="identity_sp_key_two"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SsoPolicy",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("sso_only", models.BooleanField(default=False, verbose_name="company sign-in only")),
                ("updated_at", models.DateTimeField(verbose_name="updated at")),
                (
                    "first_account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="first account",
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
                    "second_account",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="second account",
                    ),
                ),
            ],
            options={
                "verbose_name": "single sign-on policy",
                "verbose_name_plural": "single sign-on policies",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization",), name="identity_sso_policy_one"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sso_only", False),
                            models.Q(("first_account__isnull", False), ("second_account__isnull", False)),
                            _connector="OR",
                        ),
                        name="identity_sso_only_has_break_glass",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("first_account__isnull", True),
                            ("second_account__isnull", True),
                            models.Q(("first_account", models.F("second_account")), _negated=True),
                            _connector="OR",
                        ),
                        name="identity_break_glass_two_accounts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProvedDomain",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("domain", models.TextField(verbose_name="domain")),
                ("token", models.TextField(verbose_name="proof")),
                ("proved_at", models.DateTimeField(blank=True, null=True, verbose_name="proved at")),
                ("checked_at", models.DateTimeField(blank=True, null=True, verbose_name="checked at")),
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
                "verbose_name": "e-mail domain",
                "verbose_name_plural": "e-mail domains",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "domain"), name="identity_proved_domain_once"),
                    models.CheckConstraint(
                        condition=models.Q(("domain", ""), _negated=True), name="identity_proved_domain_named"
                    ),
                ],
            },
        ),
        TenantTable("SamlConnection"),
        TenantTable("IdpCertificate"),
        TenantTable("SpKey"),
        TenantTable("GroupRole"),
        TenantTable("ProvedDomain"),
        TenantTable("SsoPolicy"),
        TenantTable("SamlPendingRequest"),
        TenantTable("SamlConsumedAssertion"),
        TenantTable("SamlLink"),
        TenantTable("SamlSession"),
        TenantForeignKey("IdpCertificate", "connection"),
        TenantForeignKey("SpKey", "connection"),
        TenantForeignKey("GroupRole", "connection"),
        TenantForeignKey("SamlPendingRequest", "connection"),
        TenantForeignKey("SamlConsumedAssertion", "connection"),
        TenantForeignKey("SamlLink", "connection"),
        TenantForeignKey("SamlSession", "link"),
        migrations.RunPython(without_leavers, as_before),
    ]
