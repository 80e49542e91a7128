"""REST of change requests. They are opened where the change would be made, such as `licenses/{id}/revoke`."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.models import ChangeRequest
from compliance.operations import approve_change, reject_change, withdraw_change
from kernel.rest import TenantViewSet

VIEW = "compliance.change.view"
DECIDE = "compliance.change.decide"


class ChangeRequestSerializer(serializers.ModelSerializer[ChangeRequest]):
    class Meta:
        model = ChangeRequest
        fields = [
            "id",
            "number",
            "kind",
            "license",
            "pool",
            "payload",
            "payload_hash",
            "reason",
            "state",
            "requested_at",
            "requester",
            "due_at",
            "decided_at",
            "decider",
            "decision_reason",
        ]
        read_only_fields = fields


class ApprovalSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class RejectionSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class ChangeRequestViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Changes that need a second person. Approving one carries it out; whoever asked can only withdraw."""

    serializer_class = ChangeRequestSerializer
    queryset = ChangeRequest.objects.all()
    filterset_fields = ["kind", "state", "license", "pool"]
    permissions = {"list": VIEW, "retrieve": VIEW, "approve": DECIDE, "reject": DECIDE, "withdraw": VIEW}

    @extend_schema(request=ApprovalSerializer, responses=ChangeRequestSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str | None = None) -> Response:
        given = ApprovalSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = approve_change(request_id=self.get_object().id, reason=given.validated_data["reason"], trail=self.trail)
        return Response(ChangeRequestSerializer(row).data)

    @extend_schema(request=RejectionSerializer, responses=ChangeRequestSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str | None = None) -> Response:
        given = RejectionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = reject_change(request_id=self.get_object().id, reason=given.validated_data["reason"], trail=self.trail)
        return Response(ChangeRequestSerializer(row).data)

    @extend_schema(request=None, responses=ChangeRequestSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str | None = None) -> Response:
        row = withdraw_change(request_id=self.get_object().id, trail=self.trail)
        return Response(ChangeRequestSerializer(row).data)


ROUTES = (("change-requests", ChangeRequestViewSet),)
