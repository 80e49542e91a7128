"""Which rights feed which pool of seats is seen by nobody who works for a customer."""

from django.db import migrations

from kernel.tenancy import PartyFence


class Migration(migrations.Migration):
    dependencies = [("seats", "0001_initial"), ("licensing", "0012_party_access")]

    operations = [PartyFence("PoolSource")]
