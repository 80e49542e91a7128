"""Floating seats: leases, their terms and priorities, denials in monthly partitions; pools of a customer's licences."""

from typing import Any

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import kernel.ids
from kernel.clock import SystemClock
from kernel.tenancy import PartyFence, TenantForeignKey, TenantTable
from licensing.partitions import CreatePartitionedModel, ensure_partitions
from seats.protection import HELD_BY_ASSIGNMENTS, HELD_BY_LEASES, counting_function, triggers_on


def months_to_come(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The month of the migration and those after it; hygiene goes on from there."""
    ensure_partitions("seats_lease_denial", first=SystemClock().now().date())


def count_leases(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """`used` is the sum of assignments and of leases that take a seat; a heartbeat changes neither and is not counted."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(counting_function(HELD_BY_ASSIGNMENTS, HELD_BY_LEASES), params=None)
        events = "INSERT OR UPDATE OF state, quantity, pool_id OR DELETE"
        for statement in triggers_on("seats_lease", events=events):
            schema_editor.execute(statement, params=None)


def count_assignments_alone(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(counting_function(HELD_BY_ASSIGNMENTS), params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0012_proofs_of_domains_are_rechecked"),
        ("licensing", "0020_lease_certificates"),
        ("seats", "0003_reservations_eligibility"),
    ]

    operations = [
        migrations.CreateModel(
            name="Lease",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("holder_key", models.TextField(editable=False, verbose_name="holder")),
                ("user", models.TextField(blank=True, verbose_name="user")),
                ("user_lower", models.TextField(blank=True, editable=False)),
                ("department", models.TextField(blank=True, verbose_name="department")),
                ("label", models.TextField(blank=True, verbose_name="label")),
                ("quantity", models.IntegerField(default=1, verbose_name="quantity")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("offered", "Offered"),
                            ("active", "Active"),
                            ("released", "Given back"),
                            ("expired", "Expired"),
                            ("revoked", "Ended by somebody"),
                            ("reclaimed", "Ended with the holder's departure"),
                        ],
                        verbose_name="state",
                    ),
                ),
                ("priority", models.IntegerField(default=5, verbose_name="priority")),
                ("ticket", models.BigIntegerField(blank=True, null=True, verbose_name="ticket")),
                ("over_limit", models.BooleanField(default=False, verbose_name="over the limit")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
                ("offered_at", models.DateTimeField(blank=True, null=True, verbose_name="offered at")),
                ("acquired_at", models.DateTimeField(blank=True, null=True, verbose_name="held since")),
                ("seen_at", models.DateTimeField(verbose_name="last heard of")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("borrowed_until", models.DateTimeField(blank=True, null=True, verbose_name="borrowed until")),
                ("released_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("ended_by", models.TextField(blank=True, verbose_name="ended by")),
                ("end_reason", models.TextField(blank=True, verbose_name="reason for the end")),
            ],
            options={
                "verbose_name": "lease",
                "verbose_name_plural": "leases",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        CreatePartitionedModel(
            by="at",
            name="LeaseDenial",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("pool_id", models.UUIDField(verbose_name="pool")),
                ("license_id", models.UUIDField(verbose_name="licence")),
                ("user", models.TextField(blank=True, verbose_name="user")),
                ("department", models.TextField(blank=True, verbose_name="department")),
                ("quantity", models.IntegerField(verbose_name="quantity")),
                ("used", models.IntegerField(verbose_name="in use")),
                ("at", models.DateTimeField(verbose_name="at")),
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
                "indexes": [models.Index(fields=["organization", "pool_id", "at"], name="seats_lease_denial_at")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gte", 1)), name="seats_lease_denial_of_something"
                    )
                ],
                "verbose_name": "denied check-out",
                "verbose_name_plural": "denied check-outs",
                "db_table": "seats_lease_denial",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="LeasePolicy",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("lease_seconds", models.IntegerField(default=600, verbose_name="length of a lease in seconds")),
                ("grace_beats", models.IntegerField(default=1, verbose_name="missed heartbeats of grace")),
                ("offer_seconds", models.IntegerField(default=30, verbose_name="length of an offer in seconds")),
                ("queues", models.BooleanField(default=True, verbose_name="who finds no seat waits in a queue")),
                (
                    "holding",
                    models.TextField(
                        choices=[("holder", "Each session"), ("user", "Each user")],
                        default="holder",
                        verbose_name="a seat is taken by",
                    ),
                ),
                ("borrow_days", models.IntegerField(default=0, verbose_name="longest borrowing in days")),
                (
                    "low_water_percent",
                    models.IntegerField(default=20, verbose_name="share that is never lent, in per cent"),
                ),
                ("updated_at", models.DateTimeField(verbose_name="updated at")),
            ],
            options={
                "verbose_name": "terms of leases",
                "verbose_name_plural": "terms of leases",
                "db_table": "seats_lease_policy",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="LeasePriority",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("department", models.TextField(blank=True, verbose_name="department")),
                (
                    "priority",
                    models.IntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(9),
                        ],
                        verbose_name="priority",
                    ),
                ),
            ],
            options={
                "verbose_name": "priority in the queue",
                "verbose_name_plural": "priorities in the queue",
                "db_table": "seats_lease_priority",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.RemoveConstraint(
            model_name="seatpool",
            name="seats_pool_once",
        ),
        migrations.RemoveConstraint(
            model_name="seatpool",
            name="seats_pool_once_no_scope_unit",
        ),
        migrations.RemoveConstraint(
            model_name="seatpool",
            name="seats_pool_once_no_edition",
        ),
        migrations.RemoveConstraint(
            model_name="seatpool",
            name="seats_pool_once_no_edition_no_scope_unit",
        ),
        migrations.AddField(
            model_name="seatpool",
            name="license",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="pools",
                to="licensing.license",
                verbose_name="for the sessions of licence",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatpool",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("edition__isnull", False), ("scope_unit__isnull", False), ("license__isnull", False)
                ),
                fields=("organization", "product", "metric", "territory", "edition", "scope_unit", "license"),
                name="seats_pool_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatpool",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("edition__isnull", False), ("scope_unit__isnull", False), ("license__isnull", True)
                ),
                fields=("organization", "product", "metric", "territory", "edition", "scope_unit"),
                name="seats_pool_once_no_license",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatpool",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("edition__isnull", False), ("scope_unit__isnull", True), ("license__isnull", False)
                ),
                fields=("organization", "product", "metric", "territory", "edition", "license"),
                name="seats_pool_once_no_scope_unit",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatpool",
            constraint=models.UniqueConstraint(
                condition=models.Q(("edition__isnull", False), ("scope_unit__isnull", True), ("license__isnull", True)),
                fields=("organization", "product", "metric", "territory", "edition"),
                name="seats_pool_once_no_scope_unit_no_license",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatpool",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("edition__isnull", True), ("scope_unit__isnull", False), ("license__isnull", False)
                ),
                fields=("organization", "product", "metric", "territory", "scope_unit", "license"),
                name="seats_pool_once_no_edition",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatpool",
            constraint=models.UniqueConstraint(
                condition=models.Q(("edition__isnull", True), ("scope_unit__isnull", False), ("license__isnull", True)),
                fields=("organization", "product", "metric", "territory", "scope_unit"),
                name="seats_pool_once_no_edition_no_license",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatpool",
            constraint=models.UniqueConstraint(
                condition=models.Q(("edition__isnull", True), ("scope_unit__isnull", True), ("license__isnull", False)),
                fields=("organization", "product", "metric", "territory", "license"),
                name="seats_pool_once_no_edition_no_scope_unit",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatpool",
            constraint=models.UniqueConstraint(
                condition=models.Q(("edition__isnull", True), ("scope_unit__isnull", True), ("license__isnull", True)),
                fields=("organization", "product", "metric", "territory"),
                name="seats_pool_once_no_edition_no_scope_unit_no_license",
            ),
        ),
        migrations.AddField(
            model_name="lease",
            name="certificate",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="leases",
                to="licensing.certificate",
                verbose_name="certificate",
            ),
        ),
        migrations.AddField(
            model_name="lease",
            name="license",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="leases",
                to="licensing.license",
                verbose_name="licence",
            ),
        ),
        migrations.AddField(
            model_name="lease",
            name="organization",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.organization",
            ),
        ),
        migrations.AddField(
            model_name="lease",
            name="person",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="leases",
                to="identity.person",
                verbose_name="person",
            ),
        ),
        migrations.AddField(
            model_name="lease",
            name="pool",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="leases",
                to="seats.seatpool",
                verbose_name="pool",
            ),
        ),
        migrations.AddField(
            model_name="leasepolicy",
            name="organization",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.organization",
            ),
        ),
        migrations.AddField(
            model_name="leasepolicy",
            name="pool",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lease_policy",
                to="seats.seatpool",
                verbose_name="pool",
            ),
        ),
        migrations.AddField(
            model_name="leasepriority",
            name="group",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="lease_priorities",
                to="identity.directorygroup",
                verbose_name="group",
            ),
        ),
        migrations.AddField(
            model_name="leasepriority",
            name="organization",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.organization",
            ),
        ),
        migrations.AddField(
            model_name="leasepriority",
            name="pool",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lease_priorities",
                to="seats.seatpool",
                verbose_name="pool",
            ),
        ),
        migrations.AddIndex(
            model_name="lease",
            index=models.Index(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "active",
                            "offered",
                            "waiting",
                        ],
                    )
                ),
                fields=["organization", "pool", "expires_at"],
                name="seats_lease_live",
            ),
        ),
        migrations.AddIndex(
            model_name="lease",
            index=models.Index(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "active",
                            "offered",
                            "waiting",
                        ],
                    )
                ),
                fields=["organization", "person"],
                name="seats_lease_of_person",
            ),
        ),
        migrations.AddIndex(
            model_name="lease",
            index=models.Index(fields=["organization", "pool", "acquired_at"], name="seats_lease_history"),
        ),
        migrations.AddIndex(
            model_name="lease",
            index=models.Index(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "active",
                            "offered",
                            "waiting",
                        ],
                    )
                ),
                fields=["organization", "expires_at"],
                name="seats_lease_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="lease",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "active",
                            "offered",
                            "waiting",
                        ],
                    )
                ),
                fields=("organization", "pool", "holder_key"),
                name="seats_lease_holder_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="lease",
            constraint=models.UniqueConstraint(
                fields=("organization", "pool", "ticket"), name="seats_lease_ticket_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="lease",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("priority__gte", 1),
                    ("priority__lte", 9),
                    ("quantity__gte", 1),
                    models.Q(("holder_key", ""), _negated=True),
                ),
                name="seats_lease_of_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="lease",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("acquired_at__isnull", True),
                        ("offered_at__isnull", True),
                        ("state", "waiting"),
                        ("ticket__isnull", False),
                    ),
                    models.Q(
                        ("acquired_at__isnull", True),
                        ("offered_at__isnull", False),
                        ("state", "offered"),
                        ("ticket__isnull", False),
                    ),
                    models.Q(("acquired_at__isnull", False), ("state", "active")),
                    ("state__in", ["released", "expired", "revoked", "reclaimed"]),
                    _connector="OR",
                ),
                name="seats_lease_times_of_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="lease",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("end_reason", ""),
                        ("ended_by", ""),
                        ("released_at__isnull", True),
                        (
                            "state__in",
                            [
                                "active",
                                "offered",
                                "waiting",
                            ],
                        ),
                    ),
                    models.Q(
                        models.Q(
                            (
                                "state__in",
                                [
                                    "active",
                                    "offered",
                                    "waiting",
                                ],
                            ),
                            _negated=True,
                        ),
                        ("released_at__isnull", False),
                        models.Q(("ended_by", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="seats_lease_ended_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="lease",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "revoked"), _negated=True),
                    models.Q(("end_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="seats_lease_revoked_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="lease",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("borrowed_until__isnull", True), ("certificate__isnull", True)),
                    models.Q(
                        ("acquired_at__isnull", False),
                        ("borrowed_until__isnull", False),
                        ("certificate__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="seats_lease_borrowed_by_certificate",
            ),
        ),
        migrations.AddConstraint(
            model_name="leasepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("grace_beats__gte", 0),
                    ("lease_seconds__gte", 3),
                    ("lease_seconds__lte", 86400),
                    ("grace_beats__lte", 10),
                    ("offer_seconds__gte", 1),
                    ("offer_seconds__lte", 3600),
                ),
                name="seats_lease_policy_times",
            ),
        ),
        migrations.AddConstraint(
            model_name="leasepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("borrow_days__gte", 0),
                    ("borrow_days__lte", 7),
                    ("low_water_percent__gte", 0),
                    ("low_water_percent__lte", 100),
                ),
                name="seats_lease_policy_borrowing",
            ),
        ),
        migrations.AddConstraint(
            model_name="leasepriority",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("group__isnull", False), ("department", "")),
                    models.Q(
                        models.Q(("group__isnull", False), _negated=True), models.Q(("department", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="seats_lease_priority_of_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="leasepriority",
            constraint=models.CheckConstraint(
                condition=models.Q(("priority__gte", 1), ("priority__lte", 9)), name="seats_lease_priority_one_to_nine"
            ),
        ),
        migrations.AddConstraint(
            model_name="leasepriority",
            constraint=models.UniqueConstraint(
                condition=models.Q(("department", ""), _negated=True),
                fields=("organization", "pool", "department"),
                name="seats_lease_priority_department_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="leasepriority",
            constraint=models.UniqueConstraint(
                condition=models.Q(("group__isnull", False)),
                fields=("organization", "pool", "group"),
                name="seats_lease_priority_group_once",
            ),
        ),
        TenantTable("Lease", referenced=False),
        TenantTable("LeasePolicy", referenced=False),
        TenantTable("LeasePriority", referenced=False),
        TenantTable("LeaseDenial", referenced=False),
        TenantForeignKey("SeatPool", "license"),
        TenantForeignKey("Lease", "pool"),
        TenantForeignKey("Lease", "license"),
        TenantForeignKey("Lease", "person"),
        TenantForeignKey("Lease", "certificate"),
        TenantForeignKey("LeasePolicy", "pool"),
        TenantForeignKey("LeasePriority", "pool"),
        TenantForeignKey("LeasePriority", "group"),
        PartyFence("Lease", "license_id", through="licensing_license"),
        PartyFence("LeasePolicy"),
        PartyFence("LeasePriority"),
        PartyFence("LeaseDenial"),
        migrations.RunPython(months_to_come, migrations.RunPython.noop),
        migrations.RunPython(count_leases, count_assignments_alone),
    ]
