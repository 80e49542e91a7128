"""Second factors, sessions by account, links for new passwords, the sign-in policy; closed organisations let nobody in."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import kernel.ids
from kernel.tenancy import TenantTable

# The function of 0002 with two conditions more; signature, owner and grants stay.
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
    {joins}
    WHERE m.account_id = account AND m.started_at <= moment AND (m.ended_at IS NULL OR m.ended_at > moment){conditions}
    ORDER BY m.started_at, m.id;
  PERFORM set_config('sl.migration', before, true);
END $$
"""
JOINS = (
    "JOIN public.identity_organization o ON o.id = m.organization_id "
    "LEFT JOIN public.identity_person p ON p.id = m.person_id"
)
CONDITIONS = " AND (o.closed_at IS NULL OR o.closed_at > moment) AND (m.person_id IS NULL OR p.active)"


def only_open(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FUNCTION.format(joins=JOINS, conditions=CONDITIONS), params=None)


def as_before(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FUNCTION.format(joins="", conditions=""), params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0005_api_clients"),
    ]

    operations = [
        migrations.CreateModel(
            name="SecondFactor",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("sealed_secret", models.BinaryField(verbose_name="sealed secret")),
                ("last_counter", models.BigIntegerField(default=0, verbose_name="last time step")),
                ("failures", models.PositiveSmallIntegerField(default=0, verbose_name="failures in a row")),
                ("locked_until", models.DateTimeField(blank=True, null=True, verbose_name="locked until")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="confirmed at")),
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="second_factor",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "second factor",
                "verbose_name_plural": "second factors",
            },
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("digest", models.BinaryField(max_length=32, verbose_name="digest")),
                ("used_at", models.DateTimeField(blank=True, null=True, verbose_name="used at")),
                (
                    "factor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recovery_codes",
                        to="identity.secondfactor",
                        verbose_name="second factor",
                    ),
                ),
            ],
            options={
                "verbose_name": "recovery code",
                "verbose_name_plural": "recovery codes",
            },
        ),
        migrations.CreateModel(
            name="SignInPolicy",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "second_factor_roles",
                    models.JSONField(blank=True, default=list, verbose_name="roles that need a second factor"),
                ),
                (
                    "provider_vouches",
                    models.BooleanField(
                        default=False, verbose_name="the identity provider vouches for the second factor"
                    ),
                ),
                ("idle_minutes", models.PositiveSmallIntegerField(default=30, verbose_name="minutes without use")),
                (
                    "absolute_hours",
                    models.PositiveSmallIntegerField(default=12, verbose_name="hours after the sign-in"),
                ),
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
                "verbose_name": "sign-in policy",
                "verbose_name_plural": "sign-in policies",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="AccountSession",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=40, unique=True, verbose_name="digest of the key")),
                ("method", models.TextField(verbose_name="signed in by")),
                ("browser", models.TextField(blank=True, verbose_name="browser")),
                ("network", models.TextField(blank=True, verbose_name="network")),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("last_seen_at", models.DateTimeField(verbose_name="last seen at")),
                ("second_factor_at", models.DateTimeField(blank=True, null=True, verbose_name="second factor at")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organization",
                        verbose_name="organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "indexes": [models.Index(fields=["account", "organization"], name="identity_session_whose")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last_seen_at__gte", models.F("started_at"))),
                        name="identity_session_seen_after_start",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PasswordReset",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("digest", models.BinaryField(max_length=32, unique=True, verbose_name="digest")),
                ("sealed_token", models.BinaryField(blank=True, default=b"", verbose_name="sealed token")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("used_at", models.DateTimeField(blank=True, null=True, verbose_name="used at")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "password reset",
                "verbose_name_plural": "password resets",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("created_at"))),
                        name="identity_password_reset_in_order",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RefusedSignIns",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                ("further", models.PositiveIntegerField(default=0, verbose_name="further refusals")),
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
                "verbose_name": "refused sign-ins",
                "verbose_name_plural": "refused sign-ins",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization",), name="identity_refused_sign_ins_one")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="secondfactor",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_counter__gte", 0)), name="identity_second_factor_counts_up"
            ),
        ),
        migrations.AddConstraint(
            model_name="recoverycode",
            constraint=models.UniqueConstraint(fields=("factor", "digest"), name="identity_recovery_code_once"),
        ),
        migrations.AddConstraint(
            model_name="signinpolicy",
            constraint=models.UniqueConstraint(fields=("organization",), name="identity_sign_in_policy_one"),
        ),
        migrations.AddConstraint(
            model_name="signinpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("idle_minutes__gte", 1),
                    ("idle_minutes__lte", 30),
                    ("absolute_hours__gte", 1),
                    ("absolute_hours__lte", 12),
                ),
                name="identity_sign_in_policy_tightens",
            ),
        ),
        TenantTable("SignInPolicy", referenced=False),
        TenantTable("RefusedSignIns", referenced=False),
        migrations.RunPython(only_open, as_before),
    ]
