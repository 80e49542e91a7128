"""Floating, node-locked and site: three more ways in which a licence is sold."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("licensing", "0002_product_owners"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="licensetype",
            name="licensing_license_type_term_unless_perpetual",
        ),
        migrations.AlterField(
            model_name="license",
            name="model",
            field=models.TextField(
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
        migrations.AlterField(
            model_name="licensetype",
            name="model",
            field=models.TextField(
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
        migrations.AddConstraint(
            model_name="licensetype",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("duration_days", 0), ("duration_months", 0), ("model", "perpetual")),
                    models.Q(
                        ("model__in", ["subscription", "trial"]),
                        models.Q(("duration_months__gte", 1), ("duration_days__gte", 1), _connector="OR"),
                    ),
                    ("model__in", ["floating", "node_locked", "site"]),
                    _connector="OR",
                ),
                name="licensing_license_type_term_of_model",
            ),
        ),
    ]
