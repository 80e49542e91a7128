"""What hangs on a licence or a right is seen by the partner that holds it, and by no other partner."""

from django.db import migrations

from kernel.tenancy import PartyFence

OF_A_LICENSE = (
    "Activation",
    "AddOn",
    "LicenseRenewal",
    "TrialClaim",
    "UsageDaily",
    "UsageDay",
    "UsageEvent",
    "UsedApproval",
)


class Migration(migrations.Migration):
    dependencies = [("licensing", "0014_amendments_and_sublicences")]

    operations = [
        *(PartyFence(model, "license_id", through="licensing_license") for model in OF_A_LICENSE),
        PartyFence("UseRight", "entitlement_id", through="licensing_entitlement"),
    ]
