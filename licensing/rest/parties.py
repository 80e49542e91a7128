"""REST of business partners: each write is one operation."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.rest import TenantViewSet
from licensing.models import Party
from licensing.operations import PartyParticulars, bar_party, create_party, lift_bar, move_party, update_party
from licensing.rest.catalogue import MANAGE, VIEW, NamedSerializer

BAR = "licensing.party.bar"
PARTICULARS = ("kind", "name", "email", "territory")


class PartySerializer(NamedSerializer):
    class Meta:
        model = Party
        fields = ["id", "kind", "name", "email", "territory", "parent", "barred_at", "created_at"]
        read_only_fields = ["id", "barred_at", "created_at"]


class PartyReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class PartyViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.CreateModelMixin, mixins.UpdateModelMixin, TenantViewSet
):
    """Business partners: licensors, customers, resellers, affiliates. `parent` makes a tree, which a change of it
    moves them in; a barred partner's licences answer BANNED."""

    http_method_names = ["get", "post", "patch", "head", "options"]
    serializer_class = PartySerializer
    queryset = Party.objects.all()
    filterset_fields = ["kind", "name", "parent"]
    permissions = {"list": VIEW, "retrieve": VIEW, "create": MANAGE, "update": MANAGE, "bar": BAR, "lift_bar": BAR}

    def perform_create(self, serializer: Any) -> None:
        given = serializer.validated_data
        serializer.instance = create_party(
            particulars=PartyParticulars(**{name: given[name] for name in PARTICULARS if name in given}),
            parent=given.get("parent"),
            trail=self.trail,
        )

    def perform_update(self, serializer: Any) -> None:
        row, given = serializer.instance, serializer.validated_data
        kept = {name: given.get(name, getattr(row, name)) for name in PARTICULARS}
        changed = update_party(party_id=row.id, particulars=PartyParticulars(**kept), trail=self.trail)
        if "parent" in given:
            parent: Party | None = given["parent"]
            changed = move_party(party_id=row.id, parent_id=parent.id if parent else None, trail=self.trail)
        serializer.instance = changed

    @extend_schema(request=PartyReasonSerializer, responses=PartySerializer)
    @action(detail=True, methods=["post"])
    def bar(self, request: Request, pk: str | None = None) -> Response:
        return Response(PartySerializer(bar_party(**self._stated(request), trail=self.trail)).data)

    @extend_schema(request=PartyReasonSerializer, responses=PartySerializer)
    @action(detail=True, methods=["post"], url_path="lift-bar")
    def lift_bar(self, request: Request, pk: str | None = None) -> Response:
        return Response(PartySerializer(lift_bar(**self._stated(request), trail=self.trail)).data)

    def _stated(self, request: Request) -> dict[str, Any]:
        party_id: UUID = self.get_object().id
        given = PartyReasonSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return {"party_id": party_id, "reason": given.validated_data["reason"]}


ROUTES = (("parties", PartyViewSet),)
