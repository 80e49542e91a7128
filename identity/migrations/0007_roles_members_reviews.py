"""Invitations, reviews of access, merges of people, units with approvers, and where a role may stand."""

from typing import Any

import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import kernel.ids
from identity.protection import DROP_POSTGRES, POSTGRES
from kernel.tenancy import TenantForeignKey, TenantTable


def install(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in POSTGRES:
            schema_editor.execute(statement, params=None)


def remove(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in DROP_POSTGRES:
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0006_sign_in_security"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessReview",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("name", models.TextField(verbose_name="name")),
                ("roles", models.JSONField(default=list, verbose_name="roles in scope")),
                (
                    "reviewer_rule",
                    models.TextField(
                        choices=[
                            ("role", "Holders of a role"),
                            ("manager", "The manager of each person"),
                            ("named", "Named colleagues"),
                        ],
                        verbose_name="reviewers",
                    ),
                ),
                ("due_at", models.DateTimeField(verbose_name="due at")),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("started_by", models.TextField(verbose_name="started by")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed at")),
                ("closed_by", models.TextField(blank=True, verbose_name="closed by")),
            ],
            options={
                "verbose_name": "access review",
                "verbose_name_plural": "access reviews",
                "db_table": "identity_access_review",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="AccessReviewItem",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("roles", models.JSONField(default=list, verbose_name="roles")),
                (
                    "decision",
                    models.TextField(
                        blank=True,
                        choices=[("keep", "Keep"), ("change", "Take roles away"), ("revoke", "End the membership")],
                        verbose_name="decision",
                    ),
                ),
                ("kept_roles", models.JSONField(blank=True, default=list, verbose_name="roles kept")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
                ("decided_by", models.TextField(blank=True, verbose_name="decided by")),
            ],
            options={
                "verbose_name": "question of an access review",
                "verbose_name_plural": "questions of access reviews",
                "db_table": "identity_access_review_item",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                ("email_lower", models.CharField(editable=False, max_length=254)),
                ("roles", models.JSONField(default=list, verbose_name="roles")),
                ("party_id", models.UUIDField(blank=True, null=True, verbose_name="business partner")),
                ("digest", models.BinaryField(max_length=32)),
                ("invited_at", models.DateTimeField(verbose_name="invited at")),
                ("invited_by", models.TextField(verbose_name="invited by")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("accepted_at", models.DateTimeField(blank=True, null=True, verbose_name="accepted at")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn at")),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="PersonMerge",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("moved", models.JSONField(default=dict, verbose_name="moved")),
                ("reason", models.TextField(verbose_name="reason")),
                ("merged_at", models.DateTimeField(verbose_name="merged at")),
                ("merged_by", models.TextField(verbose_name="merged by")),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="undone at")),
                ("undone_by", models.TextField(blank=True, verbose_name="undone by")),
            ],
            options={
                "verbose_name": "merge of people",
                "verbose_name_plural": "merges of people",
                "db_table": "identity_person_merge",
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="membership",
            name="party_id",
            field=models.UUIDField(blank=True, null=True, verbose_name="business partner"),
        ),
        migrations.AddField(
            model_name="orgunit",
            name="approver",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="units_to_approve_for",
                to="identity.person",
                verbose_name="approver",
            ),
        ),
        migrations.AddField(
            model_name="orgunit",
            name="finance_owner",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="units_to_pay_for",
                to="identity.person",
                verbose_name="finance owner",
            ),
        ),
        migrations.AddField(
            model_name="orgunit",
            name="kind",
            field=models.TextField(
                choices=[("department", "Department"), ("cost_centre", "Cost centre")],
                default="department",
                verbose_name="kind",
            ),
        ),
        migrations.AddField(
            model_name="person",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="identity.person",
                verbose_name="merged into",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("party_id__isnull", False),
                    models.Q(
                        django.db.models.lookups.Contains(
                            django.db.models.functions.comparison.Cast("roles", models.TextField()),
                            models.Value('"customer"'),
                        ),
                        _negated=True,
                    ),
                    _connector="OR",
                ),
                name="identity_membership_customer_has_party",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into__isnull", True),
                    models.Q(("active", False), models.Q(("merged_into", models.F("id")), _negated=True)),
                    _connector="OR",
                ),
                name="identity_person_merged_is_inactive",
            ),
        ),
        migrations.AddField(
            model_name="accessreview",
            name="organization",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.organization",
            ),
        ),
        migrations.AddField(
            model_name="accessreviewitem",
            name="membership",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reviews",
                to="identity.membership",
                verbose_name="membership",
            ),
        ),
        migrations.AddField(
            model_name="accessreviewitem",
            name="organization",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.organization",
            ),
        ),
        migrations.AddField(
            model_name="accessreviewitem",
            name="review",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="items",
                to="identity.accessreview",
                verbose_name="access review",
            ),
        ),
        migrations.AddField(
            model_name="accessreviewitem",
            name="reviewer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reviews_to_decide",
                to="identity.membership",
                verbose_name="reviewer",
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="account",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="account",
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="organization",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.organization",
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="person",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invitations",
                to="identity.person",
                verbose_name="person",
            ),
        ),
        migrations.AddField(
            model_name="personmerge",
            name="kept",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merges",
                to="identity.person",
                verbose_name="kept",
            ),
        ),
        migrations.AddField(
            model_name="personmerge",
            name="merged",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.person",
                verbose_name="merged",
            ),
        ),
        migrations.AddField(
            model_name="personmerge",
            name="organization",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.organization",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessreview",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_at__gt", models.F("started_at"))), name="identity_access_review_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="accessreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", True), ("closed_by", "")),
                    models.Q(("closed_at__isnull", False), models.Q(("closed_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="identity_access_review_closed_by_somebody",
            ),
        ),
        migrations.AddIndex(
            model_name="accessreviewitem",
            index=models.Index(
                condition=models.Q(("decided_at__isnull", True)),
                fields=["organization", "reviewer"],
                name="identity_access_review_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessreviewitem",
            constraint=models.UniqueConstraint(
                fields=("organization", "review", "membership"), name="identity_access_review_item_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="accessreviewitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("reviewer", models.F("membership")), _negated=True),
                name="identity_access_review_item_not_oneself",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessreviewitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("decided_by", ""), ("decision", ""), ("reason", "")),
                    models.Q(
                        ("decided_at__isnull", False),
                        models.Q(("decision", ""), _negated=True),
                        models.Q(("decided_by", ""), _negated=True),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="identity_access_review_item_decided_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(fields=("organization", "digest"), name="identity_invitation_digest"),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("accepted_at__isnull", True), ("withdrawn_at__isnull", True)),
                fields=("organization", "email_lower"),
                name="identity_invitation_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("expires_at__gt", models.F("invited_at"))), name="identity_invitation_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("accepted_at__isnull", True), ("account__isnull", True)),
                    models.Q(
                        ("accepted_at__isnull", False), ("account__isnull", False), ("withdrawn_at__isnull", True)
                    ),
                    _connector="OR",
                ),
                name="identity_invitation_accepted_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="personmerge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at__isnull", True)),
                fields=("organization", "merged"),
                name="identity_person_merge_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="personmerge",
            constraint=models.CheckConstraint(
                condition=models.Q(("kept", models.F("merged")), _negated=True), name="identity_person_merge_of_two"
            ),
        ),
        migrations.AddConstraint(
            model_name="personmerge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("undone_at__isnull", True), ("undone_by", "")),
                    models.Q(("undone_at__isnull", False), models.Q(("undone_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="identity_person_merge_undone_by_somebody",
            ),
        ),
        TenantTable("AccessReview"),
        TenantTable("AccessReviewItem"),
        TenantTable("Invitation"),
        TenantTable("PersonMerge"),
        TenantForeignKey("AccessReviewItem", "review"),
        TenantForeignKey("AccessReviewItem", "membership"),
        TenantForeignKey("AccessReviewItem", "reviewer"),
        TenantForeignKey("Invitation", "person"),
        TenantForeignKey("OrgUnit", "approver"),
        TenantForeignKey("OrgUnit", "finance_owner"),
        TenantForeignKey("Person", "merged_into"),
        TenantForeignKey("PersonMerge", "kept"),
        TenantForeignKey("PersonMerge", "merged"),
        migrations.RunPython(install, remove),
    ]
