"""REST of product owners."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from identity.models import Membership
from kernel.rest import TenantViewSet
from licensing.models import Product, ProductOwner
from licensing.operations.ownership import end_product_ownership, name_product_owner

VIEW = "licensing.catalogue.view"
MANAGE = "licensing.product_owner.manage"


class ProductOwnerSerializer(serializers.ModelSerializer[ProductOwner]):
    class Meta:
        model = ProductOwner
        fields = ["id", "product", "membership", "since", "ended_at"]
        read_only_fields = fields


class NewProductOwnerSerializer(serializers.Serializer[Any]):
    product = serializers.PrimaryKeyRelatedField(queryset=Product.objects.all())
    membership = serializers.PrimaryKeyRelatedField(queryset=Membership.objects.select_related("account"))


class ProductOwnerViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Who answers for which product. DELETE ends it; the row stays."""

    serializer_class = ProductOwnerSerializer
    queryset = ProductOwner.objects.all()
    filterset_fields = ["product", "membership"]
    permissions = {"list": VIEW, "retrieve": VIEW, "create": MANAGE, "destroy": MANAGE}

    def get_queryset(self) -> QuerySet[ProductOwner]:
        return ProductOwner.objects.all()

    @extend_schema(request=NewProductOwnerSerializer, responses={201: ProductOwnerSerializer})
    def create(self, request: Request) -> Response:
        given = NewProductOwnerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = name_product_owner(trail=self.trail, **given.validated_data)
        return Response(ProductOwnerSerializer(row).data, status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, pk: str | None = None) -> Response:
        end_product_ownership(owner_id=self.get_object().id, trail=self.trail)
        return Response(status=status.HTTP_204_NO_CONTENT)


ROUTES = (("product-owners", ProductOwnerViewSet),)
