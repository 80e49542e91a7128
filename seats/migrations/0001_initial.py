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
                ("name", models.TextField(verbose_name="name")),
                ("territory", models.CharField(blank=True, max_length=2, verbose_name="territory")),
                ("unlimited", models.BooleanField(default=False, verbose_name="unlimited")),
                ("capacity", models.IntegerField(blank=True, null=True, verbose_name="capacity")),
                ("overdraft", models.IntegerField(default=0, verbose_name="overdraft")),
                ("hard_limit", models.BooleanField(default=True, verbose_name="hard limit")),
                ("used", models.IntegerField(default=0, editable=False, verbose_name="in use")),
                ("reserved", models.IntegerField(default=0, editable=False, verbose_name="reserved")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                (
                    "edition",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pools",
                        to="licensing.edition",
                        verbose_name="edition",
                    ),
                ),
                (
                    "metric",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pools",
                        to="licensing.metric",
                        verbose_name="metric",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pools",
                        to="licensing.product",
                        verbose_name="product",
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
                        verbose_name="reserved for unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "pool",
                "verbose_name_plural": "pools",
                "db_table": "seats_pool",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.CheckConstraint(
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
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("capacity__isnull", True), ("unlimited", True)),
                            models.Q(("capacity__gte", 0), ("capacity__isnull", False), ("unlimited", False)),
                            _connector="OR",
                        ),
                        name="seats_pool_capacity_unless_unlimited",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("overdraft__gte", 0), ("reserved__gte", 0)),
                        name="seats_pool_allowances_not_negative",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("edition__isnull", False), ("scope_unit__isnull", False)),
                        fields=("organization", "product", "metric", "territory", "edition", "scope_unit"),
                        name="seats_pool_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("edition__isnull", False), ("scope_unit__isnull", True)),
                        fields=("organization", "product", "metric", "territory", "edition"),
                        name="seats_pool_once_no_scope_unit",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("edition__isnull", True), ("scope_unit__isnull", False)),
                        fields=("organization", "product", "metric", "territory", "scope_unit"),
                        name="seats_pool_once_no_edition",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("edition__isnull", True), ("scope_unit__isnull", True)),
                        fields=("organization", "product", "metric", "territory"),
                        name="seats_pool_once_no_edition_no_scope_unit",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PoolSource",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                (
                    "entitlement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pool_sources",
                        to="licensing.entitlement",
                        verbose_name="entitlement",
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
                        verbose_name="licence",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sources",
                        to="seats.seatpool",
                        verbose_name="pool",
                    ),
                ),
            ],
            options={
                "verbose_name": "source of capacity",
                "verbose_name_plural": "sources of capacity",
                "db_table": "seats_pool_source",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("entitlement__isnull", False), models.Q(("license__isnull", False), _negated=True)
                            ),
                            models.Q(
                                models.Q(("entitlement__isnull", False), _negated=True), ("license__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="seats_pool_source_one_right",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "entitlement"), name="seats_pool_source_entitlement_once"
                    ),
                    models.UniqueConstraint(fields=("organization", "license"), name="seats_pool_source_license_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("external_holder", models.TextField(blank=True, verbose_name="external holder")),
                ("external_holder_lower", models.TextField(blank=True, editable=False)),
                ("quantity", models.IntegerField(default=1, verbose_name="quantity")),
                ("since", models.DateTimeField(verbose_name="since")),
                ("until", models.DateTimeField(blank=True, null=True, verbose_name="until")),
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
                        ],
                        verbose_name="source",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("request_id", models.UUIDField(blank=True, null=True, verbose_name="request")),
                ("over_limit", models.BooleanField(default=False, verbose_name="over the limit")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("released_at", models.DateTimeField(blank=True, null=True, verbose_name="released at")),
                ("released_by", models.TextField(blank=True, verbose_name="released by")),
                ("end_reason", models.TextField(blank=True, verbose_name="reason for the end")),
                (
                    "device",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="identity.device",
                        verbose_name="device",
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
                        verbose_name="person",
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assignments",
                        to="seats.seatpool",
                        verbose_name="pool",
                    ),
                ),
            ],
            options={
                "verbose_name": "assignment",
                "verbose_name_plural": "assignments",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.CheckConstraint(
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
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gte", 1)), name="seats_assignment_of_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__isnull", True), ("until__gt", models.F("since")), _connector="OR"),
                        name="seats_assignment_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("released_at__isnull", True), ("released_at__gte", models.F("since")), _connector="OR"
                        ),
                        name="seats_assignment_released_after_start",
                    ),
                    models.CheckConstraint(
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
                    models.UniqueConstraint(
                        condition=models.Q(("person__isnull", False), ("released_at__isnull", True)),
                        fields=("organization", "pool", "person"),
                        name="seats_assignment_person_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("device__isnull", False), ("released_at__isnull", True)),
                        fields=("organization", "pool", "device"),
                        name="seats_assignment_device_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("released_at__isnull", True), models.Q(("external_holder_lower", ""), _negated=True)
                        ),
                        fields=("organization", "pool", "external_holder_lower"),
                        name="seats_assignment_external_once",
                    ),
                ],
                "indexes": [
                    models.Index(
                        condition=models.Q(("released_at__isnull", True)),
                        fields=["organization", "pool", "since"],
                        name="seats_assignment_live",
                    ),
                    models.Index(
                        condition=models.Q(("released_at__isnull", True)),
                        fields=["organization", "person"],
                        name="seats_assignment_of_person",
                    ),
                    models.Index(
                        condition=models.Q(("released_at__isnull", True), ("until__isnull", False)),
                        fields=["organization", "until"],
                        name="seats_assignment_due",
                    ),
                ],
            },
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
