"""REST of the buyer's book: purchases, entitlements."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from identity.models import OrgUnit
from kernel.rest import TenantViewSet, principal_of
from licensing.models import Entitlement, Purchase, PurchaseLine
from licensing.operations import (
    NewEntitlement,
    NewLine,
    NewPurchase,
    create_entitlement,
    record_purchase,
    renew_entitlement,
    revoke_entitlement,
)

RIGHTS = "licensing.entitlement.view"
KEEP = "licensing.entitlement.manage"
MONEY = "licensing.money.view"


class PurchaseLineSerializer(serializers.ModelSerializer[PurchaseLine]):
    cost_centre = serializers.PrimaryKeyRelatedField(queryset=OrgUnit.objects.all(), required=False, allow_null=True)

    class Meta:
        model = PurchaseLine
        fields = [
            "id",
            "position",
            "sku",
            "description",
            "product",
            "edition",
            "quantity",
            "rights_per_unit",
            "unit_price",
            "line_total",
            "billing_period",
            "cost_centre",
        ]
        read_only_fields = ["id", "position", "line_total"]


class PurchaseSerializer(serializers.ModelSerializer[Purchase]):
    lines = PurchaseLineSerializer(many=True)

    class Meta:
        model = Purchase
        fields = [
            "id",
            "supplier",
            "agreement",
            "order_number",
            "invoice_number",
            "ordered_on",
            "invoiced_on",
            "currency",
            "lines",
            "created_at",
        ]
        read_only_fields = ["id", "created_at"]
        validators: list[Any] = []


class PurchaseViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Orders and invoices with their lines. The whole resource is money: it needs licensing.money.view."""

    serializer_class = PurchaseSerializer
    queryset = Purchase.objects.prefetch_related("lines")
    filterset_fields = ["order_number", "invoice_number", "supplier"]
    permissions = {"list": MONEY, "retrieve": MONEY, "create": KEEP}

    def create(self, request: Request) -> Response:
        principal = principal_of(request)
        if principal is not None:
            # The answer repeats prices: whoever may not see money records purchases by import.
            principal.require(MONEY)
        given = PurchaseSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = dict(given.validated_data)
        lines = [NewLine(**line) for line in wanted.pop("lines")]
        row = record_purchase(purchase=NewPurchase(lines=lines, **wanted), trail=self.trail)
        return Response(PurchaseSerializer(row).data, status=status.HTTP_201_CREATED)


class EntitlementSerializer(serializers.ModelSerializer[Entitlement]):
    rights = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = Entitlement
        fields = [
            "id",
            "number",
            "product",
            "edition",
            "metric",
            "model",
            "unlimited",
            "quantity",
            "rights_per_unit",
            "rights",
            "overdraft",
            "starts_at",
            "ends_at",
            "maintenance_until",
            "territory",
            "agreement",
            "licensor",
            "licensee",
            "previous",
            "parent",
            "issued",
            "sublicensed",
            "state",
            "document",
            "purchase_line",
            "created_at",
        ]
        read_only_fields = [
            "id", "number", "unlimited", "previous", "issued", "sublicensed", "state", "created_at",
        ]  # fmt: skip
        validators: list[Any] = []


class NewEntitlementSerializer(EntitlementSerializer):
    """`quantity` null asks for an unlimited right; `waiver` takes the place of evidence."""

    quantity = serializers.IntegerField(min_value=1, max_value=10_000_000, allow_null=True)
    waiver = serializers.CharField(required=False, default="", max_length=500, allow_blank=True)

    class Meta(EntitlementSerializer.Meta):
        fields = [*EntitlementSerializer.Meta.fields, "waiver"]


class RenewalSerializer(serializers.Serializer[Any]):
    quantity = serializers.IntegerField(min_value=1, max_value=10_000_000)
    ends_at = serializers.DateTimeField(allow_null=True)
    document = serializers.CharField(max_length=500)


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class EntitlementViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Rights of use. Their economics are append-only: renew or revoke, never edit."""

    serializer_class = EntitlementSerializer
    queryset = Entitlement.objects.all()
    filterset_fields = ["product", "edition", "state", "agreement"]
    permissions = {"list": RIGHTS, "retrieve": RIGHTS, "create": KEEP, "renew": KEEP, "revoke": KEEP}

    def get_queryset(self) -> QuerySet[Entitlement]:
        return Entitlement.objects.all()

    @extend_schema(request=NewEntitlementSerializer, responses={201: EntitlementSerializer})
    def create(self, request: Request) -> Response:
        given = NewEntitlementSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = create_entitlement(entitlement=NewEntitlement(**given.validated_data), trail=self.trail)
        return Response(EntitlementSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=RenewalSerializer, responses={201: EntitlementSerializer})
    @action(detail=True, methods=["post"])
    def renew(self, request: Request, pk: str | None = None) -> Response:
        given = RenewalSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = renew_entitlement(entitlement=self.get_object(), trail=self.trail, **given.validated_data)
        return Response(EntitlementSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ReasonSerializer, responses=EntitlementSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str | None = None) -> Response:
        given = ReasonSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = revoke_entitlement(
            entitlement_id=self.get_object().id, reason=given.validated_data["reason"], trail=self.trail
        )
        return Response(EntitlementSerializer(row).data)


ROUTES = (
    ("purchases", PurchaseViewSet),
    ("entitlements", EntitlementViewSet),
)
