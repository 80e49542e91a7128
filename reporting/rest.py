"""REST of audit packages (order one, follow it, download it) and of the verification of the ledger."""

from typing import Any

from django.conf import settings
from django.http import HttpResponseBase
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from jobs.tasks import wake_run
from kernel.rest import TenantView, TenantViewSet
from reporting.gather.people import role_names
from reporting.models import AuditPackage
from reporting.operations import PackageScope, hand_out, request_package, request_verification
from reporting.package_response import archive_response
from reporting.packages.snapshot import Scope
from reporting.queries.verification import VerificationState, verification_state
from reporting.rules.spans import Span

SCOPES = (Scope.ALL.value, Scope.PUBLISHER.value, Scope.PRODUCT.value)


class ZipRenderer(JSONRenderer):
    """Lets a client ask for application/zip; the archive itself is no rendered answer, refusals stay JSON."""

    media_type = "application/zip"
    format = "zip"


class ScopeSerializer(serializers.Serializer[Any]):
    """What part of the book a package covers; `id` names the publisher or product."""

    kind = serializers.ChoiceField(choices=SCOPES, default=Scope.ALL.value)
    id = serializers.UUIDField(required=False, allow_null=True, default=None)


class OrderSerializer(serializers.Serializer[Any]):
    """An order: calendar days of the organisation, both included."""

    first_day = serializers.DateField()
    last_day = serializers.DateField()
    scope = ScopeSerializer(required=False)
    language = serializers.ChoiceField(choices=[code for code, _name in settings.LANGUAGES], required=False)


class PackageSerializer(serializers.ModelSerializer[AuditPackage]):
    """A package. Digests are SHA-256 in hex and empty until it is ready; `ledger_size` is the cut-off."""

    first_day = serializers.DateField(source="period_start")
    last_day = serializers.SerializerMethodField()

    class Meta:
        model = AuditPackage
        fields = [
            "id",
            "number",
            "first_day",
            "last_day",
            "scope",
            "language",
            "state",
            "created_at",
            "built_at",
            "ledger_size",
            "snapshot_sha256",
            "archive_sha256",
            "archive_size",
            "manifest_sha256",
            "error_code",
            "error",
        ]

    @extend_schema(responses=OpenApiTypes.DATE)
    def get_last_day(self, row: AuditPackage) -> str:
        return Span(row.period_start, row.period_end).last.isoformat()


class PackageViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Audit packages. POST orders one (202, built by a worker); download is a POST, because it is recorded."""

    serializer_class = PackageSerializer
    queryset = AuditPackage.objects.all()
    filterset_fields = ["state", "number"]
    permissions = {
        "list": "reporting.package.view",
        "retrieve": "reporting.package.view",
        "create": "reporting.package.build",
        "download": "reporting.package.download",
    }

    @extend_schema(request=OrderSerializer, responses={202: PackageSerializer})
    def create(self, request: Request) -> Response:
        given = OrderSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        scope = wanted.get("scope") or {"kind": Scope.ALL.value, "id": None}
        language = wanted.get("language") or get_language() or settings.LANGUAGE_CODE
        row = request_package(
            first=wanted["first_day"],
            last=wanted["last_day"],
            scope=PackageScope(Scope(scope["kind"]), scope["id"]),
            language=language,
            role=role_names(self.trail.actor.roles, language=language),
            trail=self.trail,
            wake=wake_run,
        )
        return Response(PackageSerializer(row).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses={(200, "application/zip"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["post"], renderer_classes=[JSONRenderer, ZipRenderer])
    def download(self, request: Request, pk: str | None = None) -> HttpResponseBase:
        return archive_response(hand_out(package_id=self.get_object().id, trail=self.trail))


class LastVerificationSerializer(serializers.Serializer[Any]):
    """What was found: `exit_code` 0 the ledger holds, 1 tampered, 2 evidence incomplete; `sequence` is its entry."""

    at = serializers.DateTimeField()
    sequence = serializers.IntegerField()
    exit_code = serializers.IntegerField()
    entries = serializers.IntegerField()
    checkpoints = serializers.IntegerField()
    problems = serializers.IntegerField()
    first_message = serializers.CharField()
    first_sequence = serializers.IntegerField(allow_null=True)


class VerificationSerializer(serializers.Serializer[Any]):
    """The last result, null before the first; whether one is at work; why the last order came to nothing."""

    last = LastVerificationSerializer(allow_null=True)
    is_open = serializers.BooleanField()
    error = serializers.CharField()


class VerificationView(TenantView):
    """The verification of the own ledger. POST orders one (202, carried out by a worker)."""

    serializer_class = VerificationSerializer
    permissions = {"get": "audit.ledger.view", "post": "reporting.verification.run"}

    def get(self, request: Request) -> Response:
        return Response(self._shown(verification_state()))

    @extend_schema(request=None, responses={202: VerificationSerializer})
    def post(self, request: Request) -> Response:
        request_verification(trail=self.trail, wake=wake_run)
        return Response(self._shown(verification_state()), status=status.HTTP_202_ACCEPTED)

    def _shown(self, state: VerificationState) -> Any:
        return VerificationSerializer(state).data


ROUTES = (("audit-packages", PackageViewSet),)
