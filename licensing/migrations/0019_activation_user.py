"""An activation keeps the digest of the user who made it, so that a licence's limit of users can be counted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("licensing", "0018_last_used")]

    operations = [
        migrations.AddField(
            model_name="activation",
            name="user",
            field=models.CharField(blank=True, db_default="", default="", max_length=64, verbose_name="user"),
        ),
    ]
