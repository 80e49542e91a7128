"""Groups of the directory that bring seats, claims that wait for one, and what becomes of the seats of leavers."""

import django.db.models.deletion
from django.db import migrations, models

import kernel.ids
from kernel.tenancy import TenantForeignKey, TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0013_people_by_leaving"),
        ("seats", "0005_reclamation"),
    ]

    operations = [
        migrations.CreateModel(
            name="GroupRule",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("group_name", models.TextField(verbose_name="name of the group")),
                ("priority", models.PositiveIntegerField(default=100, verbose_name="priority")),
                ("grace_days", models.PositiveSmallIntegerField(default=0, verbose_name="days of grace")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("created_by", models.TextField(verbose_name="created by")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("ended_by", models.TextField(blank=True, verbose_name="ended by")),
                (
                    "group",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="seat_rules",
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
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="group_rules",
                        to="seats.seatpool",
                        verbose_name="pool",
                    ),
                ),
            ],
            options={
                "verbose_name": "group rule",
                "verbose_name_plural": "group rules",
                "db_table": "seats_group_rule",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="LeavingPolicy",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("grace_days", models.PositiveSmallIntegerField(default=0, verbose_name="days of grace")),
                (
                    "return_days",
                    models.PositiveSmallIntegerField(default=14, verbose_name="days in which seats are given back"),
                ),
                (
                    "most_leavers",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="leavers in 24 hours"),
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
                "verbose_name": "policy for leavers",
                "verbose_name_plural": "policies for leavers",
                "db_table": "seats_leaving_policy",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="SeatClaim",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("kind", models.TextField(choices=[("rule", "Group rule"), ("return", "Return")], verbose_name="kind")),
                ("quantity", models.PositiveIntegerField(default=1, verbose_name="quantity")),
                ("priority", models.PositiveIntegerField(default=100, verbose_name="priority")),
                ("code", models.TextField(blank=True, verbose_name="why there is none")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("tried_at", models.DateTimeField(blank=True, null=True, verbose_name="tried at")),
                ("leaves_at", models.DateTimeField(blank=True, null=True, verbose_name="released at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                (
                    "end_reason",
                    models.TextField(
                        blank=True,
                        choices=[
                            ("left_group", "Left the group"),
                            ("rule_ended", "The rule ended"),
                            ("given", "Has the seat again"),
                            ("given_back", "The seat was given back"),
                            ("left", "Left the organisation"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        verbose_name="reason of the end",
                    ),
                ),
                (
                    "assignment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="seats.assignment",
                        verbose_name="seat",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="seat_claims",
                        to="identity.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="seats.seatpool",
                        verbose_name="pool",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="seats.grouprule",
                        verbose_name="group rule",
                    ),
                ),
            ],
            options={
                "verbose_name": "claim to a seat",
                "verbose_name_plural": "claims to seats",
                "db_table": "seats_claim",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Departure",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("left_at", models.DateTimeField(verbose_name="left at")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("released", "Seats released"),
                            ("grace", "In grace"),
                            ("held", "Legal hold"),
                            ("stopped", "Waits for a person"),
                            ("kept", "Kept by decision"),
                            ("returned", "Person is back"),
                        ],
                        verbose_name="state",
                    ),
                ),
                ("seats", models.JSONField(default=list, verbose_name="seats")),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="released at the latest")),
                ("return_until", models.DateTimeField(verbose_name="given back until")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
                ("decided_by", models.TextField(blank=True, verbose_name="decided by")),
                ("decision_reason", models.TextField(blank=True, verbose_name="reason for the decision")),
                ("told_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="told at")),
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
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="departures",
                        to="identity.person",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "departure",
                "verbose_name_plural": "departures",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["organization", "state", "left_at"], name="seats_departure_by_state"),
                    models.Index(fields=["organization", "person", "left_at"], name="seats_departure_of_person"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("grace", "held", "stopped", "kept"))),
                        fields=("organization", "person"),
                        name="seats_departure_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "grace"), ("due_at__isnull", False)),
                            models.Q(models.Q(("state", "grace"), _negated=True), ("due_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="seats_departure_grace_has_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("decided_at__isnull", True), ("decided_by", ""), ("decision_reason", "")),
                                models.Q(
                                    ("decided_at__isnull", False),
                                    models.Q(("decided_by", ""), _negated=True),
                                    models.Q(("decision_reason", ""), _negated=True),
                                ),
                                _connector="OR",
                            ),
                            models.Q(
                                models.Q(("state", "kept"), _negated=True),
                                ("decided_at__isnull", False),
                                _connector="OR",
                            ),
                        ),
                        name="seats_departure_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("return_until__gte", models.F("left_at"))), name="seats_departure_in_order"
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="grouprule",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("organization", "group", "pool"),
                name="seats_group_rule_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="grouprule",
            constraint=models.CheckConstraint(
                condition=models.Q(("grace_days__lte", 90), ("priority__gte", 1), ("priority__lte", 1000)),
                name="seats_group_rule_figures",
            ),
        ),
        migrations.AddConstraint(
            model_name="grouprule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by", "")),
                    models.Q(("ended_at__isnull", False), models.Q(("ended_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="seats_group_rule_ended_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="grouprule",
            constraint=models.CheckConstraint(
                condition=models.Q(("group__isnull", False), ("ended_at__isnull", False), _connector="OR"),
                name="seats_group_rule_has_group",
            ),
        ),
        migrations.AddConstraint(
            model_name="leavingpolicy",
            constraint=models.UniqueConstraint(fields=("organization",), name="seats_leaving_policy_one"),
        ),
        migrations.AddConstraint(
            model_name="leavingpolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("return_days__gte", models.F("grace_days")), ("return_days__lte", 365)),
                name="seats_leaving_policy_days",
            ),
        ),
        migrations.AddIndex(
            model_name="seatclaim",
            index=models.Index(
                condition=models.Q(("assignment__isnull", True), ("ended_at__isnull", True)),
                fields=["organization", "pool", "priority", "created_at"],
                name="seats_claim_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="seatclaim",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)),
                fields=["organization", "person"],
                name="seats_claim_of_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatclaim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "rule"), ("rule__isnull", False)),
                    models.Q(("kind", "return"), ("rule__isnull", True)),
                    _connector="OR",
                ),
                name="seats_claim_of_a_rule",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatclaim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("end_reason", ""), ("ended_at__isnull", True)),
                    models.Q(
                        ("end_reason__in", ["left_group", "rule_ended", "given", "given_back", "left", "withdrawn"]),
                        ("ended_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="seats_claim_ended_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatclaim",
            constraint=models.CheckConstraint(
                condition=models.Q(("leaves_at__isnull", True), ("assignment__isnull", False), _connector="OR"),
                name="seats_claim_leaves_a_seat",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatclaim",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gte", 1)), name="seats_claim_of_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="seatclaim",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True), ("rule__isnull", False)),
                fields=("organization", "rule", "person"),
                name="seats_claim_rule_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="seatclaim",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True), ("kind", "return")),
                fields=("organization", "pool", "person"),
                name="seats_claim_return_once",
            ),
        ),
        TenantTable("GroupRule"),
        TenantTable("SeatClaim", referenced=False),
        TenantTable("LeavingPolicy", referenced=False),
        TenantTable("Departure", referenced=False),
        TenantForeignKey("GroupRule", "group"),
        TenantForeignKey("GroupRule", "pool"),
        TenantForeignKey("SeatClaim", "rule"),
        TenantForeignKey("SeatClaim", "pool"),
        TenantForeignKey("SeatClaim", "person"),
        TenantForeignKey("SeatClaim", "assignment"),
        TenantForeignKey("Departure", "person"),
    ]
