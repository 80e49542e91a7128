"""A request that is about a licence is seen by the partner that holds it, and by no other partner."""

from django.db import migrations

from kernel.tenancy import PartyFence


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0002_change_requests"),
        ("licensing", "0015_partners_see_their_own"),
    ]

    operations = [PartyFence("ChangeRequest", "license_id", through="licensing_license")]
