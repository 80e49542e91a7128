"""A pool may stand for one customer's licence; who holds its seats is seen by nobody who works for a customer."""

from django.db import migrations

from kernel.tenancy import PartyFence


class Migration(migrations.Migration):
    dependencies = [("seats", "0006_group_rules")]

    operations = [
        PartyFence("SeatPool"),
        PartyFence("Assignment"),
        PartyFence("Reservation"),
        PartyFence("Eligibility"),
        PartyFence("GroupRule"),
        PartyFence("SeatClaim"),
        PartyFence("ReclamationRule"),
        PartyFence("RemovalCandidate"),
        PartyFence("Exemption"),
    ]
