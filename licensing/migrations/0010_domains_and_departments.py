"""Licences may be limited to host names and departments."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("licensing", "0009_usage"),
    ]

    operations = [
        migrations.AddField(
            model_name="license",
            name="departments",
            field=models.JSONField(blank=True, null=True, verbose_name="departments"),
        ),
        migrations.AddField(
            model_name="license",
            name="domains",
            field=models.JSONField(blank=True, null=True, verbose_name="domains"),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="departments",
            field=models.JSONField(blank=True, null=True, verbose_name="departments"),
        ),
        migrations.AddField(
            model_name="licensetype",
            name="domains",
            field=models.JSONField(blank=True, null=True, verbose_name="domains"),
        ),
    ]
