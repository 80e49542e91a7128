"""Renewals, pauses, cancellations, dunning, trials and prices of licences; approvals that were used up."""

import django.db.models.deletion
from django.db import migrations, models

import kernel.ids
from kernel.tenancy import TenantForeignKey, TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0011_two_live_secrets_and_counted_refusals"),
        ("licensing", "0004_activations"),
    ]

    operations = [
        migrations.CreateModel(
            name="LicenseRenewal",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("starts_at", models.DateTimeField(verbose_name="starts at")),
                ("ends_at", models.DateTimeField(verbose_name="ends at")),
                ("grace_until", models.DateTimeField(blank=True, null=True, verbose_name="grace until")),
                ("is_automatic", models.BooleanField(default=False, verbose_name="by itself")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                ("recorded_by", models.TextField(verbose_name="recorded by")),
                ("confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="confirmed at")),
                ("confirmed_by", models.TextField(blank=True, verbose_name="confirmed by")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn at")),
                ("withdrawn_by", models.TextField(blank=True, verbose_name="withdrawn by")),
            ],
            options={
                "verbose_name": "renewal",
                "verbose_name_plural": "renewals",
                "db_table": "licensing_license_renewal",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="TrialClaim",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.TextField(
                        choices=[("fingerprint", "Machine"), ("email_domain", "E-mail domain")], verbose_name="kind"
                    ),
                ),
                ("value", models.TextField(verbose_name="value")),
                ("claimed_at", models.DateTimeField(verbose_name="claimed at")),
            ],
            options={
                "verbose_name": "trial use",
                "verbose_name_plural": "trial uses",
                "db_table": "licensing_trial_claim",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="UsedApproval",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("request_id", models.UUIDField(verbose_name="request")),
                ("kind", models.TextField(verbose_name="kind")),
                ("used_at", models.DateTimeField(verbose_name="used at")),
            ],
            options={
                "verbose_name": "used approval",
                "verbose_name_plural": "used approvals",
                "db_table": "licensing_used_approval",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="license",
            name="cancel_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="cancelled as of"),
        ),
        migrations.AddField(
            model_name="license",
            name="cancelled_by",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="cancelled by"),
        ),
        migrations.AddField(
            model_name="license",
            name="cancelled_reason",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="reason for cancellation"),
        ),
        migrations.AddField(
            model_name="license",
            name="converted_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="bought at"),
        ),
        migrations.AddField(
            model_name="license",
            name="dunning_stage",
            field=models.TextField(
                blank=True,
                choices=[("warned", "Warned"), ("restricted", "Without features"), ("suspended", "Suspended")],
                db_default="",
                default="",
                verbose_name="stage of dunning",
            ),
        ),
        migrations.AddField(
            model_name="license",
            name="past_due_by",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="marked past due by"),
        ),
        migrations.AddField(
            model_name="license",
            name="past_due_reason",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="what is past due"),
        ),
        migrations.AddField(
            model_name="license",
            name="past_due_since",
            field=models.DateTimeField(blank=True, null=True, verbose_name="past due since"),
        ),
        migrations.AddField(
            model_name="license",
            name="paused_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="paused at"),
        ),
        migrations.AddField(
            model_name="license",
            name="paused_by",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="paused by"),
        ),
        migrations.AddField(
            model_name="license",
            name="paused_reason",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="reason for the pause"),
        ),
        migrations.AddField(
            model_name="license",
            name="term_anchor",
            field=models.DateTimeField(blank=True, null=True, verbose_name="terms count from"),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="auto_renews",
            field=models.BooleanField(db_default=False, default=False, verbose_name="renews by itself"),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="charge_period",
            field=models.TextField(
                blank=True,
                choices=[("month", "Per month"), ("year", "Per year")],
                db_default="",
                default="",
                verbose_name="billing period",
            ),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="currency",
            field=models.CharField(blank=True, db_default="", default="", max_length=3, verbose_name="currency"),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="dunning_restrict_days",
            field=models.IntegerField(db_default=7, default=7, verbose_name="days past due until features end"),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="dunning_suspend_days",
            field=models.IntegerField(db_default=14, default=14, verbose_name="days past due until suspension"),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="renewal_basis",
            field=models.TextField(
                choices=[
                    ("from_expiry", "The end of the term before"),
                    ("from_now", "The moment of the renewal"),
                    ("from_now_if_expired", "The moment of the renewal, if the term is over"),
                ],
                db_default="from_expiry",
                default="from_expiry",
                verbose_name="a renewal counts from",
            ),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="trial_once",
            field=models.TextField(
                choices=[
                    ("none", "As often as somebody likes"),
                    ("fingerprint", "Once for each machine"),
                    ("email_domain", "Once for each e-mail domain"),
                ],
                db_default="none",
                default="none",
                verbose_name="how often to try",
            ),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="unit_price",
            field=models.DecimalField(
                blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="unit price"
            ),
        ),
        migrations.AddIndex(
            model_name="license",
            index=models.Index(
                condition=models.Q(("past_due_since__isnull", False)),
                fields=["organization", "past_due_since"],
                name="licensing_license_past_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="license",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("paused_at__isnull", True), ("paused_by", ""), ("paused_reason", "")),
                    models.Q(
                        ("paused_at__isnull", False),
                        models.Q(("paused_by", ""), _negated=True),
                        models.Q(("paused_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="licensing_license_paused_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="license",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("paused_at__isnull", True), models.Q(("status", "draft"), _negated=True), _connector="OR"
                ),
                name="licensing_license_paused_after_draft",
            ),
        ),
        migrations.AddConstraint(
            model_name="license",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cancel_at__isnull", True), ("cancelled_by", ""), ("cancelled_reason", "")),
                    models.Q(
                        ("cancel_at__isnull", False),
                        models.Q(("cancelled_by", ""), _negated=True),
                        models.Q(("cancelled_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="licensing_license_cancelled_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="license",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cancel_at__isnull", True),
                    models.Q(("cancel_at", models.F("expires_at")), ("expires_at__isnull", False)),
                    _connector="OR",
                ),
                name="licensing_license_cancelled_at_its_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="license",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("past_due_since__isnull", True),
                        ("past_due_by", ""),
                        ("past_due_reason", ""),
                        ("dunning_stage", ""),
                    ),
                    models.Q(
                        ("past_due_since__isnull", False),
                        models.Q(("past_due_by", ""), _negated=True),
                        models.Q(("past_due_reason", ""), _negated=True),
                        models.Q(("dunning_stage", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="licensing_license_past_due_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="licensetype",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("auto_renews", False),
                    models.Q(
                        models.Q(("model__in", ["perpetual", "trial"]), _negated=True),
                        models.Q(("duration_months__gte", 1), ("duration_days__gte", 1), _connector="OR"),
                    ),
                    _connector="OR",
                ),
                name="licensing_license_type_renews_a_term",
            ),
        ),
        migrations.AddConstraint(
            model_name="licensetype",
            constraint=models.CheckConstraint(
                condition=models.Q(("trial_once", "none"), ("model", "trial"), _connector="OR"),
                name="licensing_license_type_tries_a_trial",
            ),
        ),
        migrations.AddConstraint(
            model_name="licensetype",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("dunning_restrict_days__gte", 0), ("dunning_suspend_days__gte", models.F("dunning_restrict_days"))
                ),
                name="licensing_license_type_dunning_in_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="licensetype",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("charge_period", ""), ("currency", ""), ("unit_price__isnull", True)),
                    models.Q(
                        ("unit_price__gte", 0),
                        ("unit_price__isnull", False),
                        models.Q(("currency", ""), _negated=True),
                        models.Q(("charge_period", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="licensing_license_type_price_is_whole",
            ),
        ),
        migrations.AddField(
            model_name="licenserenewal",
            name="license",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="renewals",
                to="licensing.license",
                verbose_name="licence",
            ),
        ),
        migrations.AddField(
            model_name="licenserenewal",
            name="organization",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.organization",
            ),
        ),
        migrations.AddField(
            model_name="trialclaim",
            name="license",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="trial_claims",
                to="licensing.license",
                verbose_name="licence",
            ),
        ),
        migrations.AddField(
            model_name="trialclaim",
            name="organization",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.organization",
            ),
        ),
        migrations.AddField(
            model_name="trialclaim",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="licensing.product",
                verbose_name="product",
            ),
        ),
        migrations.AddField(
            model_name="usedapproval",
            name="license",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="approvals",
                to="licensing.license",
                verbose_name="licence",
            ),
        ),
        migrations.AddField(
            model_name="usedapproval",
            name="organization",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.organization",
            ),
        ),
        migrations.AddConstraint(
            model_name="licenserenewal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at__isnull", True)),
                fields=("organization", "license", "starts_at"),
                name="licensing_license_renewal_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="licenserenewal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("confirmed_at__isnull", True), ("withdrawn_at__isnull", True)),
                fields=("organization", "license"),
                name="licensing_license_renewal_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="licenserenewal",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="licensing_license_renewal_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="licenserenewal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("grace_until__isnull", True), ("grace_until__gte", models.F("ends_at")), _connector="OR"
                ),
                name="licensing_license_renewal_grace_follows_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="licenserenewal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_at__isnull", True), ("confirmed_by", "")),
                    models.Q(("confirmed_at__isnull", False), models.Q(("confirmed_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="licensing_license_renewal_confirmed_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="licenserenewal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at__isnull", True), ("withdrawn_by", "")),
                    models.Q(("withdrawn_at__isnull", False), models.Q(("withdrawn_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="licensing_license_renewal_withdrawn_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="licenserenewal",
            constraint=models.CheckConstraint(
                condition=models.Q(("confirmed_at__isnull", True), ("withdrawn_at__isnull", True), _connector="OR"),
                name="licensing_license_renewal_decided_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="trialclaim",
            constraint=models.UniqueConstraint(
                fields=("organization", "product", "kind", "value"), name="licensing_trial_claim_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="trialclaim",
            constraint=models.CheckConstraint(
                condition=models.Q(("value", ""), _negated=True), name="licensing_trial_claim_of_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="usedapproval",
            constraint=models.UniqueConstraint(
                fields=("organization", "request_id"), name="licensing_used_approval_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="usedapproval",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", ""), _negated=True), name="licensing_used_approval_of_a_kind"
            ),
        ),
        TenantTable("LicenseRenewal", referenced=False),
        TenantTable("TrialClaim", referenced=False),
        TenantTable("UsedApproval", referenced=False),
        TenantForeignKey("LicenseRenewal", "license"),
        TenantForeignKey("TrialClaim", "license"),
        TenantForeignKey("TrialClaim", "product"),
        TenantForeignKey("UsedApproval", "license"),
    ]
