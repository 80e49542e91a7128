"""REST of the catalogue's features and of add-ons."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.rest import TenantViewSet
from licensing.models import AddOn, Feature, License, Product
from licensing.models.features import FEATURE_KIND_CHOICES
from licensing.operations import (
    NewAddOn,
    NewFeature,
    attach_add_on,
    create_feature,
    remove_add_on,
    update_feature,
)
from licensing.rest.license_types import FeatureSerializer, granted
from licensing.rules.facts import FeatureGrant

CATALOGUE = "licensing.catalogue.view"
MANAGE = "licensing.catalogue.manage"
VIEW = "licensing.license.view"
ISSUE = "licensing.license.issue"


class CatalogueFeatureSerializer(serializers.ModelSerializer[Feature]):
    class Meta:
        model = Feature
        fields = ["id", "product", "code", "name", "description", "kind", "choices", "created_at"]
        read_only_fields = fields


class FeatureChangeSerializer(serializers.Serializer[Any]):
    """Words of a feature and its choices; what is left out stays."""

    name = serializers.CharField(max_length=200, required=False)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    choices = serializers.ListField(child=serializers.CharField(max_length=64), required=False, max_length=50)


class NewFeatureSerializer(FeatureChangeSerializer):
    product = serializers.PrimaryKeyRelatedField(queryset=Product.objects.all())
    code = serializers.CharField(max_length=64)
    name = serializers.CharField(max_length=200)
    kind = serializers.ChoiceField(choices=FEATURE_KIND_CHOICES, default="boolean")


class FeatureViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """What licences of a product can switch on. The kind never changes, and choices only grow."""

    http_method_names = ["get", "post", "patch", "head", "options"]
    serializer_class = CatalogueFeatureSerializer
    queryset = Feature.objects.all()
    filterset_fields = ["product", "code", "kind"]
    permissions = {"list": CATALOGUE, "retrieve": CATALOGUE, "create": MANAGE, "update": MANAGE}

    @extend_schema(request=NewFeatureSerializer, responses={201: CatalogueFeatureSerializer})
    def create(self, request: Request) -> Response:
        given = NewFeatureSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = create_feature(feature=NewFeature(**given.validated_data), trail=self.trail)
        return Response(CatalogueFeatureSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=FeatureChangeSerializer, responses=CatalogueFeatureSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        row = self.get_object()
        given = FeatureChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        changed = update_feature(feature_id=row.id, trail=self.trail, **given.validated_data)
        return Response(CatalogueFeatureSerializer(changed).data)


class AddOnSerializer(serializers.ModelSerializer[AddOn]):
    class Meta:
        model = AddOn
        fields = ["id", "license", "name", "features", "starts_at", "ends_at", "created_at", "removed_at"]
        read_only_fields = fields


class NewAddOnSerializer(serializers.Serializer[Any]):
    """An add-on; without dates it holds from now on, as long as the licence."""

    license = serializers.PrimaryKeyRelatedField(queryset=License.objects.all())
    name = serializers.CharField(max_length=200)
    features = FeatureSerializer(many=True)
    starts_at = serializers.DateTimeField(required=False, default=None, allow_null=True)
    ends_at = serializers.DateTimeField(required=False, default=None, allow_null=True)

    def validate_features(self, value: list[dict[str, Any]]) -> tuple[FeatureGrant, ...]:
        return granted(value)


class RemovalSerializer(serializers.Serializer[Any]):
    """Why an add-on goes."""

    reason = serializers.CharField(max_length=500)


class AddOnViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Add-ons of licences. POST attaches one; `remove` takes it away, with a reason."""

    serializer_class = AddOnSerializer
    queryset = AddOn.objects.all()
    filterset_fields = {"license": ["exact"], "removed_at": ["isnull"]}
    permissions = {"list": VIEW, "retrieve": VIEW, "create": ISSUE, "remove": ISSUE}

    @extend_schema(request=NewAddOnSerializer, responses={201: AddOnSerializer})
    def create(self, request: Request) -> Response:
        given = NewAddOnSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        stated = dict(given.validated_data)
        license = stated.pop("license")
        row = attach_add_on(add_on=NewAddOn(license_id=license.id, **stated), trail=self.trail)
        return Response(AddOnSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=RemovalSerializer, responses=AddOnSerializer)
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, pk: str | None = None) -> Response:
        row = self.get_object()
        given = RemovalSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        removed = remove_add_on(add_on_id=row.id, reason=given.validated_data["reason"], trail=self.trail)
        return Response(AddOnSerializer(removed).data)


ROUTES = (("features", FeatureViewSet), ("add-ons", AddOnViewSet))
