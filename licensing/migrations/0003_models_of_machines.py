"""Models of licences that are tied to machines, to sessions or to a site; these have a term or none."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("licensing", "0002_product_owners")]

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
                    ("node_locked", "Node-locked"),
                    ("floating", "Floating"),
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
                    ("node_locked", "Node-locked"),
                    ("floating", "Floating"),
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
                    ("model__in", ["floating", "node_locked", "site"]),
                    models.Q(
                        models.Q(("model", "perpetual"), _negated=True),
                        models.Q(("duration_months__gte", 1), ("duration_days__gte", 1), _connector="OR"),
                    ),
                    _connector="OR",
                ),
                name="licensing_license_type_term_unless_perpetual",
            ),
        ),
    ]
