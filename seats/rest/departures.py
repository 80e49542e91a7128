"""REST of leavers: departures with their decision, the policy, and claims that wait for a seat."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.rest import TenantViewSet
from seats.models import Departure, LeavingPolicy, SeatClaim
from seats.operations import confirm_departures, keep_departures, set_leaving_policy, withdraw_claim
from seats.ownership import ASSIGN_OWN, require_reach
from seats.queries.leaving import claims, departures, leaving_policy

SEATS = "seats.assignment.view"
VIEW = "seats.departure.view"
DECIDE = "seats.departure.decide"
MOST = 1000


class DepartureSerializer(serializers.ModelSerializer[Departure]):
    """Somebody who left while holding seats. `seats` are the ids of these assignments, `due_at` the end of the grace;
    until `return_until` a person who is back gets them again where they are free."""

    class Meta:
        model = Departure
        fields = [
            "id",
            "person",
            "left_at",
            "state",
            "seats",
            "due_at",
            "return_until",
            "decided_at",
            "decision_reason",
            "updated_at",
        ]
        read_only_fields = fields


class DepartureDecisionSerializer(serializers.Serializer[Any]):
    """Which departures are decided about, and why."""

    departures = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST)
    reason = serializers.CharField(max_length=500)


class DepartureViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """People who left and held seats. `confirm` lets the seats of these leavers go, `keep` holds them back: all that
    are named, or none."""

    serializer_class = DepartureSerializer
    queryset = Departure.objects.all()
    filterset_fields = ["state", "person"]
    permissions = {"list": VIEW, "retrieve": VIEW, "confirm": DECIDE, "keep": DECIDE}

    def get_queryset(self) -> QuerySet[Departure]:
        return departures()

    @extend_schema(request=DepartureDecisionSerializer, responses=DepartureSerializer(many=True), filters=False)
    @action(detail=False, methods=["post"], pagination_class=None)
    def confirm(self, request: Request) -> Response:
        given = DepartureDecisionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        rows = confirm_departures(departure_ids=asked["departures"], reason=asked["reason"], trail=self.trail)
        return Response(DepartureSerializer(rows, many=True).data)

    @extend_schema(request=DepartureDecisionSerializer, responses=DepartureSerializer(many=True), filters=False)
    @action(detail=False, methods=["post"], pagination_class=None)
    def keep(self, request: Request) -> Response:
        given = DepartureDecisionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = given.validated_data
        rows = keep_departures(departure_ids=asked["departures"], reason=asked["reason"], trail=self.trail)
        return Response(DepartureSerializer(rows, many=True).data)


class LeavingPolicySerializer(serializers.Serializer[Any]):
    """Days of grace, days in which a returner gets the seats again, and how many may leave within 24 hours before a
    person has to look (null: the smaller of 50 and a tenth of the people, but at least 10)."""

    grace_days = serializers.IntegerField(min_value=0, max_value=365)
    return_days = serializers.IntegerField(min_value=0, max_value=365)
    most_leavers = serializers.IntegerField(min_value=1, max_value=1_000_000, allow_null=True)


class LeavingPolicyViewSet(TenantViewSet):
    """What becomes of the seats of whoever leaves: one policy, read and replaced as a whole."""

    serializer_class = LeavingPolicySerializer
    queryset = LeavingPolicy.objects.none()
    permissions = {"list": VIEW, "create": DECIDE}

    @extend_schema(responses=LeavingPolicySerializer)
    def list(self, request: Request) -> Response:
        return Response(LeavingPolicySerializer(leaving_policy()).data)

    @extend_schema(request=LeavingPolicySerializer, responses={200: LeavingPolicySerializer})
    def create(self, request: Request) -> Response:
        given = LeavingPolicySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(LeavingPolicySerializer(set_leaving_policy(**given.validated_data, trail=self.trail)).data)


class SeatClaimSerializer(serializers.ModelSerializer[SeatClaim]):
    """Somebody ought to have a seat. Without `assignment` and `ended_at` it waits; `code` says why."""

    class Meta:
        model = SeatClaim
        fields = [
            "id",
            "kind",
            "rule",
            "pool",
            "person",
            "quantity",
            "priority",
            "assignment",
            "code",
            "created_at",
            "tried_at",
            "leaves_at",
            "ended_at",
            "end_reason",
        ]
        read_only_fields = fields


class SeatClaimViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Who waits for a seat of which pool. What waits is tried again as soon as a seat is free."""

    serializer_class = SeatClaimSerializer
    queryset = SeatClaim.objects.all()
    filterset_fields = {
        "pool": ["exact"],
        "person": ["exact"],
        "rule": ["exact"],
        "kind": ["exact"],
        "assignment": ["isnull"],
        "ended_at": ["isnull"],
    }
    permissions = {"list": SEATS, "retrieve": SEATS, "withdraw": ASSIGN_OWN}

    def get_queryset(self) -> QuerySet[SeatClaim]:
        return claims()

    @extend_schema(request=None, responses=SeatClaimSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str | None = None) -> Response:
        """Waits no longer; nobody loses a seat."""
        found = self.get_object()
        require_reach(self.trail.actor, [found.pool.product_id])
        return Response(SeatClaimSerializer(withdraw_claim(claim_id=found.id, trail=self.trail)).data)


ROUTES = (
    ("departures", DepartureViewSet),
    ("leaving-policy", LeavingPolicyViewSet),
    ("seat-claims", SeatClaimViewSet),
)
