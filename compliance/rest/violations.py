"""REST of violations and scans."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.models import ScanRun, Violation
from compliance.operations import assign_owner, scan
from kernel.rest import TenantViewSet


class ViolationSerializer(serializers.ModelSerializer[Violation]):
    class Meta:
        model = Violation
        fields = [
            "id",
            "number",
            "kind",
            "subject_type",
            "subject_id",
            "pool",
            "state",
            "severity",
            "observed",
            "allowed",
            "evidence",
            "owner",
            "due_at",
            "first_seen_at",
            "last_seen_at",
            "resolved_at",
            "resolution",
        ]


class OwnerSerializer(serializers.Serializer[Any]):
    owner = serializers.UUIDField(allow_null=True)
    due_at = serializers.DateTimeField(allow_null=True, required=False, default=None)


class ViolationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Violations. They close by themselves when a scan finds them cured; nobody closes them by hand."""

    serializer_class = ViolationSerializer
    queryset = Violation.objects.all()
    filterset_fields = ["kind", "state", "severity", "pool"]
    permissions = {
        "list": "compliance.violation.view",
        "retrieve": "compliance.violation.view",
        "assign": "compliance.violation.manage",
    }

    @extend_schema(request=OwnerSerializer, responses=ViolationSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str | None = None) -> Response:
        given = OwnerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = assign_owner(
            violation_id=self.get_object().id,
            account_id=given.validated_data["owner"],
            due_at=given.validated_data["due_at"],
            trail=self.trail,
        )
        return Response(ViolationSerializer(row).data)


class ScanRunSerializer(serializers.ModelSerializer[ScanRun]):
    class Meta:
        model = ScanRun
        fields = ["id", "started_at", "finished_at", "pools", "opened", "still_open", "resolved"]


class ScanViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Scans. POST scans now and answers with what was found."""

    serializer_class = ScanRunSerializer
    queryset = ScanRun.objects.all()
    permissions = {
        "list": "compliance.violation.view",
        "retrieve": "compliance.violation.view",
        "create": "compliance.scan.run",
    }

    @extend_schema(request=None, responses={201: ScanRunSerializer})
    def create(self, request: Request) -> Response:
        outcome = scan(trail=self.trail)
        return Response(ScanRunSerializer(outcome.run).data, status=status.HTTP_201_CREATED)


ROUTES = (("violations", ViolationViewSet), ("scans", ScanViewSet))
