"""Certificates of borrowed seats."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("licensing", "0015_partners_see_their_own"),
    ]

    operations = [
        migrations.AlterField(
            model_name="certificate",
            name="kind",
            field=models.TextField(
                choices=[("license", "Licence"), ("activation", "Activation"), ("lease", "Borrowed seat")],
                default="license",
                verbose_name="kind",
            ),
        ),
    ]
