"""REST of reclamation: rules with their preview, removal candidates with decision and undo, exemptions."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from identity.models import DirectoryGroup, Person
from kernel.clock import Clock, DatabaseClock
from kernel.rest import TenantViewSet
from licensing.models import Product
from seats.models import (
    Exemption,
    ReclamationApprover,
    ReclamationKind,
    ReclamationRule,
    RemovalCandidate,
    SeatPool,
)
from seats.operations import (
    RuleTerms,
    change_rule,
    create_rule,
    decide,
    end_exemption,
    grant_exemption,
    resume_rule,
    stop_rule,
    undo,
)
from seats.operations.approvers import MANAGE
from seats.operations.reclamation_rules import MOST_DAYS, MOST_REMINDERS, TERMS
from seats.queries import exemptions, preview, removal_candidates, rules, savings
from seats.rules.reclamation import Verdict

VIEW = "seats.reclamation.view"
DECIDE = "seats.reclamation.decide"
MONEY = "licensing.money.view"
A_YEAR = timedelta(days=365)


class ReclamationRuleSerializer(serializers.ModelSerializer[ReclamationRule]):
    """A rule. `feed_silent_since`: the product has no usage record in the window, so the rule selects nobody;
    `stopped_at` null: it works."""

    class Meta:
        model = ReclamationRule
        fields = [
            "id", "name", "pool", "product", "kind", "window_days", "use_limit", "include_no_activity",
            "minimum_age_days", "notice_days", "reminders", "approver", "decision_days", "cool_down_days",
            "feed_silent_since", "looked_at", "stopped_at", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class ReclamationTermsSerializer(serializers.Serializer[Any]):
    """What a rule demands; days are whole days, `use_limit` belongs to the kinds that measure use."""

    name = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(choices=ReclamationKind.choices, required=False)
    window_days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, required=False)
    use_limit = serializers.DecimalField(max_digits=20, decimal_places=6, required=False, allow_null=True)
    include_no_activity = serializers.BooleanField(required=False)
    minimum_age_days = serializers.IntegerField(min_value=0, max_value=MOST_DAYS, required=False)
    notice_days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, required=False)
    reminders = serializers.IntegerField(min_value=0, max_value=MOST_REMINDERS, required=False)
    approver = serializers.ChoiceField(choices=ReclamationApprover.choices, required=False)
    decision_days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, required=False)
    cool_down_days = serializers.IntegerField(min_value=0, max_value=MOST_DAYS, required=False)


class NewReclamationRuleSerializer(ReclamationTermsSerializer):
    """A rule with its target: exactly one of pool and product."""

    pool = serializers.PrimaryKeyRelatedField(queryset=SeatPool.objects.all(), required=False, allow_null=True)
    product = serializers.PrimaryKeyRelatedField(queryset=Product.objects.all(), required=False, allow_null=True)


class ReclamationPreviewSerializer(serializers.Serializer[Any]):
    """What the rule would do at `as_of`: seats by verdict. `feed_alive` false: nobody is judged."""

    selected = serializers.IntegerField()
    seats = serializers.IntegerField()
    feed_alive = serializers.BooleanField()
    counts = serializers.DictField(child=serializers.IntegerField())
    as_of = serializers.DateTimeField(source="at")


class RemovalCandidateSerializer(serializers.ModelSerializer[RemovalCandidate]):
    """A seat that a rule asks back, or did. `outcome` is the last thing that happened."""

    pool = serializers.UUIDField(source="assignment.pool_id", read_only=True)
    person = serializers.UUIDField(source="assignment.person_id", read_only=True, allow_null=True)
    device = serializers.UUIDField(source="assignment.device_id", read_only=True, allow_null=True)

    class Meta:
        model = RemovalCandidate
        fields = [
            "id", "rule", "assignment", "pool", "person", "device", "state", "outcome", "selected_at", "last_used_at",
            "use_source", "measured_use", "asked_at", "reminders_sent", "due_at", "answered_at", "answer_reason",
            "decided_at", "decision_reason", "ended_at", "restored",
        ]  # fmt: skip
        read_only_fields = fields


class SavingsSerializer(serializers.Serializer[Any]):
    """Sums of one currency: of open candidates, and of what was taken back within a year and not undone. In a year, or
    once for what was bought once."""

    currency = serializers.CharField()
    potential = serializers.DecimalField(max_digits=20, decimal_places=2)
    actual = serializers.DecimalField(max_digits=20, decimal_places=2)


class RemovalDecisionSerializer(serializers.Serializer[Any]):
    keep = serializers.BooleanField()
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class RemovalUndoSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class ReclamationExemptionSerializer(serializers.ModelSerializer[Exemption]):
    class Meta:
        model = Exemption
        fields = ["id", "person", "group", "pool", "reason", "created_at", "ends_at", "ended_at"]
        read_only_fields = fields


class NewReclamationExemptionSerializer(serializers.Serializer[Any]):
    """Whose seats: exactly one of person, group and pool; `ends_at` null: without end."""

    person = serializers.PrimaryKeyRelatedField(queryset=Person.objects.all(), required=False, allow_null=True)
    group = serializers.PrimaryKeyRelatedField(queryset=DirectoryGroup.objects.all(), required=False, allow_null=True)
    pool = serializers.PrimaryKeyRelatedField(queryset=SeatPool.objects.all(), required=False, allow_null=True)
    reason = serializers.CharField(max_length=500)
    ends_at = serializers.DateTimeField(required=False, allow_null=True)


class RuleViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Rules that ask unused seats back. They are stopped, never deleted."""

    serializer_class = ReclamationRuleSerializer
    queryset = ReclamationRule.objects.all()
    filterset_fields = ["pool", "product", "kind"]
    http_method_names = ["get", "post", "patch", "head", "options"]
    permissions = {
        "list": VIEW,
        "retrieve": VIEW,
        "preview": VIEW,
        "create": MANAGE,
        "update": MANAGE,
        "stop": MANAGE,
        "resume": MANAGE,
    }
    clock: Clock = DatabaseClock()

    def get_queryset(self) -> QuerySet[ReclamationRule]:
        return rules().order_by("id")

    @extend_schema(request=NewReclamationRuleSerializer, responses={201: ReclamationRuleSerializer})
    def create(self, request: Request) -> Response:
        given = NewReclamationRuleSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = dict(given.validated_data)
        pool, product = asked.pop("pool", None), asked.pop("product", None)
        row = create_rule(pool=pool, product=product, terms=RuleTerms(**asked), trail=self.trail)
        return Response(ReclamationRuleSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ReclamationTermsSerializer, responses=ReclamationRuleSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        row: ReclamationRule = self.get_object()
        given = ReclamationTermsSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        terms = {name: getattr(row, name) for name in TERMS} | given.validated_data
        return Response(
            ReclamationRuleSerializer(change_rule(rule_id=row.id, terms=RuleTerms(**terms), trail=self.trail)).data
        )

    @extend_schema(responses=ReclamationPreviewSerializer)
    @action(detail=True, methods=["get"])
    def preview(self, request: Request, pk: str | None = None) -> Response:
        seen = preview(self.get_object(), at=self.clock.now())
        counts = {verdict.value: seen.counts[verdict] for verdict in Verdict}
        told = {"selected": seen.selected, "seats": seen.seats, "feed_alive": seen.feed_alive, "at": seen.at}
        return Response(ReclamationPreviewSerializer({**told, "counts": counts}).data)

    @extend_schema(request=None, responses=ReclamationRuleSerializer)
    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: str | None = None) -> Response:
        return Response(ReclamationRuleSerializer(stop_rule(rule_id=self.get_object().id, trail=self.trail)).data)

    @extend_schema(request=None, responses=ReclamationRuleSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str | None = None) -> Response:
        return Response(ReclamationRuleSerializer(resume_rule(rule_id=self.get_object().id, trail=self.trail)).data)


class CandidateFilter(filters.FilterSet):  # type: ignore[misc]  # the library has no types
    pool = filters.UUIDFilter(field_name="assignment__pool")
    person = filters.UUIDFilter(field_name="assignment__person")

    class Meta:
        model = RemovalCandidate
        fields = ["state", "rule", "assignment"]


class CandidateViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Seats that are or were asked back. `decide` answers a holder who wants to keep one; `undo` gives one again."""

    serializer_class = RemovalCandidateSerializer
    queryset = RemovalCandidate.objects.all()
    filterset_class = CandidateFilter
    permissions = {"list": VIEW, "retrieve": VIEW, "decide": DECIDE, "undo": DECIDE, "savings": MONEY}
    clock: Clock = DatabaseClock()

    def get_queryset(self) -> QuerySet[RemovalCandidate]:
        return removal_candidates()

    @extend_schema(request=RemovalDecisionSerializer, responses=RemovalCandidateSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str | None = None) -> Response:
        given = RemovalDecisionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = decide(candidate_id=self.get_object().id, trail=self.trail, **given.validated_data)
        return Response(RemovalCandidateSerializer(row).data)

    @extend_schema(responses=SavingsSerializer(many=True), filters=False)
    @action(detail=False, methods=["get"], pagination_class=None)
    def savings(self, request: Request) -> Response:
        sums = savings(since=self.clock.now() - A_YEAR)
        return Response(SavingsSerializer(sums, many=True).data)

    @extend_schema(request=RemovalUndoSerializer, responses=RemovalCandidateSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str | None = None) -> Response:
        given = RemovalUndoSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = undo(candidate_id=self.get_object().id, reason=given.validated_data["reason"], trail=self.trail)
        return Response(RemovalCandidateSerializer(row).data)


class ExemptionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Who and what no rule asks for seats. Exemptions are ended, never deleted."""

    serializer_class = ReclamationExemptionSerializer
    queryset = Exemption.objects.all()
    filterset_fields = ["person", "group", "pool"]
    permissions = {"list": VIEW, "retrieve": VIEW, "create": MANAGE, "end": MANAGE}

    def get_queryset(self) -> QuerySet[Exemption]:
        return exemptions()

    @extend_schema(request=NewReclamationExemptionSerializer, responses={201: ReclamationExemptionSerializer})
    def create(self, request: Request) -> Response:
        given = NewReclamationExemptionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = grant_exemption(trail=self.trail, **given.validated_data)
        return Response(ReclamationExemptionSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=ReclamationExemptionSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str | None = None) -> Response:
        row = end_exemption(exemption_id=self.get_object().id, trail=self.trail)
        return Response(ReclamationExemptionSerializer(row).data)


ROUTES = (
    ("reclamation-rules", RuleViewSet),
    ("removal-candidates", CandidateViewSet),
    ("reclamation-exemptions", ExemptionViewSet),
)
