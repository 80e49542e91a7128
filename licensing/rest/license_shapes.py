"""How licences and their renewals look over REST."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from licensing.models import License, LicenseRenewal


class LicenseSerializer(serializers.ModelSerializer[License]):
    class Meta:
        model = License
        fields = [
            "id",
            "number",
            "license_type",
            "entitlement",
            "licensee",
            "product",
            "edition",
            "model",
            "quantity",
            "status",
            "valid_from",
            "expires_at",
            "grace_until",
            "maintenance_until",
            "version_range",
            "territories",
            "domains",
            "departments",
            "features",
            "limits",
            "sequence",
            "created_at",
            "first_validated_at",
            "suspended_at",
            "paused_at",
            "cancel_at",
            "past_due_since",
            "dunning_stage",
            "converted_at",
            "revoked_at",
        ]
        read_only_fields = fields


class StatedReasonSerializer(serializers.Serializer[Any]):
    """Why; the text is kept on the licence and, erasable, beside the ledger."""

    reason = serializers.CharField(max_length=500)


def stated_reason(request: Request) -> str:
    """The reason in the body. Raises ValidationError without one."""
    given = StatedReasonSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    return str(given.validated_data["reason"])


class RenewalSerializer(serializers.ModelSerializer[LicenseRenewal]):
    """A further term. It counts from when it is confirmed."""

    class Meta:
        model = LicenseRenewal
        fields = [
            "id",
            "license",
            "starts_at",
            "ends_at",
            "grace_until",
            "is_automatic",
            "recorded_at",
            "confirmed_at",
            "withdrawn_at",
        ]
        read_only_fields = fields


class RequestedChangeSerializer(serializers.Serializer[Any]):
    """A change that waits for a second person, at `change-requests/{id}`."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    state = serializers.CharField()
    due_at = serializers.DateTimeField()


class TransferSerializer(StatedReasonSerializer):
    licensee = serializers.UUIDField()


class PastDueSerializer(StatedReasonSerializer):
    """`since`: when payment was due; null: now."""

    since = serializers.DateTimeField(required=False, default=None, allow_null=True)


class RenewLicenseSerializer(StatedReasonSerializer):
    """`confirmed` false records the next term, and it takes effect when it is confirmed."""

    confirmed = serializers.BooleanField(required=False, default=True)


class QuantitySerializer(serializers.Serializer[Any]):
    quantity = serializers.IntegerField(min_value=1, max_value=10_000_000)


class ChangeQuantitySerializer(QuantitySerializer, StatedReasonSerializer):
    """`confirmed`: the amount that the quote said; null where the licence type has no price."""

    confirmed = serializers.DecimalField(max_digits=18, decimal_places=2, required=False, default=None, allow_null=True)


class ChargeLineSerializer(serializers.Serializer[Any]):
    starts_on = serializers.DateField()
    days = serializers.IntegerField()
    of_days = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=18, decimal_places=2)


class QuoteSerializer(serializers.Serializer[Any]):
    """What a change of units costs up to `until`; a negative amount is given back, null: there is no price."""

    units = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)
    currency = serializers.CharField()
    until = serializers.DateTimeField(allow_null=True)
    lines = ChargeLineSerializer(many=True)
