"""REST of access reviews and their questions."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from identity.models import AccessReview, AccessReviewItem, Membership, ReviewDecision, ReviewerRule
from identity.operations.access_reviews import NewReview, close_review, reassign_items, start_review
from identity.operations.review_decisions import decide_items
from identity.queries.access_reviews import asked_of, items, reviews
from identity.rules.roles import ROLES
from kernel.rest import TenantViewSet

VIEW = "identity.access_review.view"
MANAGE = "identity.access_review.manage"
DECIDE = "identity.access_review.decide"
ROLE_CHOICES = sorted(ROLES)
MOST = 1000


class ReviewSerializer(serializers.ModelSerializer[AccessReview]):
    """A campaign with its figures: `total` questions, `decided` of them, `revoked` with access taken away."""

    roles = serializers.ListField(child=serializers.CharField())
    total = serializers.IntegerField()
    decided = serializers.IntegerField()
    revoked = serializers.IntegerField()

    class Meta:
        model = AccessReview
        fields = [
            "id", "name", "roles", "reviewer_rule", "started_at", "due_at", "closed_at", "total", "decided", "revoked",
        ]  # fmt: skip
        read_only_fields = fields


class NewReviewSerializer(serializers.Serializer[Any]):
    """`roles` left out: every membership. `reviewers` are ids of memberships."""

    name = serializers.CharField(max_length=200)
    due_at = serializers.DateTimeField()
    reviewer_rule = serializers.ChoiceField(choices=ReviewerRule.choices)
    roles = serializers.ListField(
        child=serializers.ChoiceField(choices=ROLE_CHOICES), required=False, default=list, max_length=len(ROLE_CHOICES)
    )
    reviewer_role = serializers.ChoiceField(choices=ROLE_CHOICES, required=False, allow_blank=True, default="")
    reviewers = serializers.ListField(child=serializers.UUIDField(), required=False, default=list, max_length=MOST)


class ItemSerializer(serializers.ModelSerializer[AccessReviewItem]):
    """One question and its answer."""

    account = serializers.UUIDField(source="membership.account_id")
    email = serializers.EmailField(source="membership.account.email")
    roles = serializers.ListField(child=serializers.CharField())
    kept_roles = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = AccessReviewItem
        fields = [
            "id", "review", "membership", "account", "email", "reviewer", "roles", "decision", "kept_roles", "reason",
            "decided_at",
        ]  # fmt: skip
        read_only_fields = fields


class DecisionSerializer(serializers.Serializer[Any]):
    """One answer for all of these questions, or for none of them."""

    items = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST)
    decision = serializers.ChoiceField(choices=ReviewDecision.choices)
    reason = serializers.CharField(max_length=500)
    take_away = serializers.ListField(
        child=serializers.ChoiceField(choices=ROLE_CHOICES), required=False, default=list, max_length=len(ROLE_CHOICES)
    )


class ReassignSerializer(serializers.Serializer[Any]):
    items = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST)
    reviewer = serializers.PrimaryKeyRelatedField(queryset=Membership.objects.all())


class ReassignedSerializer(serializers.Serializer[Any]):
    reassigned = serializers.IntegerField()


class ReviewViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Access reviews with their coverage."""

    serializer_class = ReviewSerializer
    queryset = AccessReview.objects.all()
    permissions = {"list": VIEW, "retrieve": VIEW, "create": MANAGE, "close": MANAGE}

    def get_queryset(self) -> QuerySet[AccessReview]:
        return reviews()

    @extend_schema(request=NewReviewSerializer, responses={201: ReviewSerializer})
    def create(self, request: Request) -> Response:
        given = NewReviewSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = dict(given.validated_data)
        row = start_review(review=NewReview(rule=wanted.pop("reviewer_rule"), **wanted), trail=self.trail)
        return Response(ReviewSerializer(reviews().get(id=row.id)).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=ReviewSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str | None = None) -> Response:
        row = close_review(review=self.get_object(), trail=self.trail)
        return Response(ReviewSerializer(reviews().get(id=row.id)).data)


class ItemFilter(filters.FilterSet):  # type: ignore[misc]  # the library has no types
    open = filters.BooleanFilter(field_name="decided_at", lookup_expr="isnull")

    class Meta:
        model = AccessReviewItem
        fields = ["review", "membership", "reviewer", "decision"]


class ItemViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Questions of access reviews. `mine` are those that the signed-in member has to answer; `decide` answers."""

    serializer_class = ItemSerializer
    queryset = AccessReviewItem.objects.all()
    filterset_class = ItemFilter
    permissions = {"list": VIEW, "retrieve": VIEW, "mine": DECIDE, "decide": DECIDE, "reassign": MANAGE}

    def get_queryset(self) -> QuerySet[AccessReviewItem]:
        return items()

    @extend_schema(responses=ItemSerializer(many=True), filters=False)
    @action(detail=False, methods=["get"])
    def mine(self, request: Request) -> Response:
        page = self.paginate_queryset(asked_of(request.principal.account_id)) or []  # type: ignore[attr-defined]  # set by the middleware
        return self.get_paginated_response(ItemSerializer(page, many=True).data)

    @extend_schema(request=DecisionSerializer, responses=ItemSerializer(many=True))
    @action(detail=False, methods=["post"], pagination_class=None, filterset_class=None)
    def decide(self, request: Request) -> Response:
        given = DecisionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = dict(given.validated_data)
        rows = decide_items(item_ids=wanted.pop("items"), trail=self.trail, **wanted)
        found = items().filter(id__in=[row.id for row in rows]).order_by("id")
        return Response(ItemSerializer(found, many=True).data)

    @extend_schema(request=ReassignSerializer, responses=ReassignedSerializer)
    @action(detail=False, methods=["post"])
    def reassign(self, request: Request) -> Response:
        given = ReassignSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        count = reassign_items(
            item_ids=given.validated_data["items"], reviewer=given.validated_data["reviewer"], trail=self.trail
        )
        return Response({"reassigned": count})
