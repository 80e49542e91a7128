"""API clients, and the keys that sign their tokens.

The tables of django-oauth-toolkit point at ApiClient, which must therefore exist before its first migration runs.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import kernel.ids
from kernel.tenancy import TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0004_single_sign_on"),
    ]

    run_before = [("oauth2_provider", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="TokenSigningKey",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("algorithm", models.TextField(verbose_name="algorithm")),
                ("public", models.JSONField(verbose_name="public key")),
                ("sealed_private", models.BinaryField()),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("retired_at", models.DateTimeField(blank=True, null=True, verbose_name="retired at")),
            ],
            options={
                "verbose_name": "key that signs access tokens",
                "verbose_name_plural": "keys that sign access tokens",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("retired_at__isnull", True)),
                        fields=("algorithm",),
                        name="identity_token_key_one_active",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("retired_at__isnull", True), ("retired_at__gte", models.F("created_at")), _connector="OR"
                        ),
                        name="identity_token_key_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiClient",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("name", models.TextField(verbose_name="name")),
                ("pseudonym", models.UUIDField(default=uuid.uuid4, editable=False, verbose_name="pseudonym")),
                ("client_id", models.TextField(editable=False, verbose_name="client ID")),
                ("client_secret", models.TextField(blank=True, editable=False, verbose_name="digest of the secret")),
                (
                    "client_type",
                    models.TextField(
                        choices=[
                            ("confidential", "Keeps a secret (a server)"),
                            ("public", "Cannot keep a secret (an app or a page)"),
                        ],
                        verbose_name="kind of program",
                    ),
                ),
                (
                    "authorization_grant_type",
                    models.TextField(
                        choices=[
                            ("client-credentials", "In its own name, with roles of its own"),
                            ("authorization-code", "For accounts that sign in and agree"),
                        ],
                        verbose_name="acts",
                    ),
                ),
                ("redirect_uris", models.TextField(blank=True, verbose_name="redirect addresses")),
                ("scopes", models.JSONField(default=list, verbose_name="scopes")),
                ("roles", models.JSONField(default=list, verbose_name="roles")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("secret_drawn_at", models.DateTimeField(verbose_name="secret drawn at")),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="expires at")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked at")),
                ("last_used_at", models.DateTimeField(blank=True, null=True, verbose_name="last used")),
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
                "verbose_name": "API client",
                "verbose_name_plural": "API clients",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "client_id"), name="identity_api_client_id_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at__isnull", True)),
                        fields=("organization", "name"),
                        name="identity_api_client_name_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("authorization_grant_type", "client-credentials"),
                                ("client_type", "confidential"),
                                ("redirect_uris", ""),
                            ),
                            models.Q(
                                ("authorization_grant_type", "authorization-code"),
                                models.Q(("redirect_uris", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="identity_api_client_fits_its_grant",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("client_type", "confidential"), models.Q(("client_secret", ""), _negated=True)),
                            models.Q(("client_secret", ""), ("client_type", "public")),
                            _connector="OR",
                        ),
                        name="identity_api_client_has_secret",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_at__isnull", True), ("expires_at__gt", models.F("created_at")), _connector="OR"
                        ),
                        name="identity_api_client_expires_later",
                    ),
                ],
            },
        ),
        TenantTable("ApiClient"),
    ]
