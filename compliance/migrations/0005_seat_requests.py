"""Change requests may ask for a seat of a pool instead of a change of a licence."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from kernel.tenancy import TenantForeignKey


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0004_recalls_need_two_people"),
        ("identity", "0013_people_by_leaving"),
        ("licensing", "0020_lease_certificates"),
        ("seats", "0006_group_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="changerequest",
            name="pool",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="change_requests",
                to="seats.seatpool",
                verbose_name="pool",
            ),
        ),
        migrations.AlterField(
            model_name="changerequest",
            name="kind",
            field=models.TextField(
                choices=[
                    ("license.revoke", "Revoke a licence"),
                    ("license.transfer", "Hand a licence on"),
                    ("certificate.recall", "Recall an offline certificate"),
                    ("seat.assign", "A seat of a pool"),
                ],
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="changerequest",
            name="license",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="change_requests",
                to="licensing.license",
                verbose_name="licence",
            ),
        ),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("pool__isnull", False), ("state", "open")),
                fields=("organization", "kind", "pool", "requested_by"),
                name="compliance_change_request_one_open_seat",
            ),
        ),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "seat.assign"), ("license__isnull", True), ("pool__isnull", False)),
                    models.Q(
                        models.Q(("kind", "seat.assign"), _negated=True),
                        ("license__isnull", False),
                        ("pool__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="compliance_change_request_about_one_thing",
            ),
        ),
        TenantForeignKey("ChangeRequest", "pool"),
    ]
