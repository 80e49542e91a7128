"""REST of licence types, and of the conditions that types and licences share."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.clock import DatabaseClock
from kernel.rest import TenantViewSet
from licensing.grants import BadValue, read_value
from licensing.models import Edition, LicenseType, Product
from licensing.operations import Conditions, NewLicenseType, create_license_type
from licensing.queries.tiers import compare_types
from licensing.rules.allowances import OverageKind
from licensing.rules.facts import FeatureGrant
from licensing.rules.feature_values import QuotaPeriod
from licensing.rules.rights_diff import Aspect, ChangeKind
from licensing.rules.terms import Period

VIEW = "licensing.license.view"
DEFINE = "licensing.type.manage"
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


class NewVersionSerializer(ConditionsSerializer):
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

    def wanted(self, **kept: Any) -> NewLicenseType:
        """What the operation takes; `kept` are code and product of the version before."""
        given = {**self.validated_data, **kept}
        names = ("features", "limits", "territories", "domains", "departments", "version_range")
        return NewLicenseType(conditions=Conditions(**{name: given.pop(name) for name in names}), **given)


class NewLicenseTypeSerializer(NewVersionSerializer):
    code = serializers.CharField(max_length=64)
    product = serializers.PrimaryKeyRelatedField(queryset=Product.objects.all())


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
    permissions = {"list": VIEW, "retrieve": VIEW, "create": DEFINE, "versions": DEFINE, "compare": VIEW}

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


ROUTES = (("license-types", LicenseTypeViewSet),)
