"""A certificate is recalled by two people; each certificate of a licence waits for its own request."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0003_partners_see_their_own"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="changerequest",
            name="compliance_change_request_one_open",
        ),
        migrations.AddField(
            model_name="changerequest",
            name="subject",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="part of the licence"),
        ),
        migrations.AlterField(
            model_name="changerequest",
            name="kind",
            field=models.TextField(
                choices=[
                    ("license.revoke", "Revoke a licence"),
                    ("license.transfer", "Hand a licence on"),
                    ("certificate.recall", "Recall an offline certificate"),
                ],
                verbose_name="kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="changerequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")),
                fields=("organization", "kind", "license", "subject"),
                name="compliance_change_request_one_open",
            ),
        ),
    ]
