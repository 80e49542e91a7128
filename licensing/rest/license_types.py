"""REST of licence types, and of the conditions that types and licences share."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.clock import DatabaseClock
from kernel.rest import TenantViewSet, principal_of
from licensing.grants import BadValue, read_value
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
from licensing.queries.tiers import compare_types
from licensing.queries.type_changes import preview
from licensing.rest.license_shapes import LicenseSerializer, StatedReasonSerializer
from licensing.rules.allowances import OverageKind
from licensing.rules.facts import FeatureGrant
from licensing.rules.feature_values import QuotaPeriod
from licensing.rules.offline import USUAL_OFFLINE_HOURS
from licensing.rules.rights_diff import Aspect, ChangeKind
from licensing.rules.terms import Period

VIEW = "licensing.license.view"
DEFINE = "licensing.type.manage"
MONEY = "licensing.money.view"
MOST_FEATURES = 200


QUOTA_SCHEMA = {
    "type": "object",
    "required": ["limit"],
    "additionalProperties": False,
    "properties": {
        "limit": {"type": "integer", "minimum": 0, "nullable": True},
        "period": {"type": "string", "enum": [one.value for one in QuotaPeriod]},
        "near_percent": {"type": "integer", "minimum": 1, "maximum": 100},
        "overage": {
            "type": "object",
            "required": ["kind", "amount"],
            "additionalProperties": False,
            "properties": {
                "kind": {"type": "string", "enum": [one.value for one in OverageKind]},
                "amount": {"type": "integer", "minimum": 0},
                "until": {"type": "string", "format": "date-time"},
            },
        },
    },
}


@extend_schema_field({"oneOf": [{"type": "string"}, QUOTA_SCHEMA]})
class FeatureValueField(serializers.JSONField):
    """The choice of a feature, or its quota."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            return read_value(super().to_internal_value(data))
        except BadValue as error:
            raise serializers.ValidationError(
                _("A text is needed, or an object with limit, period, near_percent and overage.")
            ) from error


class FeatureSerializer(serializers.Serializer[Any]):
    """A feature during a period; without dates as long as the licence, without a value a plain switch."""

    code = serializers.CharField(max_length=64)
    starts_at = serializers.DateTimeField(required=False)
    ends_at = serializers.DateTimeField(required=False)
    value = FeatureValueField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "starts_at" in attrs and "ends_at" in attrs and attrs["ends_at"] < attrs["starts_at"]:
            raise serializers.ValidationError({"ends_at": _("The feature ends before it starts.")})
        return attrs


class ConditionsSerializer(serializers.Serializer[Any]):
    """What narrows or widens a licence; `territories`, `domains` and `departments` null: everywhere."""

    features = FeatureSerializer(many=True, required=False, default=list)
    limits = serializers.DictField(child=serializers.IntegerField(min_value=0), required=False, default=dict)
    territories = serializers.ListField(
        child=serializers.CharField(max_length=2), required=False, default=None, allow_null=True, max_length=250
    )
    domains = serializers.ListField(
        child=serializers.CharField(max_length=253), required=False, default=None, allow_null=True, max_length=250
    )
    departments = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, default=None, allow_null=True, max_length=250
    )
    version_range = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)

    def validate_features(self, value: list[dict[str, Any]]) -> tuple[FeatureGrant, ...]:
        return granted(value)


def granted(features: list[dict[str, Any]]) -> tuple[FeatureGrant, ...]:
    """What FeatureSerializer read, as grants. Raises ValidationError for too many."""
    if len(features) > MOST_FEATURES:
        raise serializers.ValidationError(_("At most %(most)d features.") % {"most": MOST_FEATURES})
    return tuple(
        FeatureGrant(item["code"], Period(item.get("starts_at"), item.get("ends_at")), item.get("value"))
        for item in features
    )


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
            "offline_hours",
            "expiry_strategy",
            "expiry_basis",
            "converts_to",
            *MACHINE_RULES,
            "renewal_basis",
            "auto_renews",
            "trial_once",
            "dunning_restrict_days",
            "dunning_suspend_days",
            "unit_price",
            "currency",
            "charge_period",
            "features",
            "limits",
            "territories",
            "domains",
            "departments",
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
    offline_hours = serializers.IntegerField(required=False, default=USUAL_OFFLINE_HOURS, min_value=0)
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
        names = ("features", "limits", "territories", "domains", "departments", "version_range")
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


class OtherTypeSerializer(serializers.Serializer[Any]):
    """With what a type is compared."""

    other = serializers.PrimaryKeyRelatedField(queryset=LicenseType.objects.all())


class RightsChangeSerializer(serializers.Serializer[Any]):
    """One difference; `code` names the feature or limit, empty texts are nothing."""

    kind = serializers.ChoiceField(choices=[one.value for one in ChangeKind])
    aspect = serializers.ChoiceField(choices=[one.value for one in Aspect])
    code = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class LicenseTypeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """A vendor's templates. POST adds one; `versions` adds the next version, which alone takes new licences."""

    serializer_class = LicenseTypeSerializer
    queryset = LicenseType.objects.all()
    filterset_fields = {"code": ["exact"], "product": ["exact"], "superseded_at": ["isnull"]}
    permissions = {
        "list": VIEW, "retrieve": VIEW, "create": DEFINE, "versions": DEFINE, "preview": DEFINE, "apply": DEFINE,
        "compare": VIEW,
    }  # fmt: skip

    @extend_schema(request=NewLicenseTypeSerializer, responses={201: LicenseTypeSerializer})
    def create(self, request: Request) -> Response:
        given = NewLicenseTypeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = create_license_type(license_type=given.wanted(), trail=self.trail)
        return Response(LicenseTypeSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[OpenApiParameter("other", str, required=True, description="The type or version to compare with.")],
        responses=RightsChangeSerializer(many=True),
    )
    @action(detail=True, methods=["get"], pagination_class=None, filterset_fields=None)
    def compare(self, request: Request, pk: str | None = None) -> Response:
        """What a customer gains and loses by going from this type to the `other`, also one of another product."""
        before = self.get_object()
        given = OtherTypeSerializer(data=request.query_params)
        given.is_valid(raise_exception=True)
        found = compare_types(before=before, after=given.validated_data["other"], at=DatabaseClock().now())
        return Response(RightsChangeSerializer(found, many=True).data)

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
        return Response(TypeChangeSerializer(preview(self.get_object(), at=DatabaseClock().now()), many=True).data)

    @extend_schema(request=ApplyVersionSerializer, responses=LicenseSerializer(many=True), filters=False)
    @action(detail=True, methods=["post"], pagination_class=None)
    def apply(self, request: Request, pk: str | None = None) -> Response:
        """Carries licences of older versions over to this one; `confirmed` is how many the preview showed."""
        given = ApplyVersionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        rows = apply_type_version(type_id=self.get_object().id, **given.validated_data, trail=self.trail)
        return Response(LicenseSerializer(rows, many=True).data)


ROUTES = (("license-types", LicenseTypeViewSet),)
