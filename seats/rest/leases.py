"""REST of floating seats for staff: who holds and who waits, taking a seat away, terms, priorities, and how a pool was
used. Clients speak for themselves elsewhere (seats.rest.lease_calls)."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from identity.models import DirectoryGroup
from kernel.clock import Clock, DatabaseClock
from kernel.rest import TenantViewSet
from seats.models import Lease, SeatPool
from seats.operations.lease_ends import force_release
from seats.operations.lease_pools import set_lease_priority, set_lease_terms
from seats.ownership import ASSIGN_OWN, require_reach
from seats.queries.leases import GROUPS, RELATED, lease_peaks, lease_use, terms_of_pool
from seats.rules.leases import LIVE, Holding, LeaseTerms

SEATS, POOLS, MANAGE = "seats.assignment.view", "seats.pool.view", "seats.pool.manage"
MOST_DAYS = 31
SPANS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}


class LeaseSerializer(serializers.ModelSerializer[Lease]):
    """A session that holds seats, or waits for them, or did. `user` and `label` are the client's words."""

    class Meta:
        model = Lease
        fields = [
            "id", "pool", "license", "person", "user", "department", "label", "quantity", "state", "priority", "ticket",
            "over_limit", "asked_at", "offered_at", "acquired_at", "seen_at", "expires_at", "borrowed_until",
            "released_at", "end_reason",
        ]  # fmt: skip
        read_only_fields = fields


class LeaseReasonSerializer(serializers.Serializer[Any]):
    """Why; it stays on record with the lease."""

    reason = serializers.CharField(max_length=500)


class LeaseTermsSerializer(serializers.Serializer[Any]):
    """How a pool hands out floating seats. `borrow_days` 0: nothing is lent; `low_water_percent` of the limit never
    is."""

    lease_seconds = serializers.IntegerField(min_value=3, max_value=86_400)
    grace_beats = serializers.IntegerField(min_value=0, max_value=10)
    offer_seconds = serializers.IntegerField(min_value=1, max_value=3_600)
    queues = serializers.BooleanField()
    holding = serializers.ChoiceField(choices=[one.value for one in Holding])
    borrow_days = serializers.IntegerField(min_value=0, max_value=7)
    low_water_percent = serializers.IntegerField(min_value=0, max_value=100)


class LeasePrioritySerializer(serializers.Serializer[Any]):
    """A department or a directory group, and its priority in the queue: 1 goes first, null takes it away."""

    department = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    group = serializers.PrimaryKeyRelatedField(
        queryset=DirectoryGroup.objects.all(), required=False, default=None, allow_null=True
    )
    priority = serializers.IntegerField(min_value=1, max_value=9, allow_null=True)


class LeaseUseSerializer(serializers.Serializer[Any]):
    """What one user or department did; `wait_seconds` is the mean of those who waited and then held a seat."""

    name = serializers.CharField()
    check_outs = serializers.IntegerField()
    denials = serializers.IntegerField()
    waited = serializers.IntegerField()
    wait_seconds = serializers.FloatField(allow_null=True)


class PeakSerializer(serializers.Serializer[Any]):
    start = serializers.DateTimeField()
    seats = serializers.IntegerField()


class LeaseReportSerializer(serializers.Serializer[Any]):
    """How a pool was used in the days up to `as_of`: who took seats and who was denied, and the peaks."""

    as_of = serializers.DateTimeField()
    use = LeaseUseSerializer(many=True)
    peaks = PeakSerializer(many=True)


class ReportQuestion(serializers.Serializer[Any]):
    by = serializers.ChoiceField(choices=sorted(GROUPS), default="user")
    span = serializers.ChoiceField(choices=sorted(SPANS), default="hour")
    days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, default=7)


class LeaseFilter(filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """`live` true: those that hold a seat or wait for one."""

    live = filters.BooleanFilter(method="by_live")

    class Meta:
        model = Lease
        fields = ["pool", "license", "person", "state", "department"]

    def by_live(self, rows: QuerySet[Lease], _name: str, value: bool) -> QuerySet[Lease]:
        living = {"state__in": sorted(state.value for state in LIVE)}
        return rows.filter(**living) if value else rows.exclude(**living)


class LeaseViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Floating seats that are or were held, and the queue. `release` takes one away, with a reason."""

    serializer_class = LeaseSerializer
    queryset = Lease.objects.all()
    filterset_class = LeaseFilter
    permissions = {"list": SEATS, "retrieve": SEATS, "release": ASSIGN_OWN}

    def get_queryset(self) -> QuerySet[Lease]:
        return Lease.objects.select_related(*RELATED)

    @extend_schema(request=LeaseReasonSerializer, responses=LeaseSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str | None = None) -> Response:
        given = LeaseReasonSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        held: Lease = self.get_object()
        require_reach(self.trail.actor, [held.pool.product_id])
        row = force_release(lease_id=held.id, reason=given.validated_data["reason"], trail=self.trail)
        return Response(LeaseSerializer(row).data)


class FloatingPoolViewSet(TenantViewSet):
    """Pools as floating seats are handed out of them, by the pool's id: terms, priorities in the queue, and use."""

    serializer_class = LeaseTermsSerializer
    queryset = SeatPool.objects.all()
    permissions = {"retrieve": POOLS, "terms": MANAGE, "priority": MANAGE, "use": SEATS}
    clock: Clock = DatabaseClock()

    @extend_schema(responses=LeaseTermsSerializer)
    def retrieve(self, request: Request, pk: str | None = None) -> Response:
        return Response(_shown(terms_of_pool(self.get_object().id)))

    @extend_schema(request=LeaseTermsSerializer, responses=LeaseTermsSerializer)
    @action(detail=True, methods=["post"])
    def terms(self, request: Request, pk: str | None = None) -> Response:
        given = LeaseTermsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        terms = LeaseTerms(**{**values, "holding": Holding(values["holding"])})
        return Response(_shown(set_lease_terms(pool=self.get_object(), terms=terms, trail=self.trail).terms))

    @extend_schema(request=LeasePrioritySerializer, responses=LeasePrioritySerializer)
    @action(detail=True, methods=["post"])
    def priority(self, request: Request, pk: str | None = None) -> Response:
        given = LeasePrioritySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        set_lease_priority(pool=self.get_object(), trail=self.trail, **given.validated_data)
        return Response(LeasePrioritySerializer(given.validated_data).data)

    @extend_schema(
        parameters=[
            OpenApiParameter("by", enum=sorted(GROUPS)),
            OpenApiParameter("span", enum=sorted(SPANS)),
            OpenApiParameter("days", int),
        ],
        responses=LeaseReportSerializer,
    )
    @action(detail=True, methods=["get"])
    def use(self, request: Request, pk: str | None = None) -> Response:
        asked = ReportQuestion(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        pool, now = self.get_object(), self.clock.now()
        span = SPANS[asked.validated_data["span"]]
        end = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        days = asked.validated_data["days"]
        start = end - timedelta(days=days)
        used = lease_use(pool.id, by=asked.validated_data["by"], start=start, end=end)
        report = {
            "as_of": now,
            "use": [{**asdict(one), "wait_seconds": _seconds(one.wait)} for one in used],
            "peaks": [asdict(one) for one in lease_peaks(pool.id, start=start, hours=24 * days, span=span)],
        }
        return Response(LeaseReportSerializer(report).data)


def _seconds(wait: timedelta | None) -> float | None:
    return None if wait is None else wait.total_seconds()


def _shown(terms: LeaseTerms) -> dict[str, Any]:
    return {**asdict(terms), "holding": terms.holding.value}


ROUTES = (("leases", LeaseViewSet), ("floating-pools", FloatingPoolViewSet))
