"""Who left within a day is counted at every departure; whether something waits for the return stands on the person."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0012_proofs_of_domains_are_rechecked"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="left_behind",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, verbose_name="left something behind"
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                condition=models.Q(("active", False)),
                fields=["organization", "left_at"],
                name="identity_person_by_leaving",
            ),
        ),
    ]
