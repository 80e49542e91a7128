import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kernel.ids
from kernel.tenancy import TenantForeignKey, TenantTable


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "pseudonym",
                    models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name="pseudonym"),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                ("email_lower", models.CharField(editable=False, max_length=254, unique=True)),
                ("display_name", models.CharField(blank=True, max_length=200, verbose_name="display name")),
                ("language", models.CharField(default="en", max_length=8, verbose_name="language")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
            ],
            options={
                "verbose_name": "account",
                "verbose_name_plural": "accounts",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("email_lower", ""), _negated=True), name="identity_account_has_email"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Organization",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("slug", models.SlugField(unique=True, verbose_name="short name")),
                ("name", models.TextField(verbose_name="name")),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("buyer", "Buys software"),
                            ("vendor", "Sells software"),
                            ("both", "Buys and sells software"),
                            ("platform", "Runs this installation"),
                        ],
                        verbose_name="kind",
                    ),
                ),
                ("territory", models.CharField(blank=True, max_length=2, verbose_name="territory")),
                ("region", models.TextField(blank=True, verbose_name="region")),
                ("time_zone", models.TextField(default="UTC", verbose_name="time zone")),
                ("currency", models.CharField(default="EUR", max_length=3, verbose_name="currency")),
                ("plan", models.TextField(blank=True, verbose_name="plan")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed at")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="identity.organization",
                        verbose_name="parent",
                    ),
                ),
            ],
            options={
                "verbose_name": "organisation",
                "verbose_name_plural": "organisations",
            },
        ),
        migrations.CreateModel(
            name="DirectoryGroup",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("external_id", models.TextField(blank=True, verbose_name="external ID")),
                ("display_name", models.TextField(verbose_name="name")),
                ("display_name_lower", models.TextField(editable=False)),
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
                "verbose_name": "group",
                "verbose_name_plural": "groups",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="CredentialRoute",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("digest", models.BinaryField(max_length=32)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.organization"
                    ),
                ),
            ],
            options={
                "verbose_name": "credential route",
                "verbose_name_plural": "credential routes",
            },
        ),
        migrations.CreateModel(
            name="OrgUnit",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("code", models.TextField(verbose_name="code")),
                ("name", models.TextField(verbose_name="name")),
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
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="identity.orgunit",
                        verbose_name="parent",
                    ),
                ),
            ],
            options={
                "verbose_name": "unit",
                "verbose_name_plural": "units",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("pseudonym", models.UUIDField(default=uuid.uuid4, editable=False, verbose_name="pseudonym")),
                ("external_id", models.TextField(blank=True, verbose_name="external ID")),
                ("user_name", models.TextField(verbose_name="user name")),
                ("user_name_lower", models.TextField(editable=False)),
                ("given_name", models.TextField(blank=True, verbose_name="given name")),
                ("family_name", models.TextField(blank=True, verbose_name="family name")),
                ("display_name", models.TextField(blank=True, verbose_name="display name")),
                ("title", models.TextField(blank=True, verbose_name="title")),
                ("department", models.TextField(blank=True, verbose_name="department")),
                ("territory", models.CharField(blank=True, max_length=2, verbose_name="territory")),
                ("employee_number", models.TextField(blank=True, verbose_name="employee number")),
                ("active", models.BooleanField(default=True, verbose_name="active")),
                ("left_at", models.DateTimeField(blank=True, null=True, verbose_name="left at")),
                ("legal_hold", models.BooleanField(default=False, verbose_name="legal hold")),
                ("erased_at", models.DateTimeField(blank=True, null=True, verbose_name="erased at")),
                ("version", models.IntegerField(default=1, verbose_name="version")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("updated_at", models.DateTimeField(verbose_name="updated at")),
                (
                    "manager",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="identity.person",
                        verbose_name="manager",
                    ),
                ),
                (
                    "org_unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="people",
                        to="identity.orgunit",
                        verbose_name="unit",
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
                "verbose_name": "person",
                "verbose_name_plural": "people",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("roles", models.JSONField(default=list, verbose_name="roles")),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
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
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="identity.person",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "membership",
                "verbose_name_plural": "memberships",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="GroupMember",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("since", models.DateTimeField(verbose_name="since")),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="identity.directorygroup",
                        verbose_name="group",
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
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="groups",
                        to="identity.person",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "group member",
                "verbose_name_plural": "group members",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Device",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("hostname", models.TextField(verbose_name="host name")),
                ("hostname_lower", models.TextField(editable=False)),
                ("serial", models.TextField(blank=True, verbose_name="serial number")),
                ("cores", models.IntegerField(blank=True, null=True, verbose_name="cores")),
                ("platform", models.TextField(blank=True, verbose_name="platform")),
                ("territory", models.CharField(blank=True, max_length=2, verbose_name="territory")),
                ("last_seen_at", models.DateTimeField(blank=True, null=True, verbose_name="last seen at")),
                ("source", models.TextField(blank=True, verbose_name="source")),
                ("retired_at", models.DateTimeField(blank=True, null=True, verbose_name="retired at")),
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
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="devices",
                        to="identity.person",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "device",
                "verbose_name_plural": "devices",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="PersonEmail",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("value", models.TextField(verbose_name="address")),
                ("value_lower", models.TextField(editable=False)),
                ("kind", models.TextField(default="work", verbose_name="kind")),
                ("primary", models.BooleanField(default=False, verbose_name="primary")),
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
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="emails",
                        to="identity.person",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "e-mail address",
                "verbose_name_plural": "e-mail addresses",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "platform")), fields=("kind",), name="identity_one_platform"
            ),
        ),
        migrations.AddConstraint(
            model_name="organization",
            constraint=models.CheckConstraint(
                condition=models.Q(("slug", ""), _negated=True), name="identity_organization_has_slug"
            ),
        ),
        migrations.AddConstraint(
            model_name="directorygroup",
            constraint=models.UniqueConstraint(
                fields=("organization", "display_name_lower"), name="identity_group_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="directorygroup",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("organization", "external_id"),
                name="identity_group_external_id",
            ),
        ),
        migrations.AddConstraint(
            model_name="credentialroute",
            constraint=models.UniqueConstraint(fields=("kind", "digest"), name="identity_credential_route_once"),
        ),
        migrations.AddConstraint(
            model_name="orgunit",
            constraint=models.UniqueConstraint(fields=("organization", "code"), name="identity_org_unit_code"),
        ),
        migrations.AddConstraint(
            model_name="orgunit",
            constraint=models.CheckConstraint(
                condition=models.Q(("parent", models.F("id")), _negated=True),
                name="identity_org_unit_not_own_parent",
                violation_error_message="A unit does not belong to itself; choose another one above it, or none.",
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["organization", "employee_number"], name="identity_person_employee_no"),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(
                fields=("organization", "user_name_lower"), name="identity_person_user_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_id", ""), _negated=True),
                fields=("organization", "external_id"),
                name="identity_person_external_id",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(fields=("organization", "pseudonym"), name="identity_person_pseudonym"),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("active", True), ("left_at__isnull", True)),
                    models.Q(("active", False), ("left_at__isnull", False)),
                    _connector="OR",
                ),
                name="identity_person_left_when_inactive",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("organization", "account"),
                name="identity_membership_one_live",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at__isnull", True), ("ended_at__gte", models.F("started_at")), _connector="OR"
                ),
                name="identity_membership_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="groupmember",
            constraint=models.UniqueConstraint(
                fields=("organization", "group", "person"), name="identity_group_member_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="device",
            constraint=models.UniqueConstraint(
                fields=("organization", "hostname_lower"), name="identity_device_hostname"
            ),
        ),
        migrations.AddConstraint(
            model_name="device",
            constraint=models.UniqueConstraint(
                condition=models.Q(("serial", ""), _negated=True),
                fields=("organization", "serial"),
                name="identity_device_serial",
            ),
        ),
        migrations.AddConstraint(
            model_name="device",
            constraint=models.CheckConstraint(
                condition=models.Q(("cores__isnull", True), ("cores__gte", 1), _connector="OR"),
                name="identity_device_has_cores",
            ),
        ),
        migrations.AddIndex(
            model_name="personemail",
            index=models.Index(fields=["organization", "value_lower"], name="identity_person_email_value"),
        ),
        migrations.AddConstraint(
            model_name="personemail",
            constraint=models.UniqueConstraint(
                fields=("organization", "person", "value_lower"), name="identity_person_email_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="personemail",
            constraint=models.UniqueConstraint(
                condition=models.Q(("primary", True)),
                fields=("organization", "person"),
                name="identity_person_email_one_primary",
            ),
        ),
        TenantTable("DirectoryGroup"),
        TenantTable("OrgUnit"),
        TenantTable("Person"),
        TenantTable("Membership"),
        TenantTable("GroupMember"),
        TenantTable("Device"),
        TenantTable("PersonEmail"),
        TenantForeignKey("OrgUnit", "parent"),
        TenantForeignKey("Person", "org_unit"),
        TenantForeignKey("Person", "manager"),
        TenantForeignKey("Membership", "person"),
        TenantForeignKey("GroupMember", "group"),
        TenantForeignKey("GroupMember", "person"),
        TenantForeignKey("Device", "person"),
        TenantForeignKey("PersonEmail", "person"),
    ]
