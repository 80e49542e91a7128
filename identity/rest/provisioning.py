"""REST of provisioning: tokens of directory services, and the log of what they asked for."""

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from identity.models import ProvisioningEntry, ScimToken
from identity.operations.provisioning import IssuedToken, create_scim_token, revoke_scim_token, rotate_scim_token
from identity.operations.provisioning.tokens import DAYS, LONGEST_NAME, MOST_DAYS, MOST_OVERLAP, OVERLAP
from kernel.pages import require_proof
from kernel.rest import TenantViewSet

VIEW = "identity.provisioning.view"
MANAGE = "identity.provisioning.manage"
HOUR = timedelta(hours=1)


class ProvisioningTokenSerializer(serializers.ModelSerializer[ScimToken]):
    class Meta:
        model = ScimToken
        fields = [
            "id",
            "name",
            "prefix",
            "created_at",
            "expires_at",
            "superseded_at",
            "rotated_from",
            "revoked_at",
            "last_used_at",
        ]
        read_only_fields = fields


class IssuedTokenSerializer(ProvisioningTokenSerializer):
    """`token` is there once, in the answer that draws it; nobody can show it again."""

    token = serializers.CharField(read_only=True, allow_null=True)

    class Meta(ProvisioningTokenSerializer.Meta):
        fields = [*ProvisioningTokenSerializer.Meta.fields, "token"]
        read_only_fields = fields


class NewProvisioningTokenSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=LONGEST_NAME)
    days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, default=DAYS)


class RotationSerializer(serializers.Serializer[Any]):
    """The old token works on for `overlap_hours`; 0 ends it at once."""

    days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, default=DAYS)
    overlap_hours = serializers.IntegerField(min_value=0, max_value=MOST_OVERLAP // HOUR, default=OVERLAP // HOUR)


class ProvisioningTokenViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Tokens with which directory services provision. POST draws one; its successor comes from `rotate`."""

    serializer_class = ProvisioningTokenSerializer
    queryset = ScimToken.objects.all()
    secret_fields = ("token",)
    permissions = {"list": VIEW, "retrieve": VIEW, "create": MANAGE, "rotate": MANAGE, "revoke": MANAGE}

    @extend_schema(request=NewProvisioningTokenSerializer, responses={201: IssuedTokenSerializer})
    def create(self, request: Request) -> Response:
        require_proof(request)
        given = NewProvisioningTokenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return _issued(create_scim_token(trail=self.trail, **given.validated_data))

    @extend_schema(request=RotationSerializer, responses={201: IssuedTokenSerializer})
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: str | None = None) -> Response:
        require_proof(request)
        given = RotationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        overlap = timedelta(hours=given.validated_data["overlap_hours"])
        days = given.validated_data["days"]
        return _issued(rotate_scim_token(token_id=self.get_object().id, days=days, overlap=overlap, trail=self.trail))

    @extend_schema(request=None, responses=ProvisioningTokenSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str | None = None) -> Response:
        row = revoke_scim_token(token_id=self.get_object().id, trail=self.trail)
        return Response(ProvisioningTokenSerializer(row).data)


class ProvisioningEntrySerializer(serializers.ModelSerializer[ProvisioningEntry]):
    class Meta:
        model = ProvisioningEntry
        fields = [
            "id",
            "at",
            "token",
            "verb",
            "resource_type",
            "resource_id",
            "external_id",
            "attributes",
            "outcome",
            "status",
            "scim_type",
            "detail",
            "request_id",
        ]
        read_only_fields = fields


class ProvisioningLogViewSet(mixins.ListModelMixin, TenantViewSet):
    """What directory services asked for in the last 90 days, and what was refused and why."""

    serializer_class = ProvisioningEntrySerializer
    queryset = ProvisioningEntry.objects.all()
    filterset_fields = ["outcome", "token", "resource_type", "resource_id"]
    permissions = {"list": VIEW}


def _issued(issued: IssuedToken) -> Response:
    body = {**ProvisioningTokenSerializer(issued.row).data, "token": issued.token}
    return Response(body, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})
