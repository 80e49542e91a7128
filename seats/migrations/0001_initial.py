import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import kernel.ids
from kernel.tenancy import TenantForeignKey, TenantTable


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
        ("licensing", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="SeatPool",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("territory", models.CharField(blank=True, max_length=2)),
                ("unlimited", models.BooleanField(default=False)),
                ("capacity", models.IntegerField(blank=True, null=True)),
                ("overdraft", models.IntegerField(default=0)),
                ("hard_limit", models.BooleanField(default=True)),
                ("used", models.IntegerField(default=0, editable=False)),
                ("reserved", models.IntegerField(default=0, editable=False)),
                ("created_at", models.DateTimeField()),
                (
                    "edition",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pools",
                        to="licensing.edition",
                    ),
                ),
                (
                    "metric",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pools", to="licensing.metric"
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
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="pools", to="licensing.product"
                    ),
                ),
                (
                    "scope_unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pools",
                        to="identity.orgunit",
                    ),
                ),
            ],
            options={
                "db_table": "seats_pool",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="PoolSource",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField()),
                (
                    "entitlement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pool_sources",
                        to="licensing.entitlement",
                    ),
                ),
                (
                    "license",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pool_sources",
                        to="licensing.license",
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
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="sources", to="seats.seatpool"
                    ),
                ),
            ],
            options={
                "db_table": "seats_pool_source",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("external_holder", models.TextField(blank=True)),
                ("external_holder_lower", models.TextField(blank=True, editable=False)),
                ("quantity", models.IntegerField(default=1)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField(blank=True, null=True)),
                (
                    "source",
                    models.TextField(
                        choices=[
                            ("admin", "Administrator"),
                            ("request", "Request"),
                            ("directory", "Directory"),
                            ("import", "Import"),
                            ("api", "API"),
                            ("rule", "Rule"),
                        ]
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("request_id", models.UUIDField(blank=True, null=True)),
                ("over_limit", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField()),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                ("released_by", models.TextField(blank=True)),
                ("end_reason", models.TextField(blank=True)),
                (
                    "device",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="identity.device",
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
                        related_name="assignments",
                        to="identity.person",
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="assignments", to="seats.seatpool"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddConstraint(
            model_name="seatpool",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("used__gte", 0),
                    models.Q(
                        ("unlimited", True),
                        ("hard_limit", False),
                        (
                            "used__lte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("capacity"), "+", models.F("overdraft")
                            ),
                        ),
                        _connector="OR",
                    ),
                ),
                name="seats_pool_within_capacity",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatpool",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("capacity__isnull", True), ("unlimited", True)),
                    models.Q(("capacity__gte", 0), ("capacity__isnull", False), ("unlimited", False)),
                    _connector="OR",
                ),
                name="seats_pool_capacity_unless_unlimited",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatpool",
            constraint=models.CheckConstraint(
                condition=models.Q(("overdraft__gte", 0), ("reserved__gte", 0)),
                name="seats_pool_allowances_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatpool",
            constraint=models.UniqueConstraint(
                condition=models.Q(("edition__isnull", False), ("scope_unit__isnull", False)),
                fields=("organization", "product", "metric", "territory", "edition", "scope_unit"),
                name="seats_pool_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatpool",
            constraint=models.UniqueConstraint(
                condition=models.Q(("edition__isnull", False), ("scope_unit__isnull", True)),
                fields=("organization", "product", "metric", "territory", "edition"),
                name="seats_pool_once_no_scope_unit",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatpool",
            constraint=models.UniqueConstraint(
                condition=models.Q(("edition__isnull", True), ("scope_unit__isnull", False)),
                fields=("organization", "product", "metric", "territory", "scope_unit"),
                name="seats_pool_once_no_edition",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatpool",
            constraint=models.UniqueConstraint(
                condition=models.Q(("edition__isnull", True), ("scope_unit__isnull", True)),
                fields=("organization", "product", "metric", "territory"),
                name="seats_pool_once_no_edition_no_scope_unit",
            ),
        ),
        migrations.AddConstraint(
            model_name="poolsource",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("entitlement__isnull", False), models.Q(("license__isnull", False), _negated=True)),
                    models.Q(models.Q(("entitlement__isnull", False), _negated=True), ("license__isnull", False)),
                    _connector="OR",
                ),
                name="seats_pool_source_one_right",
            ),
        ),
        migrations.AddConstraint(
            model_name="poolsource",
            constraint=models.UniqueConstraint(
                fields=("organization", "entitlement"), name="seats_pool_source_entitlement_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="poolsource",
            constraint=models.UniqueConstraint(
                fields=("organization", "license"), name="seats_pool_source_license_once"
            ),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                condition=models.Q(("released_at__isnull", True)),
                fields=["organization", "pool", "since"],
                name="seats_assignment_live",
            ),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                condition=models.Q(("released_at__isnull", True)),
                fields=["organization", "person"],
                name="seats_assignment_of_person",
            ),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                condition=models.Q(("released_at__isnull", True), ("until__isnull", False)),
                fields=["organization", "until"],
                name="seats_assignment_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("person__isnull", False),
                        models.Q(("device__isnull", False), _negated=True),
                        ("external_holder_lower", ""),
                    ),
                    models.Q(
                        models.Q(("person__isnull", False), _negated=True),
                        ("device__isnull", False),
                        ("external_holder_lower", ""),
                    ),
                    models.Q(
                        models.Q(("person__isnull", False), _negated=True),
                        models.Q(("device__isnull", False), _negated=True),
                        models.Q(("external_holder_lower", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="seats_assignment_one_holder",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gte", 1)), name="seats_assignment_of_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__isnull", True), ("until__gt", models.F("since")), _connector="OR"),
                name="seats_assignment_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("released_at__isnull", True), ("released_at__gte", models.F("since")), _connector="OR"
                ),
                name="seats_assignment_released_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("released_at__isnull", True), ("released_by", ""), ("end_reason", "")),
                    models.Q(
                        ("released_at__isnull", False),
                        models.Q(("released_by", ""), _negated=True),
                        models.Q(("end_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="seats_assignment_released_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("person__isnull", False), ("released_at__isnull", True)),
                fields=("organization", "pool", "person"),
                name="seats_assignment_person_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("device__isnull", False), ("released_at__isnull", True)),
                fields=("organization", "pool", "device"),
                name="seats_assignment_device_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("released_at__isnull", True), models.Q(("external_holder_lower", ""), _negated=True)
                ),
                fields=("organization", "pool", "external_holder_lower"),
                name="seats_assignment_external_once",
            ),
        ),
        TenantTable("SeatPool"),
        TenantTable("PoolSource"),
        TenantTable("Assignment"),
        TenantForeignKey("SeatPool", "product"),
        TenantForeignKey("SeatPool", "edition"),
        TenantForeignKey("SeatPool", "metric"),
        TenantForeignKey("SeatPool", "scope_unit"),
        TenantForeignKey("PoolSource", "pool"),
        TenantForeignKey("PoolSource", "entitlement"),
        TenantForeignKey("PoolSource", "license"),
        TenantForeignKey("Assignment", "pool"),
        TenantForeignKey("Assignment", "person"),
        TenantForeignKey("Assignment", "device"),
    ]
