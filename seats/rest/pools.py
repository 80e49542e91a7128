"""REST of pools, and how seats of them are given."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from identity.models import Device, Person
from kernel.clock import Clock, DatabaseClock
from kernel.errors import FieldError, InvalidInput, Refusal
from seats.models import AssignmentSource, SeatPool
from seats.operations import Placement, SeatRequest, assign_many, preview_assign_many
from seats.ownership import ASSIGN_OWN, require_reach
from seats.queries import pool_states, pools
from seats.rest.assignments import AssignmentSerializer
from seats.rest.limits import POOLS, PoolLimits, PoolSerializer

MOST_PEOPLE = 1000
REFUSED = OpenApiResponse(
    description="CAPACITY_EXCEEDED with capacity, used, free, requested, next_free_at, idle, reserved and reclaim_at; "
    "NOT_ELIGIBLE, PERSON_INACTIVE, DEVICE_RETIRED or ASSIGNMENT_QUANTITY_DIFFERS. Nothing was written but the "
    "refusal's ledger entry."
)


class AssignSerializer(serializers.Serializer[Any]):
    """Exactly one of person, device and external holder; `quantity` in units of the pool's metric."""

    person = serializers.PrimaryKeyRelatedField(queryset=Person.objects.all(), required=False, allow_null=True)
    device = serializers.PrimaryKeyRelatedField(queryset=Device.objects.all(), required=False, allow_null=True)
    external_holder = serializers.CharField(max_length=200, required=False, allow_blank=True)
    quantity = serializers.IntegerField(min_value=1, max_value=1_000_000, required=False)
    until = serializers.DateTimeField(required=False, allow_null=True)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)


class AssignManySerializer(serializers.Serializer[Any]):
    """A seat for each of these people: for all or, with `allow_partial`, for those that fit, in this order. `preview`
    writes nothing."""

    people = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST_PEOPLE)
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    allow_partial = serializers.BooleanField(required=False, default=False)
    preview = serializers.BooleanField(required=False, default=False)


class OutcomeSerializer(serializers.Serializer[Any]):
    """What became of one person: `assigned`, `held` (had the seat already) or `left_out` with code and sentence."""

    person = serializers.UUIDField()
    outcome = serializers.ChoiceField(choices=["assigned", "held", "left_out"])
    assignment = serializers.UUIDField(allow_null=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class PlacementSerializer(serializers.Serializer[Any]):
    """Each person's outcome in the order assigned, held, left out, and the pool afterwards (as it would be)."""

    preview = serializers.BooleanField()
    capacity = serializers.IntegerField(allow_null=True)
    used = serializers.IntegerField()
    free = serializers.IntegerField(allow_null=True)
    outcomes = OutcomeSerializer(many=True)


class PoolFilter(filters.FilterSet):  # type: ignore[misc]  # the library has no types
    class Meta:
        model = SeatPool
        fields = ["product", "edition", "metric", "territory", "hard_limit", "restricted"]


class PoolViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, PoolLimits):
    """Pools with what they may hold, do hold and have free. Seats are given by `assign` and `assign-many`."""

    serializer_class = PoolSerializer
    queryset = SeatPool.objects.all()
    filterset_class = PoolFilter
    permissions = {
        "list": POOLS,
        "retrieve": POOLS,
        "assign": ASSIGN_OWN,
        "assign_many": ASSIGN_OWN,
        **PoolLimits.limit_permissions,
    }
    clock: Clock = DatabaseClock()

    def get_queryset(self) -> QuerySet[SeatPool]:
        return pools()

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(PoolSerializer(pool_states(page, at=self.clock.now()), many=True).data)

    def retrieve(self, request: Request, pk: str | None = None) -> Response:
        [state] = pool_states([self.get_object()], at=self.clock.now())
        return Response(PoolSerializer(state).data)

    @extend_schema(
        request=AssignSerializer,
        responses={201: AssignmentSerializer, 200: AssignmentSerializer, 409: REFUSED},
        description="Gives a seat. 201: a new one; 200: the holder had it already, and no second one was taken.",
    )
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str | None = None) -> Response:
        given = AssignSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted, pool = SeatRequest(**given.validated_data), self.get_object()
        require_reach(self.trail.actor, [pool.product_id])
        placement = assign_many(pool=pool, requests=[wanted], source=AssignmentSource.API, trail=self.trail)
        [placed] = placement.placed
        return Response(
            AssignmentSerializer(placed.assignment).data,
            status=status.HTTP_201_CREATED if placed.is_new else status.HTTP_200_OK,
        )

    @extend_schema(request=AssignManySerializer, responses={200: PlacementSerializer, 409: REFUSED})
    @action(detail=True, methods=["post"], url_path="assign-many")
    def assign_many(self, request: Request, pk: str | None = None) -> Response:
        given = AssignManySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked, pool = given.validated_data, self.get_object()
        require_reach(self.trail.actor, [pool.product_id])
        requests = [SeatRequest(person=person, reason=asked["reason"]) for person in _people(asked["people"])]
        if asked["preview"]:
            return Response(PlacementSerializer(self._preview(pool, requests)).data)
        placement = assign_many(
            pool=pool, requests=requests, source=AssignmentSource.API, partial=asked["allow_partial"], trail=self.trail
        )
        return Response(PlacementSerializer(self._done(pool, placement)).data)

    def _done(self, pool: SeatPool, placement: Placement) -> dict[str, Any]:
        [after] = pool_states(pools().filter(id=pool.id), at=self.trail.clock.now())
        outcomes = [
            _outcome(placed.request, "assigned" if placed.is_new else "held", assignment=placed.assignment.id)
            for placed in placement.placed
        ]
        outcomes += [_outcome(left.request, "left_out", refusal=left.refusal) for left in placement.left_out]
        return {
            "preview": False,
            "capacity": after.covered,
            "used": after.used,
            "free": after.free,
            "outcomes": outcomes,
        }

    def _preview(self, pool: SeatPool, requests: Sequence[SeatRequest]) -> dict[str, Any]:
        preview = preview_assign_many(
            pool=pool, requests=requests, at=self.trail.clock.now(), source=AssignmentSource.API
        )
        outcomes = [_outcome(one, "assigned") for one in preview.new] + [_outcome(one, "held") for one in preview.held]
        outcomes += [_outcome(left.request, "left_out", refusal=left.refusal) for left in preview.left_out]
        return {
            "preview": True,
            "capacity": preview.capacity,
            "used": preview.used_after,
            "free": preview.free_after,
            "outcomes": outcomes,
        }


def _people(ids: Sequence[UUID]) -> list[Person]:
    """The people with these ids, in order; raises InvalidInput that points at each id nobody here has."""
    found = Person.objects.in_bulk(ids)
    unknown = tuple(
        FieldError(f"/people/{position}", _("There is no such person in your organisation."))
        for position, person_id in enumerate(ids)
        if person_id not in found
    )
    if unknown:
        raise InvalidInput(_("The input has %(count)s mistakes.") % {"count": len(unknown)}, errors=unknown)
    return [found[person_id] for person_id in ids]


def _outcome(
    wanted: SeatRequest, outcome: str, *, assignment: UUID | None = None, refusal: Refusal | None = None
) -> dict[str, Any]:
    return {
        "person": wanted.person.id if wanted.person else None,
        "outcome": outcome,
        "assignment": assignment,
        "code": refusal.code if refusal else "",
        "detail": refusal.message if refusal else "",
    }


ROUTES = (("pools", PoolViewSet),)
