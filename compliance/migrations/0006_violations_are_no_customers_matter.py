"""What was found in the vendor's own pools is seen by nobody who works for a customer."""

from django.db import migrations

from kernel.tenancy import PartyFence


class Migration(migrations.Migration):
    dependencies = [("compliance", "0005_seat_requests"), ("seats", "0007_pools_are_no_customers_matter")]

    operations = [PartyFence("Violation")]
