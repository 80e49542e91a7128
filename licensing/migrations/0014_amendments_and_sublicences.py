"""Terms in force change by numbered amendments alone; sublicences take their rights from the right above."""

from typing import Any

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import kernel.ids
from kernel.tenancy import PartyFence, TenantForeignKey, TenantTable
from licensing.protection import DROP_POSTGRES, DROP_SQLITE, POSTGRES, install_sqlite_triggers


def protect(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor != "postgresql":
        install_sqlite_triggers()
        return
    for statement in POSTGRES:
        schema_editor.execute(statement, params=None)


def unprotect(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in DROP_POSTGRES if is_postgresql else DROP_SQLITE:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0011_two_live_secrets_and_counted_refusals"),
        ("licensing", "0013_contact_of_the_vendor"),
    ]

    operations = [
        migrations.CreateModel(
            name="Amendment",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("number", models.IntegerField(verbose_name="number")),
                ("effective_at", models.DateTimeField(verbose_name="effective at")),
                ("changes", models.JSONField(verbose_name="changes")),
                ("reason", models.TextField(verbose_name="reason")),
                ("document", models.TextField(blank=True, verbose_name="document")),
                ("amended_at", models.DateTimeField(verbose_name="amended at")),
                ("amended_by", models.TextField(verbose_name="amended by")),
            ],
            options={
                "verbose_name": "amendment",
                "verbose_name_plural": "amendments",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="agreement",
            name="amended",
            field=models.IntegerField(default=0, editable=False, verbose_name="amendments"),
        ),
        migrations.AddField(
            model_name="agreement",
            name="terminated_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="terminated at"),
        ),
        migrations.AddField(
            model_name="agreement",
            name="terminated_by",
            field=models.TextField(blank=True, editable=False, verbose_name="terminated by"),
        ),
        migrations.AddField(
            model_name="agreement",
            name="terminated_reason",
            field=models.TextField(blank=True, editable=False, verbose_name="reason for termination"),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(("amended__gte", 0)), name="licensing_agreement_amended_upwards"
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("state", "terminated"), ("terminated_at__isnull", False)),
                        models.Q(models.Q(("state", "terminated"), _negated=True), ("terminated_at__isnull", True)),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("terminated_at__isnull", True), ("terminated_by", ""), ("terminated_reason", "")),
                        models.Q(
                            ("terminated_at__isnull", False),
                            models.Q(("terminated_by", ""), _negated=True),
                            models.Q(("terminated_reason", ""), _negated=True),
                        ),
                        _connector="OR",
                    ),
                ),
                name="licensing_agreement_terminated_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="entitlement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("unlimited", True),
                    ("sublicensed", 0),
                    (
                        "issued__lte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    models.F("quantity"), "*", models.F("rights_per_unit")
                                ),
                                "+",
                                models.F("overdraft"),
                            ),
                            "-",
                            models.F("sublicensed"),
                        ),
                    ),
                    _connector="OR",
                ),
                name="licensing_entitlement_handed_on_within_rights",
            ),
        ),
        migrations.AddField(
            model_name="amendment",
            name="agreement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="amendments",
                to="licensing.agreement",
                verbose_name="agreement",
            ),
        ),
        migrations.AddField(
            model_name="amendment",
            name="organization",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.organization",
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.UniqueConstraint(
                fields=("organization", "agreement", "number"), name="licensing_amendment_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)), name="licensing_amendment_from_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="amendment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason", ""), _negated=True), models.Q(("amended_by", ""), _negated=True)
                ),
                name="licensing_amendment_by_somebody_for_a_reason",
            ),
        ),
        TenantTable("Amendment", referenced=False),
        TenantForeignKey("Amendment", "agreement"),
        PartyFence("Amendment", "agreement_id", through="licensing_agreement"),
        migrations.RunPython(protect, unprotect),
    ]
