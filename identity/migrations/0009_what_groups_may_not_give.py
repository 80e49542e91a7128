"""Roles withheld from groups, conflicts of what groups say, links by a domain, signing out by POST, counted refusals."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import kernel.ids
from identity.protection import DROP_WITHHELD_POSTGRES, WITHHELD_POSTGRES
from kernel.tenancy import TenantForeignKey, TenantTable


def install(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in WITHHELD_POSTGRES:
            schema_editor.execute(statement, params=None)


def remove(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in DROP_WITHHELD_POSTGRES:
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0008_works_elsewhere"),
    ]

    operations = [
        migrations.CreateModel(
            name="GroupConflict",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("kept", models.JSONField(default=list, verbose_name="roles kept")),
                ("refused", models.JSONField(default=list, verbose_name="roles refused")),
                ("noticed_at", models.DateTimeField(verbose_name="noticed at")),
            ],
            options={
                "verbose_name": "conflict of roles by group",
                "verbose_name_plural": "conflicts of roles by group",
                "db_table": "identity_group_conflict",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="RefusedMessages",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                ("further", models.PositiveIntegerField(default=1, verbose_name="further refusals")),
            ],
            options={
                "verbose_name": "refused messages",
                "verbose_name_plural": "refused messages",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="WithheldRole",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("role", models.TextField(verbose_name="role")),
                ("withheld_at", models.DateTimeField(verbose_name="withheld at")),
                ("withheld_by", models.TextField(verbose_name="withheld by")),
            ],
            options={
                "verbose_name": "withheld role",
                "verbose_name_plural": "withheld roles",
                "db_table": "identity_withheld_role",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="samlconnection",
            name="slo_binding",
            field=models.TextField(
                choices=[("redirect", "HTTP-Redirect"), ("post", "HTTP-POST")],
                db_default="redirect",
                default="redirect",
                verbose_name="signing out by",
            ),
        ),
        migrations.AddField(
            model_name="samllink",
            name="domain",
            field=models.TextField(
                blank=True, db_default="", default="", editable=False, verbose_name="made by the domain"
            ),
        ),
        migrations.AddConstraint(
            model_name="samlconnection",
            constraint=models.CheckConstraint(
                condition=models.Q(("slo_binding__in", ["redirect", "post"])), name="identity_saml_slo_binding_known"
            ),
        ),
        migrations.AddField(
            model_name="groupconflict",
            name="connection",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="conflicts",
                to="identity.samlconnection",
                verbose_name="connection",
            ),
        ),
        migrations.AddField(
            model_name="groupconflict",
            name="membership",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="group_conflicts",
                to="identity.membership",
                verbose_name="membership",
            ),
        ),
        migrations.AddField(
            model_name="groupconflict",
            name="organization",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.organization",
            ),
        ),
        migrations.AddField(
            model_name="refusedmessages",
            name="connection",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="refused_messages",
                to="identity.samlconnection",
                verbose_name="connection",
            ),
        ),
        migrations.AddField(
            model_name="refusedmessages",
            name="organization",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.organization",
            ),
        ),
        migrations.AddField(
            model_name="withheldrole",
            name="membership",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="withheld_roles",
                to="identity.membership",
                verbose_name="membership",
            ),
        ),
        migrations.AddField(
            model_name="withheldrole",
            name="organization",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.organization",
            ),
        ),
        migrations.AddConstraint(
            model_name="groupconflict",
            constraint=models.UniqueConstraint(
                fields=("organization", "membership"), name="identity_group_conflict_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="groupconflict",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kept", []), _negated=True), models.Q(("refused", []), _negated=True), _connector="OR"
                ),
                name="identity_group_conflict_about_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="refusedmessages",
            constraint=models.UniqueConstraint(
                fields=("organization", "connection"), name="identity_refused_messages_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="refusedmessages",
            constraint=models.CheckConstraint(
                condition=models.Q(("further__gte", 1)), name="identity_refused_messages_some"
            ),
        ),
        migrations.AddConstraint(
            model_name="withheldrole",
            constraint=models.UniqueConstraint(
                fields=("organization", "membership", "role"), name="identity_withheld_role_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="withheldrole",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("role", ""), _negated=True), models.Q(("withheld_by", ""), _negated=True)),
                name="identity_withheld_role_by_somebody",
            ),
        ),
        TenantTable("GroupConflict", referenced=False),
        TenantTable("RefusedMessages", referenced=False),
        TenantTable("WithheldRole", referenced=False),
        TenantForeignKey("GroupConflict", "connection"),
        TenantForeignKey("GroupConflict", "membership"),
        TenantForeignKey("RefusedMessages", "connection"),
        TenantForeignKey("WithheldRole", "membership"),
        migrations.RunPython(install, remove),
    ]
