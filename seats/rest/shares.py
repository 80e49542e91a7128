"""REST of reservations and eligibility: seats kept for units and groups, and who may use a restricted pool."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from identity.models import DirectoryGroup, OrgUnit, Person
from kernel.rest import TenantViewSet
from seats.models import Eligibility, Reservation, SeatPool
from seats.operations import end_eligibility, end_reservation, make_eligible, set_reservation
from seats.queries import eligibilities, reservation_states, reservations
from seats.rest.limits import MANAGE, MOST_SEATS, POOLS, SEATS


class ReservationSerializer(serializers.Serializer[Any]):
    """`quantity` seats are kept for one unit, with the units below it, or one group; `held` is what its people hold of
    the pool, `undrawn` what nobody else is given."""

    id = serializers.UUIDField(source="row.id")
    pool = serializers.UUIDField(source="row.pool_id")
    unit = serializers.UUIDField(source="row.unit_id", allow_null=True)
    group = serializers.UUIDField(source="row.group_id", allow_null=True)
    quantity = serializers.IntegerField(source="row.quantity")
    held = serializers.IntegerField(source="promise.held")
    undrawn = serializers.IntegerField(source="promise.undrawn")
    reason = serializers.CharField(source="row.reason")
    set_at = serializers.DateTimeField(source="row.set_at")


class NewReservationSerializer(serializers.Serializer[Any]):
    """Exactly one of unit and group; one that exists gets the new quantity."""

    pool = serializers.PrimaryKeyRelatedField(queryset=SeatPool.objects.all())
    unit = serializers.PrimaryKeyRelatedField(queryset=OrgUnit.objects.all(), required=False, allow_null=True)
    group = serializers.PrimaryKeyRelatedField(queryset=DirectoryGroup.objects.all(), required=False, allow_null=True)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_SEATS)
    reason = serializers.CharField(max_length=500)


class EligibilitySerializer(serializers.ModelSerializer[Eligibility]):
    """A person, or everybody in a group, may use the pool."""

    class Meta:
        model = Eligibility
        fields = ["id", "pool", "person", "group", "reason", "added_at"]
        read_only_fields = fields


class NewEligibilitySerializer(serializers.Serializer[Any]):
    """Exactly one of person and group; who may already stays as it is."""

    pool = serializers.PrimaryKeyRelatedField(queryset=SeatPool.objects.all())
    person = serializers.PrimaryKeyRelatedField(queryset=Person.objects.all(), required=False, allow_null=True)
    group = serializers.PrimaryKeyRelatedField(queryset=DirectoryGroup.objects.all(), required=False, allow_null=True)
    reason = serializers.CharField(max_length=500)


class EndShareSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


ENDED = OpenApiResponse(description="It has ended; the ledger remembers it and the reason.")


class ReservationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Seats of pools that are kept for units and groups."""

    serializer_class = ReservationSerializer
    queryset = Reservation.objects.all()
    filterset_fields = ["pool", "unit", "group"]
    permissions = {"list": POOLS, "retrieve": POOLS, "create": MANAGE, "end": MANAGE}

    def get_queryset(self) -> QuerySet[Reservation]:
        return reservations()

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(ReservationSerializer(reservation_states(page), many=True).data)

    def retrieve(self, request: Request, pk: str | None = None) -> Response:
        return Response(_shown(self.get_object()))

    @extend_schema(request=NewReservationSerializer, responses={201: ReservationSerializer})
    def create(self, request: Request) -> Response:
        given = NewReservationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = set_reservation(trail=self.trail, **given.validated_data)
        return Response(_shown(row), status=status.HTTP_201_CREATED)

    @extend_schema(request=EndShareSerializer, responses={204: ENDED})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str | None = None) -> Response:
        given = EndShareSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        end_reservation(reservation=self.get_object(), reason=given.validated_data["reason"], trail=self.trail)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _shown(row: Reservation) -> Any:
    [state] = reservation_states([row])
    return ReservationSerializer(state).data


class EligibilityViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Who may use restricted pools."""

    serializer_class = EligibilitySerializer
    queryset = Eligibility.objects.all()
    filterset_fields = ["pool", "person", "group"]
    permissions = {"list": SEATS, "retrieve": SEATS, "create": MANAGE, "end": MANAGE}

    def get_queryset(self) -> QuerySet[Eligibility]:
        return eligibilities()

    @extend_schema(request=NewEligibilitySerializer, responses={201: EligibilitySerializer})
    def create(self, request: Request) -> Response:
        given = NewEligibilitySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = make_eligible(trail=self.trail, **given.validated_data)
        return Response(EligibilitySerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=EndShareSerializer, responses={204: ENDED})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str | None = None) -> Response:
        given = EndShareSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        end_eligibility(eligibility=self.get_object(), reason=given.validated_data["reason"], trail=self.trail)
        return Response(status=status.HTTP_204_NO_CONTENT)


ROUTES = (("reservations", ReservationViewSet), ("eligibilities", EligibilityViewSet))
