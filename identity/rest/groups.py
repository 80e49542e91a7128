"""REST of groups: read them, add them, and let people join and leave by hand."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from identity.models import DirectoryGroup, GroupMember
from identity.operations.group_members import change_members
from identity.operations.provisioning.groups import provision_group
from identity.queries.people import groups, members_of
from identity.reading import REST, note_people
from identity.rules.provisioning import GroupAttributes
from kernel.rest import Cursor, TenantViewSet, principal_of

VIEW = "identity.person.view"
MANAGE = "identity.person.manage"
MOST = 1000


class GroupSerializer(serializers.ModelSerializer[DirectoryGroup]):
    """A group with the number of its members. One with an external id is kept by a directory service."""

    count = serializers.IntegerField()

    class Meta:
        model = DirectoryGroup
        fields = ["id", "display_name", "external_id", "count", "created_at", "updated_at"]
        read_only_fields = fields


class NewGroupSerializer(serializers.Serializer[Any]):
    display_name = serializers.CharField(max_length=255)


class MoveSerializer(serializers.Serializer[Any]):
    """Ids of people who join and who leave."""

    join = serializers.ListField(child=serializers.UUIDField(), required=False, default=list, max_length=MOST)
    leave = serializers.ListField(child=serializers.UUIDField(), required=False, default=list, max_length=MOST)


class MemberSerializer(serializers.ModelSerializer[GroupMember]):
    user_name = serializers.CharField(source="person.user_name")

    class Meta:
        model = GroupMember
        fields = ["id", "person", "user_name", "since"]
        read_only_fields = fields


class GroupViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Groups of the directory. `members` pages through who is in one; `move` lets people join and leave."""

    serializer_class = GroupSerializer
    queryset = DirectoryGroup.objects.all()
    permissions = {"list": VIEW, "retrieve": VIEW, "members": VIEW, "create": MANAGE, "move": MANAGE}

    def get_queryset(self) -> QuerySet[DirectoryGroup]:
        return groups()

    @extend_schema(request=NewGroupSerializer, responses={201: GroupSerializer})
    def create(self, request: Request) -> Response:
        given = NewGroupSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        made = provision_group(
            attributes=GroupAttributes(given.validated_data["display_name"]), members=(), trail=self.trail
        )
        return Response(GroupSerializer(groups().get(id=made.row.id)).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=MemberSerializer(many=True))
    @action(detail=True, methods=["get"])
    def members(self, request: Request, pk: str | None = None) -> Response:
        pages = Cursor()
        page = pages.paginate_queryset(members_of(self.get_object()), request, view=self) or []
        reader = principal_of(request)
        if reader is not None:
            note_people(reader, len(page), through=REST)
        return pages.get_paginated_response(MemberSerializer(page, many=True).data)

    @extend_schema(request=MoveSerializer, responses=GroupSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str | None = None) -> Response:
        given = MoveSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = self.get_object()
        change_members(
            group=row,
            joining=given.validated_data["join"],
            leaving=given.validated_data["leave"],
            trail=self.trail,
        )
        return Response(GroupSerializer(groups().get(id=row.id)).data)
