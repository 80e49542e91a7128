"""Seats kept for departments and groups, pools for some people alone, cuts that wait; on PostgreSQL a pool's counters
are compared with its rows at the end of each transaction."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import kernel.ids
from kernel.tenancy import TenantForeignKey, TenantTable
from seats.protection import DROP_POSTGRES, POSTGRES


def protect(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in POSTGRES:
            schema_editor.execute(statement, params=None)


def unprotect(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in DROP_POSTGRES:
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0012_proofs_of_domains_are_rechecked"),
        ("licensing", "0015_partners_see_their_own"),
        ("seats", "0002_sources_are_no_customers_matter"),
    ]

    operations = [
        migrations.CreateModel(
            name="Eligibility",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("reason", models.TextField(verbose_name="reason")),
                ("added_at", models.DateTimeField(verbose_name="added at")),
                ("added_by", models.TextField(verbose_name="added by")),
            ],
            options={
                "verbose_name": "eligibility",
                "verbose_name_plural": "eligibilities",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("quantity", models.IntegerField(verbose_name="quantity")),
                ("reason", models.TextField(verbose_name="reason")),
                ("set_at", models.DateTimeField(verbose_name="set at")),
                ("set_by", models.TextField(verbose_name="set by")),
            ],
            options={
                "verbose_name": "reservation",
                "verbose_name_plural": "reservations",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="seatpool",
            name="pending_by",
            field=models.TextField(blank=True, db_default="", default="", editable=False, verbose_name="pending by"),
        ),
        migrations.AddField(
            model_name="seatpool",
            name="pending_capacity",
            field=models.IntegerField(blank=True, editable=False, null=True, verbose_name="pending capacity"),
        ),
        migrations.AddField(
            model_name="seatpool",
            name="pending_reason",
            field=models.TextField(
                blank=True, db_default="", default="", editable=False, verbose_name="reason for the pending cut"
            ),
        ),
        migrations.AddField(
            model_name="seatpool",
            name="pending_since",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="pending since"),
        ),
        migrations.AddField(
            model_name="seatpool",
            name="restricted",
            field=models.BooleanField(db_default=False, default=False, verbose_name="restricted"),
        ),
        migrations.AddConstraint(
            model_name="seatpool",
            constraint=models.CheckConstraint(
                condition=models.Q(("unlimited", True), ("reserved__lte", models.F("capacity")), _connector="OR"),
                name="seats_pool_reserved_within_capacity",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatpool",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("pending_since__isnull", True), ("pending_by", ""), ("pending_reason", "")),
                        models.Q(
                            ("pending_since__isnull", False),
                            models.Q(("pending_by", ""), _negated=True),
                            models.Q(("pending_reason", ""), _negated=True),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("pending_capacity__isnull", True), ("pending_since__isnull", True)),
                        models.Q(
                            ("pending_capacity__gte", 0),
                            ("pending_capacity__isnull", False),
                            ("pending_since__isnull", False),
                        ),
                        _connector="OR",
                    ),
                ),
                name="seats_pool_pending_cut_explained",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatpool",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("pending_capacity__isnull", True),
                    ("unlimited", True),
                    ("pending_capacity__lt", models.F("capacity")),
                    _connector="OR",
                ),
                name="seats_pool_pending_cut_is_lower",
            ),
        ),
        migrations.AddField(
            model_name="eligibility",
            name="group",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="eligibilities",
                to="identity.directorygroup",
                verbose_name="group",
            ),
        ),
        migrations.AddField(
            model_name="eligibility",
            name="organization",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.organization",
            ),
        ),
        migrations.AddField(
            model_name="eligibility",
            name="person",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="eligibilities",
                to="identity.person",
                verbose_name="person",
            ),
        ),
        migrations.AddField(
            model_name="eligibility",
            name="pool",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="eligibilities",
                to="seats.seatpool",
                verbose_name="pool",
            ),
        ),
        migrations.AddField(
            model_name="reservation",
            name="group",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reservations",
                to="identity.directorygroup",
                verbose_name="group",
            ),
        ),
        migrations.AddField(
            model_name="reservation",
            name="organization",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.organization",
            ),
        ),
        migrations.AddField(
            model_name="reservation",
            name="pool",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reservations",
                to="seats.seatpool",
                verbose_name="pool",
            ),
        ),
        migrations.AddField(
            model_name="reservation",
            name="unit",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reservations",
                to="identity.orgunit",
                verbose_name="unit",
            ),
        ),
        migrations.AddConstraint(
            model_name="eligibility",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("person__isnull", False), models.Q(("group__isnull", False), _negated=True)),
                    models.Q(models.Q(("person__isnull", False), _negated=True), ("group__isnull", False)),
                    _connector="OR",
                ),
                name="seats_eligibility_of_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="eligibility",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("reason", ""), _negated=True), models.Q(("added_by", ""), _negated=True)),
                name="seats_eligibility_by_somebody_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="eligibility",
            constraint=models.UniqueConstraint(
                condition=models.Q(("person__isnull", False)),
                fields=("organization", "pool", "person"),
                name="seats_eligibility_person_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="eligibility",
            constraint=models.UniqueConstraint(
                condition=models.Q(("group__isnull", False)),
                fields=("organization", "pool", "group"),
                name="seats_eligibility_group_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("unit__isnull", False), models.Q(("group__isnull", False), _negated=True)),
                    models.Q(models.Q(("unit__isnull", False), _negated=True), ("group__isnull", False)),
                    _connector="OR",
                ),
                name="seats_reservation_for_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gte", 1)), name="seats_reservation_of_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("reason", ""), _negated=True), models.Q(("set_by", ""), _negated=True)),
                name="seats_reservation_by_somebody_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("unit__isnull", False)),
                fields=("organization", "pool", "unit"),
                name="seats_reservation_unit_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("group__isnull", False)),
                fields=("organization", "pool", "group"),
                name="seats_reservation_group_once",
            ),
        ),
        TenantTable("Reservation", referenced=False),
        TenantTable("Eligibility", referenced=False),
        TenantForeignKey("Reservation", "pool"),
        TenantForeignKey("Reservation", "unit"),
        TenantForeignKey("Reservation", "group"),
        TenantForeignKey("Eligibility", "pool"),
        TenantForeignKey("Eligibility", "person"),
        TenantForeignKey("Eligibility", "group"),
        migrations.RunPython(protect, unprotect),
    ]
