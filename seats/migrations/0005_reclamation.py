"""Rules that ask unused seats back, the seats that they ask back, and who is exempt."""

import django.db.models.deletion
from django.db import migrations, models

import kernel.ids
from kernel.tenancy import TenantForeignKey, TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0012_proofs_of_domains_are_rechecked"),
        ("licensing", "0020_lease_certificates"),
        ("seats", "0004_leases"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReclamationRule",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("name", models.TextField(verbose_name="name")),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("last_used", "Not used for the window"),
                            ("total_use", "Total use in the window below a limit"),
                            ("peak_use", "Busiest day of the window below a limit"),
                        ],
                        default="last_used",
                        verbose_name="kind",
                    ),
                ),
                ("window_days", models.IntegerField(default=90, verbose_name="window in days")),
                (
                    "use_limit",
                    models.DecimalField(
                        blank=True, decimal_places=6, max_digits=20, null=True, verbose_name="limit of use"
                    ),
                ),
                (
                    "include_no_activity",
                    models.BooleanField(default=False, verbose_name="include seats without any known use"),
                ),
                ("minimum_age_days", models.IntegerField(default=60, verbose_name="minimum age of a seat in days")),
                ("notice_days", models.IntegerField(default=14, verbose_name="notice in days")),
                ("reminders", models.IntegerField(default=1, verbose_name="reminders")),
                (
                    "approver",
                    models.TextField(
                        choices=[
                            ("administrator", "Administrators of seats"),
                            ("product_owner", "Owners of the product"),
                            ("manager", "The holder's manager"),
                        ],
                        default="administrator",
                        verbose_name="who decides when a holder wants to keep it",
                    ),
                ),
                ("decision_days", models.IntegerField(default=7, verbose_name="days to decide")),
                ("cool_down_days", models.IntegerField(default=90, verbose_name="days of rest after an answer")),
                (
                    "feed_silent_since",
                    models.DateTimeField(blank=True, null=True, verbose_name="usage feed silent since"),
                ),
                ("looked_at", models.DateTimeField(blank=True, null=True, verbose_name="last looked")),
                ("stopped_at", models.DateTimeField(blank=True, null=True, verbose_name="stopped at")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("created_by", models.TextField(verbose_name="created by")),
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
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reclamation_rules",
                        to="seats.seatpool",
                        verbose_name="pool",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reclamation_rules",
                        to="licensing.product",
                        verbose_name="product",
                    ),
                ),
            ],
            options={
                "verbose_name": "reclamation rule",
                "verbose_name_plural": "reclamation rules",
                "db_table": "seats_reclamation_rule",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="RemovalCandidate",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("ready", "Selected"),
                            ("awaiting_user", "Waits for the holder"),
                            ("awaiting_approval", "Waits for a decision"),
                            ("completed", "Taken back"),
                            ("skipped", "Kept"),
                            ("cancelled", "Cancelled"),
                            ("undone", "Given again"),
                        ],
                        default="ready",
                        verbose_name="state",
                    ),
                ),
                (
                    "outcome",
                    models.TextField(
                        blank=True,
                        choices=[
                            ("asked", "The holder was asked"),
                            ("unreachable", "Nobody can be asked by e-mail"),
                            ("keep_wanted", "The holder wants to keep it"),
                            ("given_back", "Given back by the holder"),
                            ("no_answer", "No answer in time"),
                            ("keep_granted", "Keeping it was granted"),
                            ("keep_refused", "Keeping it was refused"),
                            ("no_decision", "Nobody decided in time"),
                            ("used_again", "Used again"),
                            ("seat_released", "The seat ended otherwise"),
                            ("protected", "Exempt by now"),
                            ("rule_stopped", "The rule was stopped"),
                            ("undone", "Given again"),
                        ],
                        verbose_name="last event",
                    ),
                ),
                ("selected_at", models.DateTimeField(verbose_name="selected at")),
                ("last_used_at", models.DateTimeField(blank=True, null=True, verbose_name="last used")),
                ("use_source", models.TextField(blank=True, verbose_name="source of the last use")),
                (
                    "measured_use",
                    models.DecimalField(
                        blank=True, decimal_places=6, max_digits=26, null=True, verbose_name="use in the window"
                    ),
                ),
                ("asked_at", models.DateTimeField(blank=True, null=True, verbose_name="asked at")),
                ("reminders_sent", models.IntegerField(default=0, verbose_name="reminders sent")),
                ("due_at", models.DateTimeField(blank=True, null=True, verbose_name="due at")),
                ("nonce", models.TextField(blank=True, editable=False, verbose_name="mark of the links")),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered at")),
                ("answer_reason", models.TextField(blank=True, verbose_name="reason of the holder")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
                ("decided_by", models.TextField(blank=True, verbose_name="decided by")),
                ("decision_reason", models.TextField(blank=True, verbose_name="reason of the decision")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                (
                    "saving",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True, verbose_name="saving"),
                ),
                ("currency", models.CharField(blank=True, max_length=3, verbose_name="currency")),
                (
                    "assignment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="removal_candidates",
                        to="seats.assignment",
                        verbose_name="assignment",
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
                    "restored",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="restores",
                        to="seats.assignment",
                        verbose_name="seat given again",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="candidates",
                        to="seats.reclamationrule",
                        verbose_name="reclamation rule",
                    ),
                ),
            ],
            options={
                "verbose_name": "removal candidate",
                "verbose_name_plural": "removal candidates",
                "db_table": "seats_removal_candidate",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Exemption",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("reason", models.TextField(verbose_name="reason")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("created_by", models.TextField(verbose_name="created by")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="ends at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("ended_by", models.TextField(blank=True, verbose_name="ended by")),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reclamation_exemptions",
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
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reclamation_exemptions",
                        to="identity.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reclamation_exemptions",
                        to="seats.seatpool",
                        verbose_name="pool",
                    ),
                ),
            ],
            options={
                "verbose_name": "exemption from reclamation",
                "verbose_name_plural": "exemptions from reclamation",
                "db_table": "seats_exemption",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("person__isnull", False),
                                models.Q(("group__isnull", False), _negated=True),
                                models.Q(("pool__isnull", False), _negated=True),
                            ),
                            models.Q(
                                models.Q(("person__isnull", False), _negated=True),
                                ("group__isnull", False),
                                models.Q(("pool__isnull", False), _negated=True),
                            ),
                            models.Q(
                                models.Q(("person__isnull", False), _negated=True),
                                models.Q(("group__isnull", False), _negated=True),
                                ("pool__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="seats_exemption_one_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="seats_exemption_has_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__isnull", True), ("ends_at__gt", models.F("created_at")), _connector="OR"
                        ),
                        name="seats_exemption_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by", "")),
                            models.Q(("ended_at__isnull", False), models.Q(("ended_by", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="seats_exemption_ended_by_somebody",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="reclamationrule",
            constraint=models.UniqueConstraint(fields=("organization", "name"), name="seats_reclamation_rule_name"),
        ),
        migrations.AddConstraint(
            model_name="reclamationrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("pool__isnull", False), models.Q(("product__isnull", False), _negated=True)),
                    models.Q(models.Q(("pool__isnull", False), _negated=True), ("product__isnull", False)),
                    _connector="OR",
                ),
                name="seats_reclamation_rule_one_target",
            ),
        ),
        migrations.AddConstraint(
            model_name="reclamationrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "last_used"), ("use_limit__isnull", True)),
                    models.Q(
                        models.Q(("kind", "last_used"), _negated=True),
                        ("use_limit__gt", 0),
                        ("use_limit__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="seats_reclamation_rule_limit_of_use",
            ),
        ),
        migrations.AddConstraint(
            model_name="reclamationrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cool_down_days__gte", 0),
                    ("decision_days__gte", 1),
                    ("minimum_age_days__gte", 0),
                    ("notice_days__gte", 1),
                    ("window_days__gte", 1),
                ),
                name="seats_reclamation_rule_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="reclamationrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("reminders__gte", 0), ("reminders__lte", 5)),
                name="seats_reclamation_rule_reminders",
            ),
        ),
        migrations.AddIndex(
            model_name="removalcandidate",
            index=models.Index(fields=["organization", "state", "due_at"], name="seats_candidate_due"),
        ),
        migrations.AddIndex(
            model_name="removalcandidate",
            index=models.Index(fields=["organization", "ended_at"], name="seats_candidate_ended"),
        ),
        migrations.AddConstraint(
            model_name="removalcandidate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["awaiting_approval", "awaiting_user", "ready"])),
                fields=("organization", "assignment"),
                name="seats_removal_candidate_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="removalcandidate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("state__in", ["awaiting_approval", "awaiting_user", "ready"]), _negated=True),
                        ("ended_at__isnull", False),
                    ),
                    models.Q(
                        ("state__in", ["awaiting_approval", "awaiting_user", "ready"]), ("ended_at__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="seats_removal_candidate_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="removalcandidate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["awaiting_user", "awaiting_approval"]), ("due_at__isnull", False)),
                    models.Q(
                        models.Q(("state__in", ["awaiting_user", "awaiting_approval"]), _negated=True),
                        ("due_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="seats_removal_candidate_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="removalcandidate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("asked_at__isnull", False), ("state", "awaiting_user"), models.Q(("nonce", ""), _negated=True)
                    ),
                    models.Q(models.Q(("state", "awaiting_user"), _negated=True), ("nonce", "")),
                    _connector="OR",
                ),
                name="seats_removal_candidate_can_answer",
            ),
        ),
        migrations.AddConstraint(
            model_name="removalcandidate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("restored__isnull", False), ("state", "undone")),
                    models.Q(models.Q(("state", "undone"), _negated=True), ("restored__isnull", True)),
                    _connector="OR",
                ),
                name="seats_removal_candidate_restored",
            ),
        ),
        migrations.AddConstraint(
            model_name="removalcandidate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("currency", ""), ("saving__isnull", True)),
                    models.Q(("saving__isnull", False), models.Q(("currency", ""), _negated=True)),
                    _connector="OR",
                ),
                name="seats_removal_candidate_money",
            ),
        ),
        migrations.AddConstraint(
            model_name="removalcandidate",
            constraint=models.CheckConstraint(
                condition=models.Q(("reminders_sent__gte", 0)), name="seats_removal_candidate_reminders"
            ),
        ),
        TenantTable("ReclamationRule"),
        TenantTable("RemovalCandidate", referenced=False),
        TenantTable("Exemption", referenced=False),
        TenantForeignKey("ReclamationRule", "pool"),
        TenantForeignKey("ReclamationRule", "product"),
        TenantForeignKey("RemovalCandidate", "rule"),
        TenantForeignKey("RemovalCandidate", "assignment"),
        TenantForeignKey("RemovalCandidate", "restored"),
        TenantForeignKey("Exemption", "person"),
        TenantForeignKey("Exemption", "group"),
        TenantForeignKey("Exemption", "pool"),
    ]
