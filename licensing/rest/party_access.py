"""REST of what a person of a customer sees beside the own partner's matters."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from identity.models import Membership
from kernel.rest import TenantViewSet
from licensing.models import PartyAccess
from licensing.operations.party_access import end_party_access, grant_party_access

VIEW = "identity.membership.view"
MANAGE = "identity.membership.manage"


class PartyAccessSerializer(serializers.ModelSerializer[PartyAccess]):
    """`with_children` reaches every partner below this one in the tree as well."""

    membership = serializers.PrimaryKeyRelatedField(queryset=Membership.objects.all())

    class Meta:
        model = PartyAccess
        fields = ["id", "membership", "party", "with_children", "granted_at", "ended_at"]
        read_only_fields = ["id", "granted_at", "ended_at"]
        validators: list[Any] = []


class PartyAccessViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Which customers see the matters of which further partners. The own partner of a membership needs none."""

    serializer_class = PartyAccessSerializer
    queryset = PartyAccess.objects.all()
    filterset_fields = ["membership", "party"]
    permissions = {"list": VIEW, "retrieve": VIEW, "create": MANAGE, "end": MANAGE}

    @extend_schema(request=PartyAccessSerializer, responses={201: PartyAccessSerializer})
    def create(self, request: Request) -> Response:
        given = PartyAccessSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = grant_party_access(trail=self.trail, **given.validated_data)
        return Response(PartyAccessSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=PartyAccessSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str | None = None) -> Response:
        row = end_party_access(access_id=self.get_object().id, trail=self.trail)
        return Response(PartyAccessSerializer(row).data)


ROUTES = (("party-accesses", PartyAccessViewSet),)
