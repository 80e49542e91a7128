"""REST of seats: who holds or held one, and its release."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from identity.models import Device, Person
from kernel.rest import TenantViewSet
from seats.models import Assignment, AssignmentSource
from seats.operations import release, transfer
from seats.ownership import ASSIGN_OWN, require_reach
from seats.queries import holders, is_direct_grant

SEATS = "seats.assignment.view"


class AssignmentSerializer(serializers.ModelSerializer[Assignment]):
    """A seat, held or released. `direct_grant`: given by somebody's own decision, without an approved request."""

    direct_grant = serializers.SerializerMethodField()

    class Meta:
        model = Assignment
        fields = [
            "id",
            "pool",
            "person",
            "device",
            "external_holder",
            "quantity",
            "since",
            "until",
            "source",
            "reason",
            "request_id",
            "direct_grant",
            "over_limit",
            "released_at",
            "end_reason",
            "created_at",
        ]
        read_only_fields = fields

    def get_direct_grant(self, row: Assignment) -> bool:
        return is_direct_grant(row)


class ReleaseSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class SeatTransferSerializer(serializers.Serializer[Any]):
    """Exactly one of person, device and external holder, who has no seat of the pool yet."""

    person = serializers.PrimaryKeyRelatedField(queryset=Person.objects.all(), required=False, allow_null=True)
    device = serializers.PrimaryKeyRelatedField(queryset=Device.objects.all(), required=False, allow_null=True)
    external_holder = serializers.CharField(max_length=200, required=False, allow_blank=True)
    reason = serializers.CharField(max_length=500)


class AssignmentFilter(filters.FilterSet):  # type: ignore[misc]  # the library has no types
    live = filters.BooleanFilter(method="by_live")

    class Meta:
        model = Assignment
        fields = ["pool", "person", "device", "source", "over_limit"]

    def by_live(self, rows: QuerySet[Assignment], _name: str, value: bool) -> QuerySet[Assignment]:
        """Seats that are held now, or those that were released."""
        return rows.filter(released_at__isnull=value)


class AssignmentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Seats that are or were held. They are released, never deleted."""

    serializer_class = AssignmentSerializer
    queryset = Assignment.objects.all()
    filterset_class = AssignmentFilter
    permissions = {"list": SEATS, "retrieve": SEATS, "release": ASSIGN_OWN, "transfer": ASSIGN_OWN}

    def get_queryset(self) -> QuerySet[Assignment]:
        return holders()

    @extend_schema(request=ReleaseSerializer, responses=AssignmentSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str | None = None) -> Response:
        given = ReleaseSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        held = self.get_object()
        require_reach(self.trail.actor, [held.pool.product_id])
        row = release(assignment=held, reason=given.validated_data["reason"], trail=self.trail)
        return Response(AssignmentSerializer(row).data)

    @extend_schema(
        request=SeatTransferSerializer,
        responses={200: AssignmentSerializer},
        description="Ends the seat and gives the same quantity to another holder; answers with the new seat.",
    )
    @action(detail=True, methods=["post"])
    def transfer(self, request: Request, pk: str | None = None) -> Response:
        given = SeatTransferSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        held = self.get_object()
        require_reach(self.trail.actor, [held.pool.product_id])
        row = transfer(assignment=held, source=AssignmentSource.API, trail=self.trail, **given.validated_data)
        return Response(AssignmentSerializer(row).data)


ROUTES = (("assignments", AssignmentViewSet),)
