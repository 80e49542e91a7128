"""REST of a pool's limits: capacity, overdraft, kind of limit; cuts that wait; whether it is for some people alone."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.rest import TenantViewSet
from seats.models import SeatPool
from seats.operations import cancel_cut, confirm_cut, cut_of, plan_cut, restrict_pool, set_limits
from seats.queries import holder_name, pool_states

MANAGE = "seats.pool.manage"
POOLS = "seats.pool.view"
SEATS = "seats.assignment.view"
MOST_SEATS = 10_000_000
LIMITS_REFUSED = OpenApiResponse(
    description="CAPACITY_BELOW_USE, CAPACITY_BELOW_RESERVED or CAPACITY_ABOVE_RIGHTS; nothing was changed."
)


class PoolSerializer(serializers.Serializer[Any]):
    """A pool at the moment `as_of`. `capacity` is what was set, `covered` the smaller of it and the rights valid then,
    `limit` that and the overdraft, `excess` what is held beyond; null where there is no number. `reserved` are seats
    kept for departments and groups and not drawn, `free` those that anybody may take. `restricted`: for those alone
    whom an eligibility names. `pending_capacity` is a cut that waits."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    publisher = serializers.CharField()
    product = serializers.UUIDField(source="product_id")
    product_name = serializers.CharField(source="product")
    edition = serializers.CharField()
    metric = serializers.CharField()
    unit = serializers.CharField()
    territory = serializers.CharField()
    capacity = serializers.IntegerField(allow_null=True)
    pending_capacity = serializers.IntegerField(allow_null=True)
    overdraft = serializers.IntegerField()
    hard_limit = serializers.BooleanField()
    restricted = serializers.BooleanField()
    covered = serializers.IntegerField(allow_null=True)
    limit = serializers.IntegerField(allow_null=True)
    used = serializers.IntegerField()
    reserved = serializers.IntegerField()
    free = serializers.IntegerField(allow_null=True)
    excess = serializers.IntegerField()
    as_of = serializers.DateTimeField(source="at")


class LimitsSerializer(serializers.Serializer[Any]):
    """What is left out stays as it is."""

    capacity = serializers.IntegerField(min_value=0, max_value=MOST_SEATS, required=False)
    overdraft = serializers.IntegerField(min_value=0, max_value=MOST_SEATS, required=False)
    hard_limit = serializers.BooleanField(required=False)


class CutSerializer(serializers.Serializer[Any]):
    """A capacity below the present one, and why."""

    capacity = serializers.IntegerField(min_value=0, max_value=MOST_SEATS)
    reason = serializers.CharField(max_length=500)


class LoserSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    holder = serializers.CharField()
    quantity = serializers.IntegerField()
    since = serializers.DateTimeField()


class PendingCutSerializer(serializers.Serializer[Any]):
    """A cut that waits, and who would lose a seat if it were confirmed now; null figures where none waits."""

    capacity = serializers.IntegerField(allow_null=True)
    pending_capacity = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    excess = serializers.IntegerField()
    losers = LoserSerializer(many=True)


class ConfirmCutSerializer(serializers.Serializer[Any]):
    """The seats that were shown; with any other list nothing happens (CUT_CHANGED)."""

    losers = serializers.ListField(child=serializers.UUIDField(), max_length=100_000)


class RestrictSerializer(serializers.Serializer[Any]):
    restricted = serializers.BooleanField()
    reason = serializers.CharField(max_length=500)


class PoolLimits(TenantViewSet):
    """What an administrator decides about the limits of a pool."""

    limit_permissions = {
        "limits": MANAGE,
        "cut": SEATS,
        "plan_cut": MANAGE,
        "confirm_cut": MANAGE,
        "cancel_cut": MANAGE,
        "restrict": MANAGE,
    }

    def _shown(self, pool_id: Any) -> Response:
        [state] = pool_states(self.get_queryset().filter(id=pool_id), at=self.trail.clock.now())
        return Response(PoolSerializer(state).data)

    @extend_schema(request=LimitsSerializer, responses={200: PoolSerializer, 409: LIMITS_REFUSED})
    @action(detail=True, methods=["post"])
    def limits(self, request: Request, pk: str | None = None) -> Response:
        given = LimitsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._shown(set_limits(pool=self.get_object(), trail=self.trail, **given.validated_data).id)

    @extend_schema(responses=PendingCutSerializer)
    @action(detail=True, methods=["get"])
    def cut(self, request: Request, pk: str | None = None) -> Response:
        return Response(PendingCutSerializer(pending_cut(self.get_object())).data)

    @extend_schema(request=CutSerializer, responses={200: PendingCutSerializer, 409: LIMITS_REFUSED})
    @action(detail=True, methods=["post"], url_path="plan-cut")
    def plan_cut(self, request: Request, pk: str | None = None) -> Response:
        given = CutSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        pool = plan_cut(pool=self.get_object(), trail=self.trail, **given.validated_data)
        return Response(PendingCutSerializer(pending_cut(pool)).data)

    @extend_schema(request=ConfirmCutSerializer, responses={200: PoolSerializer})
    @action(detail=True, methods=["post"], url_path="confirm-cut")
    def confirm_cut(self, request: Request, pk: str | None = None) -> Response:
        given = ConfirmCutSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        pool = self.get_object()
        confirm_cut(pool=pool, losers=given.validated_data["losers"], trail=self.trail)
        return self._shown(pool.id)

    @extend_schema(request=None, responses={200: PoolSerializer})
    @action(detail=True, methods=["post"], url_path="cancel-cut")
    def cancel_cut(self, request: Request, pk: str | None = None) -> Response:
        return self._shown(cancel_cut(pool=self.get_object(), trail=self.trail).id)

    @extend_schema(request=RestrictSerializer, responses={200: PoolSerializer})
    @action(detail=True, methods=["post"])
    def restrict(self, request: Request, pk: str | None = None) -> Response:
        given = RestrictSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._shown(restrict_pool(pool=self.get_object(), trail=self.trail, **given.validated_data).id)


def pending_cut(pool: SeatPool) -> dict[str, Any]:
    """The cut of a pool as the interface shows it."""
    cut = cut_of(pool)
    losers = cut.losers if cut else ()
    return {
        "capacity": cut.pool.capacity if cut else pool.capacity,
        "pending_capacity": cut.pool.pending_capacity if cut else None,
        "reason": cut.pool.pending_reason if cut else "",
        "since": cut.pool.pending_since if cut else None,
        "excess": cut.excess if cut else 0,
        "losers": [
            {"id": row.id, "holder": holder_name(row), "quantity": row.quantity, "since": row.since} for row in losers
        ],
    }
