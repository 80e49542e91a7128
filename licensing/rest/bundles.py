"""REST of bundles and use rights. DELETE ends a row; it stays on record."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.rest import TenantViewSet
from licensing.models import BundleItem, Edition, Entitlement, Product, UseRight, UseRightKind
from licensing.operations.bundles import NewUseRight, add_component, end_component, end_use_right, grant_use_right

CATALOGUE = "licensing.catalogue.view"
MANAGE = "licensing.catalogue.manage"
RIGHTS = "licensing.entitlement.view"
KEEP = "licensing.entitlement.manage"


class BundleItemSerializer(serializers.ModelSerializer[BundleItem]):
    class Meta:
        model = BundleItem
        fields = ["id", "parent", "component", "since", "ended_at"]
        read_only_fields = fields


class NewBundleItemSerializer(serializers.Serializer[Any]):
    parent = serializers.PrimaryKeyRelatedField(  # type: ignore[assignment]  # a field, which DRF takes off the class
        queryset=Product.objects.all()
    )
    component = serializers.PrimaryKeyRelatedField(queryset=Product.objects.all())


class BundleItemViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """What products consist of."""

    serializer_class = BundleItemSerializer
    queryset = BundleItem.objects.all()
    filterset_fields = {"parent": ["exact"], "component": ["exact"], "ended_at": ["isnull"]}
    permissions = {"list": CATALOGUE, "retrieve": CATALOGUE, "create": MANAGE, "destroy": MANAGE}

    @extend_schema(request=NewBundleItemSerializer, responses={201: BundleItemSerializer})
    def create(self, request: Request) -> Response:
        given = NewBundleItemSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = add_component(trail=self.trail, **given.validated_data)
        return Response(BundleItemSerializer(row).data, status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, pk: str | None = None) -> Response:
        end_component(item_id=self.get_object().id, trail=self.trail)
        return Response(status=status.HTTP_204_NO_CONTENT)


class UseRightSerializer(serializers.ModelSerializer[UseRight]):
    class Meta:
        model = UseRight
        fields = ["id", "entitlement", "kind", "target_product", "target_edition", "ratio", "since", "ended_at"]
        read_only_fields = fields


class NewUseRightSerializer(serializers.Serializer[Any]):
    entitlement = serializers.PrimaryKeyRelatedField(queryset=Entitlement.objects.all())
    kind = serializers.ChoiceField(choices=UseRightKind.choices)
    target_product = serializers.PrimaryKeyRelatedField(
        queryset=Product.objects.all(), required=False, default=None, allow_null=True
    )
    target_edition = serializers.PrimaryKeyRelatedField(
        queryset=Edition.objects.all(), required=False, default=None, allow_null=True
    )
    ratio = serializers.DecimalField(max_digits=12, decimal_places=4, required=False, default=Decimal(1))


class UseRightViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """What else may be done with rights of use."""

    serializer_class = UseRightSerializer
    queryset = UseRight.objects.all()
    filterset_fields = {
        "entitlement": ["exact"], "kind": ["exact"], "target_product": ["exact"], "ended_at": ["isnull"]
    }  # fmt: skip
    permissions = {"list": RIGHTS, "retrieve": RIGHTS, "create": KEEP, "destroy": KEEP}

    @extend_schema(request=NewUseRightSerializer, responses={201: UseRightSerializer})
    def create(self, request: Request) -> Response:
        given = NewUseRightSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = grant_use_right(use_right=NewUseRight(**given.validated_data), trail=self.trail)
        return Response(UseRightSerializer(row).data, status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, pk: str | None = None) -> Response:
        end_use_right(use_right_id=self.get_object().id, trail=self.trail)
        return Response(status=status.HTTP_204_NO_CONTENT)


ROUTES = (("bundle-items", BundleItemViewSet), ("use-rights", UseRightViewSet))
