"""Changes that somebody asks for and somebody else approves."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kernel.ids
from kernel.tenancy import TenantForeignKey, TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0001_initial"),
        ("identity", "0011_two_live_secrets_and_counted_refusals"),
        ("licensing", "0005_lives_of_licences"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChangeRequest",
            fields=[
                ("id", models.UUIDField(default=kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("number", models.TextField(verbose_name="number")),
                (
                    "kind",
                    models.TextField(
                        choices=[("license.revoke", "Revoke a licence"), ("license.transfer", "Hand a licence on")],
                        verbose_name="kind",
                    ),
                ),
                ("payload", models.JSONField(default=dict, verbose_name="what is to be done")),
                ("payload_hash", models.TextField(verbose_name="hash")),
                ("reason", models.TextField(verbose_name="reason")),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("open", "Open"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Expired"),
                        ],
                        default="open",
                        verbose_name="state",
                    ),
                ),
                ("requested_at", models.DateTimeField(verbose_name="requested at")),
                ("requested_by", models.TextField(verbose_name="requested by")),
                ("due_at", models.DateTimeField(verbose_name="due at")),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided at")),
                ("decided_by", models.TextField(blank=True, verbose_name="decided by")),
                ("decision_reason", models.TextField(blank=True, verbose_name="reason for the decision")),
                (
                    "decider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decider",
                    ),
                ),
                (
                    "license",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="change_requests",
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
                    "requester",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="requester",
                    ),
                ),
            ],
            options={
                "verbose_name": "change request",
                "verbose_name_plural": "change requests",
                "db_table": "compliance_change_request",
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["organization", "state", "requested_at"], name="compliance_change_state")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "number"), name="compliance_change_request_number"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("organization", "kind", "license"),
                        name="compliance_change_request_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), _negated=True),
                            models.Q(("payload_hash", ""), _negated=True),
                            models.Q(("requested_by", ""), _negated=True),
                        ),
                        name="compliance_change_request_asked_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("decided_at__isnull", True), ("state", "open")),
                                models.Q(models.Q(("state", "open"), _negated=True), ("decided_at__isnull", False)),
                                _connector="OR",
                            ),
                            models.Q(
                                models.Q(("decided_at__isnull", True), ("decided_by", "")),
                                models.Q(("decided_at__isnull", False), models.Q(("decided_by", ""), _negated=True)),
                                _connector="OR",
                            ),
                        ),
                        name="compliance_change_request_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["approved", "rejected"]), _negated=True),
                            models.Q(
                                models.Q(("decided_by", models.F("requested_by")), _negated=True),
                                ("decider__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="compliance_change_request_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_at__gt", models.F("requested_at"))),
                        name="compliance_change_request_in_order",
                    ),
                ],
            },
        ),
        TenantTable("ChangeRequest", referenced=False),
        TenantForeignKey("ChangeRequest", "license"),
    ]
