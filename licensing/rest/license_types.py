"""REST of licence types, and of the conditions that types and licences share."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.rest import TenantViewSet, principal_of
from licensing.models import Edition, LicenseType, Product
from licensing.models.life import CHARGE_PERIOD_CHOICES, RENEWAL_BASIS_CHOICES, TRIAL_ONCE_CHOICES
from licensing.models.strategies import (
    HEARTBEAT_CHOICES,
    LONGEST_HEARTBEAT,
    MATCHING_CHOICES,
    OVERAGE_CHOICES,
    RESURRECTION_CHOICES,
    SHORTEST_HEARTBEAT,
    UNIQUENESS_CHOICES,
    USUAL_HEARTBEAT,
    VIRTUAL_MACHINE_CHOICES,
)
from licensing.operations import Conditions, MachineRules, NewLicenseType, apply_type_version, create_license_type
from licensing.operations.machine_rules import (
    LARGEST_OVERAGE,
    LONGEST_GRACE_HOURS,
    MACHINE_RULES,
    MOST_TRANSFERS,
)
from licensing.queries.type_changes import preview
from licensing.rest.license_shapes import LicenseSerializer, StatedReasonSerializer
from licensing.rules.facts import FeatureGrant
from licensing.rules.terms import Period

VIEW = "licensing.license.view"
DEFINE = "licensing.type.manage"
MONEY = "licensing.money.view"
MOST_FEATURES = 200


class FeatureSerializer(serializers.Serializer[Any]):
    """A feature during a period; without dates as long as the licence."""

    code = serializers.CharField(max_length=64)
    starts_at = serializers.DateTimeField(required=False)
    ends_at = serializers.DateTimeField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "starts_at" in attrs and "ends_at" in attrs and attrs["ends_at"] < attrs["starts_at"]:
            raise serializers.ValidationError({"ends_at": _("The feature ends before it starts.")})
        return attrs


class ConditionsSerializer(serializers.Serializer[Any]):
    """What narrows or widens a licence; `territories` null: everywhere."""

    features = FeatureSerializer(many=True, required=False, default=list)
    limits = serializers.DictField(child=serializers.IntegerField(min_value=0), required=False, default=dict)
    territories = serializers.ListField(
        child=serializers.CharField(max_length=2), required=False, default=None, allow_null=True, max_length=250
    )
    version_range = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)

    def validate_features(self, value: list[dict[str, Any]]) -> tuple[FeatureGrant, ...]:
        if len(value) > MOST_FEATURES:
            raise serializers.ValidationError(_("At most %(most)d features.") % {"most": MOST_FEATURES})
        return tuple(FeatureGrant(item["code"], Period(item.get("starts_at"), item.get("ends_at"))) for item in value)


class MachineRulesSerializer(serializers.Serializer[Any]):
    """What licences of the type demand of machines, and what their limits allow on top."""

    fingerprint_matching = serializers.ChoiceField(choices=MATCHING_CHOICES, default="any")
    uniqueness_scope = serializers.ChoiceField(choices=UNIQUENESS_CHOICES, default="license")
    heartbeat = serializers.ChoiceField(choices=HEARTBEAT_CHOICES, default="off")
    heartbeat_seconds = serializers.IntegerField(
        default=USUAL_HEARTBEAT, min_value=SHORTEST_HEARTBEAT, max_value=LONGEST_HEARTBEAT
    )
    resurrection = serializers.ChoiceField(choices=RESURRECTION_CHOICES, default="never")
    virtual_machines = serializers.ChoiceField(choices=VIRTUAL_MACHINE_CHOICES, default="allowed")
    connectivity_grace_hours = serializers.IntegerField(
        required=False, default=None, allow_null=True, min_value=1, max_value=LONGEST_GRACE_HOURS
    )
    connectivity_fail_open = serializers.BooleanField(required=False, default=False)
    transfers_per_year = serializers.IntegerField(
        required=False, default=None, allow_null=True, min_value=0, max_value=MOST_TRANSFERS
    )
    overage = serializers.ChoiceField(choices=OVERAGE_CHOICES, default="none")
    overage_by = serializers.IntegerField(required=False, default=0, min_value=0, max_value=LARGEST_OVERAGE)
    overage_until = serializers.DateTimeField(required=False, default=None, allow_null=True)


class LicenseTypeSerializer(serializers.ModelSerializer[LicenseType]):
    class Meta:
        model = LicenseType
        fields = [
            "id",
            "code",
            "version",
            "name",
            "product",
            "edition",
            "model",
            "duration_months",
            "duration_days",
            "grace_days",
            "notice_days",
            "expiry_strategy",
            "expiry_basis",
            "converts_to",
            "renewal_basis",
            "auto_renews",
            "trial_once",
            "dunning_restrict_days",
            "dunning_suspend_days",
            "unit_price",
            "currency",
            "charge_period",
            *MACHINE_RULES,
            "features",
            "limits",
            "territories",
            "version_range",
            "created_at",
            "superseded_at",
        ]
        read_only_fields = fields

    def to_representation(self, row: LicenseType) -> dict[str, Any]:
        """Readers without the right to money get no price."""
        reader = principal_of(self.context["request"]) if "request" in self.context else None
        shown = super().to_representation(row)
        return shown if reader is None or reader.may(MONEY) else {**shown, "unit_price": None}


class NewVersionSerializer(MachineRulesSerializer, ConditionsSerializer):
    """A version of a licence type, without the code and product that it keeps."""

    name = serializers.CharField(max_length=200)
    model = serializers.ChoiceField(choices=LicenseType._meta.get_field("model").choices or [])
    edition = serializers.PrimaryKeyRelatedField(
        queryset=Edition.objects.all(), required=False, default=None, allow_null=True
    )
    duration_months = serializers.IntegerField(required=False, default=0, min_value=0)
    duration_days = serializers.IntegerField(required=False, default=0, min_value=0)
    grace_days = serializers.IntegerField(required=False, default=0, min_value=0)
    notice_days = serializers.IntegerField(required=False, default=30, min_value=0)
    expiry_strategy = serializers.ChoiceField(
        choices=LicenseType._meta.get_field("expiry_strategy").choices or [], default="restrict"
    )
    expiry_basis = serializers.ChoiceField(
        choices=LicenseType._meta.get_field("expiry_basis").choices or [], default="creation"
    )
    converts_to = serializers.PrimaryKeyRelatedField(
        queryset=LicenseType.objects.all(), required=False, default=None, allow_null=True
    )
    renewal_basis = serializers.ChoiceField(choices=RENEWAL_BASIS_CHOICES, default="from_expiry")
    auto_renews = serializers.BooleanField(required=False, default=False)
    trial_once = serializers.ChoiceField(choices=TRIAL_ONCE_CHOICES, default="none")
    dunning_restrict_days = serializers.IntegerField(required=False, default=7, min_value=0)
    dunning_suspend_days = serializers.IntegerField(required=False, default=14, min_value=0)
    unit_price = serializers.DecimalField(
        max_digits=18, decimal_places=4, required=False, default=None, allow_null=True, min_value=Decimal(0)
    )
    currency = serializers.CharField(max_length=3, required=False, default="", allow_blank=True)
    charge_period = serializers.ChoiceField(choices=CHARGE_PERIOD_CHOICES, required=False, default="", allow_blank=True)

    def wanted(self, **kept: Any) -> NewLicenseType:
        """What the operation takes; `kept` are code and product of the version before."""
        given = {**self.validated_data, **kept}
        names = ("features", "limits", "territories", "version_range")
        return NewLicenseType(
            machines=MachineRules(**{name: given.pop(name) for name in MACHINE_RULES}),
            conditions=Conditions(**{name: given.pop(name) for name in names}),
            **given,
        )


class NewLicenseTypeSerializer(NewVersionSerializer):
    code = serializers.CharField(max_length=64)
    product = serializers.PrimaryKeyRelatedField(queryset=Product.objects.all())


class TypeChangeSerializer(serializers.Serializer[Any]):
    """One licence with the codes of what it gains, loses and what changes, and its grace before and after."""

    license = serializers.UUIDField(source="license.id")
    number = serializers.CharField(source="license.number")
    version = serializers.IntegerField(source="license.license_type.version")
    gained = serializers.ListField(child=serializers.CharField(), source="diff.gained")
    lost = serializers.ListField(child=serializers.CharField(), source="diff.lost")
    changed = serializers.ListField(child=serializers.CharField(), source="diff.changed")
    grace_before = serializers.DateTimeField(allow_null=True)
    grace_after = serializers.DateTimeField(allow_null=True)


class ApplyVersionSerializer(StatedReasonSerializer):
    confirmed = serializers.IntegerField(min_value=0, max_value=500)


class LicenseTypeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """A vendor's templates. POST adds one; `versions` adds the next version, which alone takes new licences."""

    serializer_class = LicenseTypeSerializer
    queryset = LicenseType.objects.all()
    filterset_fields = {"code": ["exact"], "product": ["exact"], "superseded_at": ["isnull"]}
    permissions = {
        "list": VIEW, "retrieve": VIEW, "create": DEFINE, "versions": DEFINE, "preview": DEFINE, "apply": DEFINE,
    }  # fmt: skip

    @extend_schema(request=NewLicenseTypeSerializer, responses={201: LicenseTypeSerializer})
    def create(self, request: Request) -> Response:
        given = NewLicenseTypeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = create_license_type(license_type=given.wanted(), trail=self.trail)
        return Response(LicenseTypeSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=NewVersionSerializer, responses={201: LicenseTypeSerializer})
    @action(detail=True, methods=["post"])
    def versions(self, request: Request, pk: str | None = None) -> Response:
        before = self.get_object()
        given = NewVersionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.wanted(code=before.code, product=before.product)
        row = create_license_type(license_type=wanted, supersedes=before, trail=self.trail)
        return Response(LicenseTypeSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=TypeChangeSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def preview(self, request: Request, pk: str | None = None) -> Response:
        """What applying this version to licences of older ones would change; at most 500 at a time."""
        return Response(TypeChangeSerializer(preview(self.get_object()), many=True).data)

    @extend_schema(request=ApplyVersionSerializer, responses=LicenseSerializer(many=True), filters=False)
    @action(detail=True, methods=["post"], pagination_class=None)
    def apply(self, request: Request, pk: str | None = None) -> Response:
        """Carries licences of older versions over to this one; `confirmed` is how many the preview showed."""
        given = ApplyVersionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        rows = apply_type_version(type_id=self.get_object().id, **given.validated_data, trail=self.trail)
        return Response(LicenseSerializer(rows, many=True).data)


ROUTES = (("license-types", LicenseTypeViewSet),)
