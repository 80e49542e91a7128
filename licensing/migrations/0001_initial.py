import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import kernel.ids
from kernel.tenancy import TenantForeignKey, TenantTable


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Agreement",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("number", models.TextField(verbose_name="number")),
                ("title", models.TextField(blank=True, verbose_name="title")),
                (
                    "type",
                    models.TextField(
                        choices=[
                            ("enterprise", "Enterprise agreement"),
                            ("subscription", "Subscription"),
                            ("perpetual", "Perpetual licences"),
                            ("maintenance", "Maintenance"),
                            ("other", "Other"),
                        ],
                        default="other",
                        verbose_name="type",
                    ),
                ),
                (
                    "state",
                    models.TextField(
                        choices=[("draft", "Draft"), ("active", "Active"), ("terminated", "Terminated")],
                        default="active",
                        verbose_name="state",
                    ),
                ),
                (
                    "affiliate_scope",
                    models.TextField(
                        choices=[
                            ("organization", "This organisation only"),
                            ("affiliates", "This organisation and its affiliates"),
                        ],
                        default="organization",
                        verbose_name="affiliates covered",
                    ),
                ),
                ("starts_at", models.DateTimeField(verbose_name="starts at")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="ends at")),
                ("notice_days", models.IntegerField(default=0, verbose_name="notice period in days")),
                ("auto_renew", models.BooleanField(default=False, verbose_name="renews automatically")),
                ("true_up_on", models.DateField(blank=True, null=True, verbose_name="true-up on")),
                ("co_terminates_on", models.DateField(blank=True, null=True, verbose_name="co-terminates on")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("document", models.TextField(blank=True, verbose_name="document")),
                (
                    "document_sha256",
                    models.CharField(blank=True, max_length=64, verbose_name="SHA-256 of the document"),
                ),
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
            ],
            options={
                "verbose_name": "agreement",
                "verbose_name_plural": "agreements",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "number"), name="licensing_agreement_number"),
                    models.CheckConstraint(
                        condition=models.Q(("number", ""), _negated=True), name="licensing_agreement_has_number"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__isnull", True), ("ends_at__gte", models.F("starts_at")), _connector="OR"
                        ),
                        name="licensing_agreement_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("notice_days__gte", 0)), name="licensing_agreement_notice_not_negative"
                    ),
                ],
                "indexes": [models.Index(fields=["organization", "ends_at"], name="licensing_agreement_ends")],
            },
        ),
        migrations.CreateModel(
            name="Edition",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("name", models.TextField(verbose_name="name")),
                ("name_lower", models.TextField(editable=False)),
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
            ],
            options={
                "verbose_name": "edition",
                "verbose_name_plural": "editions",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name_lower", ""), _negated=True), name="licensing_edition_has_name"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("number", models.TextField(verbose_name="number")),
                ("kind", models.TextField(verbose_name="kind")),
                ("source", models.TextField(blank=True, verbose_name="source")),
                ("mapping", models.JSONField(default=dict, verbose_name="mapping")),
                ("file_name", models.TextField(verbose_name="file name")),
                ("file_sha256", models.CharField(max_length=64, verbose_name="SHA-256 of the file")),
                ("file_size", models.BigIntegerField(verbose_name="size of the file")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("dry_run", "Examined, nothing written"),
                            ("committing", "Being committed"),
                            ("committed", "Committed"),
                            ("failed", "Failed"),
                        ],
                        default="dry_run",
                        verbose_name="state",
                    ),
                ),
                ("new", models.IntegerField(default=0, verbose_name="new")),
                ("changed", models.IntegerField(default=0, verbose_name="changed")),
                ("same", models.IntegerField(default=0, verbose_name="unchanged")),
                ("errors", models.IntegerField(default=0, verbose_name="errors")),
                ("warnings", models.IntegerField(default=0, verbose_name="warnings")),
                ("job_run_id", models.UUIDField(blank=True, null=True, verbose_name="job run")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("created_by", models.TextField(verbose_name="created by")),
                ("committed_at", models.DateTimeField(blank=True, null=True, verbose_name="committed at")),
                ("committed_by", models.TextField(blank=True, verbose_name="committed by")),
                ("error_code", models.TextField(blank=True, verbose_name="error code")),
                ("error", models.TextField(blank=True, verbose_name="error")),
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
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "db_table": "licensing_import_batch",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "number"), name="licensing_import_batch_number"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "committing")),
                        fields=("organization", "kind", "file_sha256"),
                        name="licensing_import_batch_one_commit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "committed"), ("committed_at__isnull", False)),
                            models.Q(models.Q(("state", "committed"), _negated=True), ("committed_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="licensing_import_batch_committed_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("committed_at__isnull", True), ("committed_by", "")),
                            models.Q(("committed_at__isnull", False), models.Q(("committed_by", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="licensing_import_batch_committed_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "failed"), ("error_code", ""), _connector="OR"),
                        name="licensing_import_batch_error_when_failed",
                    ),
                ],
                "indexes": [
                    models.Index(
                        fields=["organization", "kind", "source", "created_at"], name="licensing_import_source"
                    ),
                    models.Index(fields=["organization", "created_at"], name="licensing_import_created"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("line", models.IntegerField(verbose_name="line")),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("new", "New"),
                            ("changed", "Changed"),
                            ("same", "Same"),
                            ("error", "Error"),
                            ("warning", "Warning"),
                        ],
                        verbose_name="status",
                    ),
                ),
                ("cells", models.JSONField(default=dict, verbose_name="cells")),
                ("diff", models.JSONField(blank=True, default=dict, verbose_name="difference")),
                ("findings", models.JSONField(blank=True, default=list, verbose_name="findings")),
                ("before", models.JSONField(blank=True, null=True, verbose_name="before")),
                ("target_type", models.TextField(blank=True, verbose_name="type of target")),
                ("target_id", models.TextField(blank=True, verbose_name="target ID")),
                ("applied_at", models.DateTimeField(blank=True, null=True, verbose_name="applied at")),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="licensing.importbatch",
                        verbose_name="import",
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
                "verbose_name": "import row",
                "verbose_name_plural": "import rows",
                "db_table": "licensing_import_row",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "batch", "line"), name="licensing_import_row_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("applied_at__isnull", True), models.Q(("status", "error"), _negated=True), _connector="OR"
                        ),
                        name="licensing_import_row_error_not_applied",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["organization", "batch", "status", "line"], name="licensing_import_row_status")
                ],
            },
        ),
        migrations.CreateModel(
            name="Entitlement",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("number", models.TextField(verbose_name="number")),
                (
                    "model",
                    models.TextField(
                        choices=[
                            ("perpetual", "Perpetual"),
                            ("subscription", "Subscription"),
                            ("trial", "Trial"),
                            ("floating", "Floating"),
                            ("node_locked", "Node-locked"),
                            ("site", "Site"),
                        ],
                        verbose_name="model",
                    ),
                ),
                ("unlimited", models.BooleanField(default=False, verbose_name="unlimited")),
                ("quantity", models.IntegerField(blank=True, null=True, verbose_name="quantity")),
                ("rights_per_unit", models.IntegerField(default=1, verbose_name="rights per unit")),
                ("overdraft", models.IntegerField(default=0, verbose_name="overdraft")),
                ("issued", models.IntegerField(default=0, editable=False, verbose_name="issued")),
                ("sublicensed", models.IntegerField(default=0, editable=False, verbose_name="sublicensed")),
                ("starts_at", models.DateTimeField(verbose_name="starts at")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="ends at")),
                ("maintenance_until", models.DateTimeField(blank=True, null=True, verbose_name="maintenance until")),
                ("territory", models.CharField(blank=True, max_length=2, verbose_name="territory")),
                (
                    "state",
                    models.TextField(
                        choices=[("draft", "Draft"), ("active", "Active"), ("revoked", "Revoked")],
                        default="draft",
                        verbose_name="state",
                    ),
                ),
                ("document", models.TextField(blank=True, verbose_name="document")),
                (
                    "document_sha256",
                    models.CharField(blank=True, max_length=64, verbose_name="SHA-256 of the document"),
                ),
                ("evidence_waived_at", models.DateTimeField(blank=True, null=True, verbose_name="evidence waived at")),
                ("evidence_waived_by", models.TextField(blank=True, verbose_name="evidence waived by")),
                ("evidence_waiver", models.TextField(blank=True, verbose_name="reason for the waiver")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked at")),
                ("revoked_by", models.TextField(blank=True, verbose_name="revoked by")),
                ("revoked_reason", models.TextField(blank=True, verbose_name="reason for revocation")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                (
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entitlements",
                        to="licensing.agreement",
                        verbose_name="agreement",
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entitlements",
                        to="licensing.edition",
                        verbose_name="edition",
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
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sublicences",
                        to="licensing.entitlement",
                        verbose_name="parent",
                    ),
                ),
                (
                    "previous",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="renewals",
                        to="licensing.entitlement",
                        verbose_name="previous",
                    ),
                ),
                (
                    "import_row",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entitlements",
                        to="licensing.importrow",
                        verbose_name="import row",
                    ),
                ),
            ],
            options={
                "verbose_name": "entitlement",
                "verbose_name_plural": "entitlements",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "number"), name="licensing_entitlement_number"),
                    models.UniqueConstraint(
                        fields=("organization", "previous"), name="licensing_entitlement_renewed_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("quantity__isnull", True), ("unlimited", True)),
                            models.Q(("quantity__gte", 1), ("quantity__isnull", False), ("unlimited", False)),
                            _connector="OR",
                        ),
                        name="licensing_entitlement_quantity_unless_unlimited",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("overdraft__gte", 0), ("rights_per_unit__gte", 1)),
                        name="licensing_entitlement_counts_upwards",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("issued__gte", 0),
                            models.Q(
                                ("unlimited", True),
                                (
                                    "issued__lte",
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("quantity"), "*", models.F("rights_per_unit")
                                        ),
                                        "+",
                                        models.F("overdraft"),
                                    ),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="licensing_entitlement_issued_within_rights",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sublicensed__gte", 0),
                            models.Q(
                                ("unlimited", True),
                                (
                                    "sublicensed__lte",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("quantity"), "*", models.F("rights_per_unit")
                                    ),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="licensing_entitlement_sublicensed_within_rights",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__isnull", True), ("ends_at__gt", models.F("starts_at")), _connector="OR"
                        ),
                        name="licensing_entitlement_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ends_at__isnull", True), ("model", "perpetual")),
                            models.Q(("model", "perpetual"), _negated=True),
                            _connector="OR",
                        ),
                        name="licensing_entitlement_perpetual_has_no_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("parent", models.F("id")), _negated=True),
                            models.Q(("previous", models.F("id")), _negated=True),
                        ),
                        name="licensing_entitlement_not_own_ancestor",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("evidence_waived_at__isnull", True),
                                ("evidence_waived_by", ""),
                                ("evidence_waiver", ""),
                            ),
                            models.Q(
                                ("evidence_waived_at__isnull", False),
                                models.Q(("evidence_waived_by", ""), _negated=True),
                                models.Q(("evidence_waiver", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="licensing_entitlement_waived_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("state", "revoked"), ("revoked_at__isnull", False)),
                                models.Q(models.Q(("state", "revoked"), _negated=True), ("revoked_at__isnull", True)),
                                _connector="OR",
                            ),
                            models.Q(
                                models.Q(("revoked_at__isnull", True), ("revoked_by", ""), ("revoked_reason", "")),
                                models.Q(
                                    ("revoked_at__isnull", False),
                                    models.Q(("revoked_by", ""), _negated=True),
                                    models.Q(("revoked_reason", ""), _negated=True),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="licensing_entitlement_revoked_by_somebody",
                    ),
                ],
                "indexes": [models.Index(fields=["organization", "ends_at"], name="licensing_ent_ends")],
            },
        ),
        migrations.CreateModel(
            name="License",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("number", models.TextField(verbose_name="number")),
                (
                    "model",
                    models.TextField(
                        choices=[("perpetual", "Perpetual"), ("subscription", "Subscription"), ("trial", "Trial")],
                        verbose_name="model",
                    ),
                ),
                ("quantity", models.IntegerField(default=1, verbose_name="quantity")),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("draft", "Draft"),
                            ("active", "Active"),
                            ("suspended", "Suspended"),
                            ("revoked", "Revoked"),
                        ],
                        default="draft",
                        verbose_name="status",
                    ),
                ),
                ("valid_from", models.DateTimeField(blank=True, null=True, verbose_name="valid from")),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="expires at")),
                ("grace_until", models.DateTimeField(blank=True, null=True, verbose_name="grace until")),
                ("maintenance_until", models.DateTimeField(blank=True, null=True, verbose_name="maintenance until")),
                ("version_range", models.TextField(blank=True, verbose_name="version range")),
                ("territories", models.JSONField(blank=True, null=True, verbose_name="territories")),
                ("features", models.JSONField(blank=True, default=list, verbose_name="features")),
                ("limits", models.JSONField(blank=True, default=dict, verbose_name="limits")),
                ("sequence", models.IntegerField(default=1, verbose_name="sequence")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("first_validated_at", models.DateTimeField(blank=True, null=True, verbose_name="first validated at")),
                ("first_activated_at", models.DateTimeField(blank=True, null=True, verbose_name="first activated at")),
                ("suspended_at", models.DateTimeField(blank=True, null=True, verbose_name="suspended at")),
                ("suspended_by", models.TextField(blank=True, verbose_name="suspended by")),
                ("suspended_reason", models.TextField(blank=True, verbose_name="reason for suspension")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked at")),
                ("revoked_by", models.TextField(blank=True, verbose_name="revoked by")),
                ("revoked_reason", models.TextField(blank=True, verbose_name="reason for revocation")),
                (
                    "edition",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="licenses",
                        to="licensing.edition",
                        verbose_name="edition",
                    ),
                ),
                (
                    "entitlement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="licenses",
                        to="licensing.entitlement",
                        verbose_name="entitlement",
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
                "verbose_name": "licence",
                "verbose_name_plural": "licences",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "number"), name="licensing_license_number"),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gte", 1)), name="licensing_license_for_somebody"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sequence__gte", 1)), name="licensing_license_sequence_from_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("expires_at__isnull", True), ("model", "perpetual")),
                            models.Q(("model", "perpetual"), _negated=True),
                            _connector="OR",
                        ),
                        name="licensing_license_perpetual_has_no_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_at__isnull", True), ("expires_at__gte", models.F("valid_from")), _connector="OR"
                        ),
                        name="licensing_license_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("grace_until__isnull", True),
                            models.Q(("expires_at__isnull", False), ("grace_until__gte", models.F("expires_at"))),
                            _connector="OR",
                        ),
                        name="licensing_license_grace_follows_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("status", "revoked"), ("revoked_at__isnull", False)),
                                models.Q(models.Q(("status", "revoked"), _negated=True), ("revoked_at__isnull", True)),
                                _connector="OR",
                            ),
                            models.Q(
                                models.Q(("revoked_at__isnull", True), ("revoked_by", ""), ("revoked_reason", "")),
                                models.Q(
                                    ("revoked_at__isnull", False),
                                    models.Q(("revoked_by", ""), _negated=True),
                                    models.Q(("revoked_reason", ""), _negated=True),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="licensing_license_revoked_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("suspended_at__isnull", False),
                                models.Q(("status", "suspended"), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                models.Q(
                                    ("suspended_at__isnull", True), ("suspended_by", ""), ("suspended_reason", "")
                                ),
                                models.Q(
                                    ("suspended_at__isnull", False),
                                    models.Q(("suspended_by", ""), _negated=True),
                                    models.Q(("suspended_reason", ""), _negated=True),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="licensing_license_suspended_by_somebody",
                    ),
                ],
                "indexes": [models.Index(fields=["organization", "expires_at"], name="licensing_license_expires")],
            },
        ),
        migrations.CreateModel(
            name="LicenseKey",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("digest", models.BinaryField(max_length=32)),
                ("prefix", models.CharField(max_length=6, verbose_name="beginning of the key")),
                ("pepper_version", models.IntegerField()),
                ("ciphertext", models.BinaryField(null=True)),
                ("issued_at", models.DateTimeField(verbose_name="issued at")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked at")),
                ("revoked_by", models.TextField(blank=True, verbose_name="revoked by")),
                (
                    "entitlement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="keys",
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
                        related_name="keys",
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
            ],
            options={
                "verbose_name": "licence key",
                "verbose_name_plural": "licence keys",
                "db_table": "licensing_license_key",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "digest"), name="licensing_license_key_digest"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("license__isnull", False), models.Q(("entitlement__isnull", False), _negated=True)
                            ),
                            models.Q(
                                models.Q(("license__isnull", False), _negated=True), ("entitlement__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="licensing_license_key_one_right",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ciphertext__isnull", True), ("license__isnull", False)),
                            models.Q(("ciphertext__isnull", False), ("license__isnull", True)),
                            _connector="OR",
                        ),
                        name="licensing_license_key_issued_is_not_stored",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("pepper_version__gte", 1)), name="licensing_license_key_has_pepper"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("revoked_at__isnull", True), ("revoked_by", "")),
                            models.Q(("revoked_at__isnull", False), models.Q(("revoked_by", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="licensing_license_key_revoked_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LicenseType",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("code", models.TextField(verbose_name="code")),
                ("version", models.IntegerField(default=1, verbose_name="version")),
                ("name", models.TextField(verbose_name="name")),
                (
                    "model",
                    models.TextField(
                        choices=[("perpetual", "Perpetual"), ("subscription", "Subscription"), ("trial", "Trial")],
                        verbose_name="model",
                    ),
                ),
                ("duration_months", models.IntegerField(default=0, verbose_name="duration in months")),
                ("duration_days", models.IntegerField(default=0, verbose_name="duration in days")),
                ("grace_days", models.IntegerField(default=0, verbose_name="grace period in days")),
                ("notice_days", models.IntegerField(default=30, verbose_name="notice period in days")),
                (
                    "expiry_strategy",
                    models.TextField(
                        choices=[
                            ("restrict", "Invalid; earlier releases stay available"),
                            ("revoke", "Invalid; no release is available"),
                            ("maintain", "Stays valid for earlier releases"),
                            ("allow", "Stays valid for every release"),
                        ],
                        default="restrict",
                        verbose_name="expiry strategy",
                    ),
                ),
                (
                    "expiry_basis",
                    models.TextField(
                        choices=[
                            ("creation", "Creation of the licence"),
                            ("first_validation", "First validation"),
                            ("first_activation", "First activation"),
                        ],
                        default="creation",
                        verbose_name="expiry basis",
                    ),
                ),
                ("features", models.JSONField(blank=True, default=list, verbose_name="features")),
                ("limits", models.JSONField(blank=True, default=dict, verbose_name="limits")),
                ("territories", models.JSONField(blank=True, null=True, verbose_name="territories")),
                ("version_range", models.TextField(blank=True, verbose_name="version range")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("superseded_at", models.DateTimeField(blank=True, null=True, verbose_name="superseded at")),
                (
                    "converts_to",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trials",
                        to="licensing.licensetype",
                        verbose_name="converts to",
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="license_types",
                        to="licensing.edition",
                        verbose_name="edition",
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
                "verbose_name": "licence type",
                "verbose_name_plural": "licence types",
                "db_table": "licensing_license_type",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "code", "version"), name="licensing_license_type_version"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at__isnull", True)),
                        fields=("organization", "code"),
                        name="licensing_license_type_current",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("duration_days__gte", 0),
                            ("duration_months__gte", 0),
                            ("grace_days__gte", 0),
                            ("notice_days__gte", 0),
                            ("version__gte", 1),
                        ),
                        name="licensing_license_type_counts_upwards",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("duration_days", 0), ("duration_months", 0), ("model", "perpetual")),
                            models.Q(
                                models.Q(("model", "perpetual"), _negated=True),
                                models.Q(("duration_months__gte", 1), ("duration_days__gte", 1), _connector="OR"),
                            ),
                            _connector="OR",
                        ),
                        name="licensing_license_type_term_unless_perpetual",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("converts_to__isnull", True),
                            models.Q(("model", "trial"), models.Q(("converts_to", models.F("id")), _negated=True)),
                            _connector="OR",
                        ),
                        name="licensing_license_type_trial_converts",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="license",
            name="license_type",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="licenses",
                to="licensing.licensetype",
                verbose_name="licence type",
            ),
        ),
        migrations.CreateModel(
            name="Metric",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("code", models.TextField(verbose_name="code")),
                ("version", models.IntegerField(default=1, verbose_name="version")),
                ("name", models.TextField(verbose_name="name")),
                (
                    "subject",
                    models.TextField(
                        choices=[
                            ("person", "Person"),
                            ("device", "Device"),
                            ("session", "Session at the same time"),
                            ("core", "Processor core"),
                            ("unit", "Unit of use"),
                            ("site", "Site"),
                        ],
                        verbose_name="what is counted",
                    ),
                ),
                (
                    "function",
                    models.TextField(
                        choices=[
                            ("count", "Count"),
                            ("distinct", "Count without repetition"),
                            ("peak", "Peak"),
                            ("sum", "Sum"),
                            ("per_core", "Cores with minimums and packs"),
                            ("tiered", "Tiers"),
                        ],
                        default="distinct",
                        verbose_name="way of counting",
                    ),
                ),
                ("parameters", models.JSONField(blank=True, default=dict, verbose_name="parameters")),
                (
                    "rounding",
                    models.TextField(
                        choices=[("up", "Up to whole units"), ("nearest", "To the nearest whole unit, half up")],
                        default="up",
                        verbose_name="rounding",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("superseded_at", models.DateTimeField(blank=True, null=True, verbose_name="superseded at")),
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
                "verbose_name": "metric",
                "verbose_name_plural": "metrics",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "code", "version"), name="licensing_metric_version"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at__isnull", True)),
                        fields=("organization", "code"),
                        name="licensing_metric_current",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("version__gte", 1)), name="licensing_metric_version_from_one"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="entitlement",
            name="metric",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entitlements",
                to="licensing.metric",
                verbose_name="metric",
            ),
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("licensor", "Grants licences"),
                            ("licensee", "Receives licences"),
                            ("reseller", "Resells licences"),
                            ("affiliate", "Belongs to the same group"),
                        ],
                        verbose_name="kind",
                    ),
                ),
                ("name", models.TextField(verbose_name="name")),
                ("name_lower", models.TextField(editable=False)),
                ("email", models.TextField(blank=True, verbose_name="e-mail address")),
                ("territory", models.CharField(blank=True, max_length=2, verbose_name="territory")),
                ("barred_at", models.DateTimeField(blank=True, null=True, verbose_name="barred at")),
                ("barred_by", models.TextField(blank=True, verbose_name="barred by")),
                ("barred_reason", models.TextField(blank=True, verbose_name="reason for barring")),
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
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="licensing.party",
                        verbose_name="parent",
                    ),
                ),
            ],
            options={
                "verbose_name": "party",
                "verbose_name_plural": "parties",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "kind", "name_lower"), name="licensing_party_name"),
                    models.CheckConstraint(
                        condition=models.Q(("name_lower", ""), _negated=True), name="licensing_party_has_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("parent", models.F("id")), _negated=True),
                        name="licensing_party_not_own_parent",
                        violation_error_message="A party does not belong to itself; choose another one above it, or none.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("barred_at__isnull", True), ("barred_by", ""), ("barred_reason", "")),
                            models.Q(
                                ("barred_at__isnull", False),
                                models.Q(("barred_by", ""), _negated=True),
                                models.Q(("barred_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="licensing_party_barred_by_somebody",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="license",
            name="licensee",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="licenses",
                to="licensing.party",
                verbose_name="licensee",
            ),
        ),
        migrations.AddField(
            model_name="entitlement",
            name="licensee",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="received_entitlements",
                to="licensing.party",
                verbose_name="licensee",
            ),
        ),
        migrations.AddField(
            model_name="entitlement",
            name="licensor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="granted_entitlements",
                to="licensing.party",
                verbose_name="licensor",
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="licensee",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="received_agreements",
                to="licensing.party",
                verbose_name="licensee",
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="licensor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="granted_agreements",
                to="licensing.party",
                verbose_name="licensor",
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="reseller",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="resold_agreements",
                to="licensing.party",
                verbose_name="reseller",
            ),
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("name", models.TextField(verbose_name="name")),
                ("name_lower", models.TextField(editable=False)),
                ("code", models.TextField(blank=True, verbose_name="code")),
                ("unspsc", models.CharField(blank=True, max_length=8, verbose_name="UNSPSC class")),
                ("swid_tag_id", models.TextField(blank=True, verbose_name="SWID tag ID")),
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
            ],
            options={
                "verbose_name": "product",
                "verbose_name_plural": "products",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("code", ""), _negated=True),
                        fields=("organization", "code"),
                        name="licensing_product_code",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name_lower", ""), _negated=True), name="licensing_product_has_name"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ObservedUse",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("external_subject", models.TextField(blank=True, verbose_name="external subject")),
                ("external_subject_lower", models.TextField(blank=True, editable=False)),
                ("quantity", models.IntegerField(default=1, verbose_name="quantity")),
                ("since", models.DateTimeField(verbose_name="since")),
                ("last_used_at", models.DateTimeField(blank=True, null=True, verbose_name="last used at")),
                ("source", models.TextField(verbose_name="source")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                (
                    "batch",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="observed_use",
                        to="licensing.importbatch",
                        verbose_name="import",
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="observed_use",
                        to="identity.device",
                        verbose_name="device",
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="observed_use",
                        to="licensing.edition",
                        verbose_name="edition",
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
                        related_name="observed_use",
                        to="identity.person",
                        verbose_name="person",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="observed_use",
                        to="licensing.product",
                        verbose_name="product",
                    ),
                ),
            ],
            options={
                "verbose_name": "observed use",
                "verbose_name_plural": "observed uses",
                "db_table": "licensing_observed_use",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("person__isnull", False),
                                models.Q(("device__isnull", False), _negated=True),
                                ("external_subject_lower", ""),
                            ),
                            models.Q(
                                models.Q(("person__isnull", False), _negated=True),
                                ("device__isnull", False),
                                ("external_subject_lower", ""),
                            ),
                            models.Q(
                                models.Q(("person__isnull", False), _negated=True),
                                models.Q(("device__isnull", False), _negated=True),
                                models.Q(("external_subject_lower", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="licensing_observed_use_one_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gte", 1)), name="licensing_observed_use_of_something"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True), ("person__isnull", False), ("edition__isnull", False)
                        ),
                        fields=("organization", "product", "person", "edition"),
                        name="licensing_observed_use_person",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True), ("person__isnull", False), ("edition__isnull", True)
                        ),
                        fields=("organization", "product", "person"),
                        name="licensing_observed_use_person_no_edition",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("device__isnull", False), ("ended_at__isnull", True), ("edition__isnull", False)
                        ),
                        fields=("organization", "product", "device", "edition"),
                        name="licensing_observed_use_device",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("device__isnull", False), ("ended_at__isnull", True), ("edition__isnull", True)
                        ),
                        fields=("organization", "product", "device"),
                        name="licensing_observed_use_device_no_edition",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True),
                            models.Q(("external_subject_lower", ""), _negated=True),
                            ("edition__isnull", False),
                        ),
                        fields=("organization", "product", "external_subject_lower", "edition"),
                        name="licensing_observed_use_external",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True),
                            models.Q(("external_subject_lower", ""), _negated=True),
                            ("edition__isnull", True),
                        ),
                        fields=("organization", "product", "external_subject_lower"),
                        name="licensing_observed_use_external_no_edition",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="licensetype",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="license_types",
                to="licensing.product",
                verbose_name="product",
            ),
        ),
        migrations.AddField(
            model_name="license",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="licenses",
                to="licensing.product",
                verbose_name="product",
            ),
        ),
        migrations.AddField(
            model_name="entitlement",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entitlements",
                to="licensing.product",
                verbose_name="product",
            ),
        ),
        migrations.AddField(
            model_name="edition",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="editions",
                to="licensing.product",
                verbose_name="product",
            ),
        ),
        migrations.CreateModel(
            name="ProductAlias",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("alias", models.TextField(verbose_name="alias")),
                ("alias_normalised", models.TextField(editable=False)),
                ("source", models.TextField(blank=True, verbose_name="source")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                (
                    "edition",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="aliases",
                        to="licensing.edition",
                        verbose_name="edition",
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
                        related_name="aliases",
                        to="licensing.product",
                        verbose_name="product",
                    ),
                ),
            ],
            options={
                "verbose_name": "product alias",
                "verbose_name_plural": "product aliases",
                "db_table": "licensing_product_alias",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "alias_normalised"), name="licensing_product_alias_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("alias_normalised", ""), _negated=True),
                        name="licensing_product_alias_not_empty",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Publisher",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("name", models.TextField(verbose_name="name")),
                ("name_lower", models.TextField(editable=False)),
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
            ],
            options={
                "verbose_name": "publisher",
                "verbose_name_plural": "publishers",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "name_lower"), name="licensing_publisher_name"),
                    models.CheckConstraint(
                        condition=models.Q(("name_lower", ""), _negated=True), name="licensing_publisher_has_name"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="product",
            name="publisher",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="products",
                to="licensing.publisher",
                verbose_name="publisher",
            ),
        ),
        migrations.CreateModel(
            name="Purchase",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("order_number", models.TextField(blank=True, verbose_name="order number")),
                ("invoice_number", models.TextField(blank=True, verbose_name="invoice number")),
                ("ordered_on", models.DateField(blank=True, null=True, verbose_name="ordered on")),
                ("invoiced_on", models.DateField(blank=True, null=True, verbose_name="invoiced on")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                (
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="purchases",
                        to="licensing.agreement",
                        verbose_name="agreement",
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
                    "supplier",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="purchases",
                        to="licensing.party",
                        verbose_name="supplier",
                    ),
                ),
            ],
            options={
                "verbose_name": "purchase",
                "verbose_name_plural": "purchases",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("supplier__isnull", False)),
                        fields=("organization", "order_number", "invoice_number", "supplier"),
                        name="licensing_purchase_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("supplier__isnull", True)),
                        fields=("organization", "order_number", "invoice_number"),
                        name="licensing_purchase_once_no_supplier",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("order_number", ""), _negated=True),
                            models.Q(("invoice_number", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="licensing_purchase_has_number",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PurchaseLine",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("position", models.IntegerField(verbose_name="position")),
                ("sku", models.TextField(blank=True, verbose_name="SKU")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                ("quantity", models.IntegerField(verbose_name="quantity")),
                ("rights_per_unit", models.IntegerField(default=1, verbose_name="rights per unit")),
                ("unit_price", models.DecimalField(decimal_places=4, max_digits=18, verbose_name="unit price")),
                ("line_total", models.DecimalField(decimal_places=2, max_digits=18, verbose_name="line total")),
                (
                    "billing_period",
                    models.TextField(
                        choices=[
                            ("once", "Once"),
                            ("monthly", "Each month"),
                            ("quarterly", "Each quarter"),
                            ("yearly", "Each year"),
                        ],
                        default="once",
                        verbose_name="billing period",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                (
                    "cost_centre",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="purchase_lines",
                        to="identity.orgunit",
                        verbose_name="cost centre",
                    ),
                ),
                (
                    "edition",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="purchase_lines",
                        to="licensing.edition",
                        verbose_name="edition",
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
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="purchase_lines",
                        to="licensing.product",
                        verbose_name="product",
                    ),
                ),
                (
                    "purchase",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="licensing.purchase",
                        verbose_name="purchase",
                    ),
                ),
            ],
            options={
                "verbose_name": "purchase line",
                "verbose_name_plural": "purchase lines",
                "db_table": "licensing_purchase_line",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "purchase", "position"), name="licensing_purchase_line_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gte", 1), ("rights_per_unit__gte", 1)),
                        name="licensing_purchase_line_buys_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("line_total__gte", 0), ("unit_price__gte", 0)),
                        name="licensing_purchase_line_not_negative",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="entitlement",
            name="purchase_line",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entitlements",
                to="licensing.purchaseline",
                verbose_name="purchase line",
            ),
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("version", models.TextField(verbose_name="version")),
                (
                    "channel",
                    models.TextField(
                        choices=[
                            ("stable", "Stable"),
                            ("rc", "Release candidate"),
                            ("beta", "Beta"),
                            ("alpha", "Alpha"),
                        ],
                        default="stable",
                        verbose_name="channel",
                    ),
                ),
                (
                    "status",
                    models.TextField(
                        choices=[("draft", "Draft"), ("published", "Published"), ("yanked", "Yanked")],
                        default="draft",
                        verbose_name="status",
                    ),
                ),
                ("released_at", models.DateTimeField(blank=True, null=True, verbose_name="released at")),
                ("yanked_at", models.DateTimeField(blank=True, null=True, verbose_name="yanked at")),
                ("yanked_by", models.TextField(blank=True, verbose_name="yanked by")),
                ("yanked_reason", models.TextField(blank=True, verbose_name="reason for yanking")),
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
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="releases",
                        to="licensing.product",
                        verbose_name="product",
                    ),
                ),
            ],
            options={
                "verbose_name": "release",
                "verbose_name_plural": "releases",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "product", "version"), name="licensing_release_version"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("released_at__isnull", True), ("status", "draft")),
                            models.Q(models.Q(("status", "draft"), _negated=True), ("released_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="licensing_release_published_has_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("status", "yanked"), ("yanked_at__isnull", False)),
                                models.Q(models.Q(("status", "yanked"), _negated=True), ("yanked_at__isnull", True)),
                                _connector="OR",
                            ),
                            models.Q(
                                models.Q(("yanked_at__isnull", True), ("yanked_by", ""), ("yanked_reason", "")),
                                models.Q(
                                    ("yanked_at__isnull", False),
                                    models.Q(("yanked_by", ""), _negated=True),
                                    models.Q(("yanked_reason", ""), _negated=True),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="licensing_release_yanked_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("kid", models.TextField(verbose_name="key ID")),
                ("public", models.BinaryField(max_length=32)),
                ("sealed_private", models.BinaryField()),
                (
                    "status",
                    models.TextField(
                        choices=[
                            ("active", "Signs and verifies"),
                            ("retiring", "Verifies what it signed"),
                            ("revoked", "Verifies nothing"),
                        ],
                        default="active",
                        verbose_name="status",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("retired_at", models.DateTimeField(blank=True, null=True, verbose_name="retired at")),
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
                "verbose_name": "signing key",
                "verbose_name_plural": "signing keys",
                "db_table": "licensing_signing_key",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "kid"), name="licensing_signing_key_kid"),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "active")),
                        fields=("organization",),
                        name="licensing_signing_key_one_active",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("retired_at__isnull", True), ("status", "active")),
                            models.Q(models.Q(("status", "active"), _negated=True), ("retired_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="licensing_signing_key_retired_has_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Certificate",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("jti", models.UUIDField(verbose_name="certificate ID")),
                ("kind", models.TextField(choices=[("license", "Licence")], default="license", verbose_name="kind")),
                ("sequence", models.IntegerField(verbose_name="sequence")),
                ("token_digest", models.BinaryField(max_length=32)),
                ("issued_at", models.DateTimeField(verbose_name="issued at")),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="expires at")),
                ("returned_at", models.DateTimeField(blank=True, null=True, verbose_name="returned at")),
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
                    "license",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to="licensing.license",
                        verbose_name="licence",
                    ),
                ),
                (
                    "signing_key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to="licensing.signingkey",
                        verbose_name="signing key",
                    ),
                ),
            ],
            options={
                "verbose_name": "licence certificate",
                "verbose_name_plural": "licence certificates",
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "jti"), name="licensing_certificate_jti"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_at__isnull", True), ("expires_at__gt", models.F("issued_at")), _connector="OR"
                        ),
                        name="licensing_certificate_in_order",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["organization", "license", "issued_at"], name="licensing_certificate_issued")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="license",
            index=models.Index(fields=["organization", "licensee", "product"], name="licensing_license_licensee"),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.UniqueConstraint(
                fields=("organization", "product", "name_lower"), name="licensing_edition_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.UniqueConstraint(
                fields=("organization", "publisher", "name_lower"), name="licensing_product_name"
            ),
        ),
        migrations.AddIndex(
            model_name="entitlement",
            index=models.Index(fields=["organization", "product", "state", "ends_at"], name="licensing_ent_rights"),
        ),
        migrations.AddConstraint(
            model_name="entitlement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "active"), _negated=True),
                    models.Q(("document", ""), _negated=True),
                    ("purchase_line__isnull", False),
                    ("import_row__isnull", False),
                    ("evidence_waived_at__isnull", False),
                    _connector="OR",
                ),
                name="licensing_entitlement_active_has_evidence",
            ),
        ),
        TenantTable("Agreement"),
        TenantTable("Edition"),
        TenantTable("ImportBatch"),
        TenantTable("ImportRow"),
        TenantTable("Entitlement"),
        TenantTable("License"),
        TenantTable("LicenseKey"),
        TenantTable("LicenseType"),
        TenantTable("Metric"),
        TenantTable("Party"),
        TenantTable("Product"),
        TenantTable("ObservedUse"),
        TenantTable("ProductAlias"),
        TenantTable("Publisher"),
        TenantTable("Purchase"),
        TenantTable("PurchaseLine"),
        TenantTable("Release"),
        TenantTable("SigningKey"),
        TenantTable("Certificate"),
        TenantForeignKey("Agreement", "licensor"),
        TenantForeignKey("Agreement", "licensee"),
        TenantForeignKey("Agreement", "reseller"),
        TenantForeignKey("Edition", "product"),
        TenantForeignKey("ImportRow", "batch"),
        TenantForeignKey("Entitlement", "licensor"),
        TenantForeignKey("Entitlement", "licensee"),
        TenantForeignKey("Entitlement", "agreement"),
        TenantForeignKey("Entitlement", "product"),
        TenantForeignKey("Entitlement", "edition"),
        TenantForeignKey("Entitlement", "metric"),
        TenantForeignKey("Entitlement", "parent"),
        TenantForeignKey("Entitlement", "previous"),
        TenantForeignKey("Entitlement", "purchase_line"),
        TenantForeignKey("Entitlement", "import_row"),
        TenantForeignKey("License", "license_type"),
        TenantForeignKey("License", "entitlement"),
        TenantForeignKey("License", "licensee"),
        TenantForeignKey("License", "product"),
        TenantForeignKey("License", "edition"),
        TenantForeignKey("LicenseKey", "license"),
        TenantForeignKey("LicenseKey", "entitlement"),
        TenantForeignKey("LicenseType", "product"),
        TenantForeignKey("LicenseType", "edition"),
        TenantForeignKey("LicenseType", "converts_to"),
        TenantForeignKey("Party", "parent"),
        TenantForeignKey("Product", "publisher"),
        TenantForeignKey("ObservedUse", "person"),
        TenantForeignKey("ObservedUse", "device"),
        TenantForeignKey("ObservedUse", "product"),
        TenantForeignKey("ObservedUse", "edition"),
        TenantForeignKey("ObservedUse", "batch"),
        TenantForeignKey("ProductAlias", "product"),
        TenantForeignKey("ProductAlias", "edition"),
        TenantForeignKey("Purchase", "supplier"),
        TenantForeignKey("Purchase", "agreement"),
        TenantForeignKey("PurchaseLine", "purchase"),
        TenantForeignKey("PurchaseLine", "product"),
        TenantForeignKey("PurchaseLine", "edition"),
        TenantForeignKey("PurchaseLine", "cost_centre"),
        TenantForeignKey("Release", "product"),
        TenantForeignKey("Certificate", "license"),
        TenantForeignKey("Certificate", "signing_key"),
    ]
