"""REST of rules by which groups of the directory bring seats."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from identity.models import DirectoryGroup
from kernel.rest import TenantViewSet
from seats.models import GroupRule, SeatPool
from seats.models.group_rules import MOST_GRACE_DAYS, MOST_PRIORITY, USUAL_PRIORITY
from seats.operations import change_group_rule, create_group_rule, end_group_rule
from seats.queries.leaving import group_rules

POOLS = "seats.pool.view"
MANAGE = "seats.group_rule.manage"


class GroupRuleSerializer(serializers.ModelSerializer[GroupRule]):
    """A group that brings seats of a pool; `holding` of its members have one from it, `waiting` wait for one."""

    waiting = serializers.IntegerField()
    holding = serializers.IntegerField()

    class Meta:
        model = GroupRule
        fields = [
            "id",
            "group",
            "group_name",
            "pool",
            "priority",
            "grace_days",
            "waiting",
            "holding",
            "created_at",
            "ended_at",
        ]
        read_only_fields = fields


class NewGroupRuleSerializer(serializers.Serializer[Any]):
    group = serializers.PrimaryKeyRelatedField(queryset=DirectoryGroup.objects.all())
    pool = serializers.PrimaryKeyRelatedField(queryset=SeatPool.objects.all())
    priority = serializers.IntegerField(min_value=1, max_value=MOST_PRIORITY, default=USUAL_PRIORITY)
    grace_days = serializers.IntegerField(min_value=0, max_value=MOST_GRACE_DAYS, default=0)


class GroupRuleChangeSerializer(serializers.Serializer[Any]):
    """What is left out stays as it is."""

    priority = serializers.IntegerField(min_value=1, max_value=MOST_PRIORITY, required=False)
    grace_days = serializers.IntegerField(min_value=0, max_value=MOST_GRACE_DAYS, required=False)


class GroupRuleEndSerializer(serializers.Serializer[Any]):
    """Whether the seats that the rule gave are released or stay with their holders."""

    release_seats = serializers.BooleanField()


class GroupRuleViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Groups of the directory that bring seats. Rules end, they are not deleted."""

    serializer_class = GroupRuleSerializer
    queryset = GroupRule.objects.all()
    filterset_fields = {"group": ["exact"], "pool": ["exact"], "ended_at": ["isnull"]}
    permissions = {"list": POOLS, "retrieve": POOLS, "create": MANAGE, "update": MANAGE, "end": MANAGE}

    def get_queryset(self) -> QuerySet[GroupRule]:
        return group_rules()

    @extend_schema(request=NewGroupRuleSerializer, responses={201: GroupRuleSerializer})
    def create(self, request: Request) -> Response:
        given = NewGroupRuleSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = create_group_rule(**given.validated_data, trail=self.trail)
        return self._rule(row, status.HTTP_201_CREATED)

    @extend_schema(request=GroupRuleChangeSerializer, responses=GroupRuleSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        given = GroupRuleChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        found, asked = self.get_object(), given.validated_data
        row = change_group_rule(
            rule_id=found.id,
            priority=asked.get("priority", found.priority),
            grace_days=asked.get("grace_days", found.grace_days),
            trail=self.trail,
        )
        return self._rule(row)

    @extend_schema(request=GroupRuleEndSerializer, responses=GroupRuleSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str | None = None) -> Response:
        given = GroupRuleEndSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        found = self.get_object()
        row = end_group_rule(rule_id=found.id, release_seats=given.validated_data["release_seats"], trail=self.trail)
        return self._rule(row)

    def _rule(self, row: GroupRule, code: int = status.HTTP_200_OK) -> Response:
        return Response(GroupRuleSerializer(group_rules().get(id=row.id)).data, status=code)


ROUTES = (("group-rules", GroupRuleViewSet),)
