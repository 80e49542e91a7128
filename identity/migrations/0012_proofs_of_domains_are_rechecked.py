"""When the DNS is asked for a proved e-mail domain again, and since when its record has been missing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0011_two_live_secrets_and_counted_refusals"),
    ]

    operations = [
        migrations.AddField(
            model_name="proveddomain",
            name="check_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="checked again at"),
        ),
        migrations.AddField(
            model_name="proveddomain",
            name="missed_answers",
            field=models.IntegerField(db_default=0, default=0, verbose_name="answers without the record"),
        ),
        migrations.AddField(
            model_name="proveddomain",
            name="missing_since",
            field=models.DateTimeField(blank=True, null=True, verbose_name="record missing since"),
        ),
        migrations.AddConstraint(
            model_name="proveddomain",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("missed_answers", 0), ("missing_since__isnull", True)),
                    models.Q(
                        ("missed_answers__gte", 1), ("missing_since__isnull", False), ("proved_at__isnull", False)
                    ),
                    _connector="OR",
                ),
                name="identity_proved_domain_misses_counted",
            ),
        ),
    ]
