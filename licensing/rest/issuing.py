"""REST of what a vendor issues: licences, keys, certificates."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.clock import DatabaseClock
from kernel.rest import TenantViewSet
from licensing.models import Certificate, Entitlement, License, LicenseKey, LicenseType, Party
from licensing.operations import (
    IssuedCertificate,
    NewLicense,
    issue_certificate,
    issue_key,
    issue_license,
    reinstate_license,
    revoke_key,
    revoke_license,
    suspend_license,
)
from licensing.queries.license_facts import RELATED
from licensing.queries.releases import releases_for
from licensing.rest.license_types import ConditionsSerializer
from licensing.rest.releases import LicenseReleasesSerializer

VIEW = "licensing.license.view"
ISSUE = "licensing.license.issue"
SUSPEND = "licensing.license.suspend"
KEYS = "licensing.key.issue"
CERTIFY = "licensing.certificate.issue"


class LicenseSerializer(serializers.ModelSerializer[License]):
    class Meta:
        model = License
        fields = [
            "id",
            "number",
            "license_type",
            "entitlement",
            "licensee",
            "product",
            "edition",
            "model",
            "quantity",
            "status",
            "valid_from",
            "expires_at",
            "grace_until",
            "maintenance_until",
            "version_range",
            "territories",
            "domains",
            "departments",
            "features",
            "limits",
            "sequence",
            "created_at",
            "first_validated_at",
            "suspended_at",
            "revoked_at",
        ]
        read_only_fields = fields


class NewLicenseSerializer(ConditionsSerializer):
    license_type = serializers.PrimaryKeyRelatedField(queryset=LicenseType.objects.select_related("product"))
    licensee = serializers.PrimaryKeyRelatedField(queryset=Party.objects.all())
    entitlement = serializers.PrimaryKeyRelatedField(
        queryset=Entitlement.objects.all(), required=False, default=None, allow_null=True
    )
    quantity = serializers.IntegerField(required=False, default=1, min_value=1, max_value=10_000_000)
    valid_from = serializers.DateTimeField(required=False, default=None, allow_null=True)
    maintenance_until = serializers.DateTimeField(required=False, default=None, allow_null=True)


class StatedReasonSerializer(serializers.Serializer[Any]):
    """Why; the text is kept on the licence and, erasable, beside the ledger."""

    reason = serializers.CharField(max_length=500)


class LicenseKeySerializer(serializers.ModelSerializer[LicenseKey]):
    """A key as anybody may see it: by its first six symbols."""

    class Meta:
        model = LicenseKey
        fields = ["id", "license", "prefix", "issued_at", "revoked_at"]
        read_only_fields = fields


class NewKeySerializer(LicenseKeySerializer):
    """`key` is there once, in the answer that issues it; nobody can show it again."""

    key = serializers.CharField(read_only=True, allow_null=True)

    class Meta(LicenseKeySerializer.Meta):
        fields = [*LicenseKeySerializer.Meta.fields, "key"]
        read_only_fields = fields


class CertificateSerializer(serializers.ModelSerializer[Certificate]):
    kid = serializers.CharField(source="signing_key.kid", read_only=True)

    class Meta:
        model = Certificate
        fields = ["id", "jti", "kind", "license", "kid", "sequence", "issued_at", "expires_at", "returned_at"]
        read_only_fields = fields


class NewCertificateSerializer(CertificateSerializer):
    """`token` and `file` are handed out once: the token is not kept."""

    token = serializers.CharField(read_only=True, allow_null=True)
    file = serializers.CharField(read_only=True, allow_null=True)

    class Meta(CertificateSerializer.Meta):
        fields = [*CertificateSerializer.Meta.fields, "token", "file"]
        read_only_fields = fields


class LicenseViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Licences. POST issues one; suspending, reinstating and revoking need a reason."""

    serializer_class = LicenseSerializer
    queryset = License.objects.all()
    filterset_fields = ["number", "licensee", "product", "license_type", "entitlement", "status", "model"]
    secret_fields = ("key", "token", "file")
    permissions = {
        "list": VIEW,
        "retrieve": VIEW,
        "create": ISSUE,
        "suspend": SUSPEND,
        "reinstate": SUSPEND,
        "revoke": SUSPEND,
        "keys": KEYS,
        "certificates": CERTIFY,
        "releases": VIEW,
    }

    @extend_schema(request=NewLicenseSerializer, responses={201: LicenseSerializer})
    def create(self, request: Request) -> Response:
        given = NewLicenseSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = issue_license(license=NewLicense(**given.validated_data), trail=self.trail)
        return Response(LicenseSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=StatedReasonSerializer, responses=LicenseSerializer)
    @action(detail=True, methods=["post"])
    def suspend(self, request: Request, pk: str | None = None) -> Response:
        row = suspend_license(license_id=self.get_object().id, reason=_reason(request), trail=self.trail)
        return Response(LicenseSerializer(row).data)

    @extend_schema(request=StatedReasonSerializer, responses=LicenseSerializer)
    @action(detail=True, methods=["post"])
    def reinstate(self, request: Request, pk: str | None = None) -> Response:
        row = reinstate_license(license_id=self.get_object().id, reason=_reason(request), trail=self.trail)
        return Response(LicenseSerializer(row).data)

    @extend_schema(request=StatedReasonSerializer, responses=LicenseSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str | None = None) -> Response:
        row = revoke_license(license_id=self.get_object().id, reason=_reason(request), trail=self.trail)
        return Response(LicenseSerializer(row).data)

    @extend_schema(request=None, responses={201: NewKeySerializer})
    @action(detail=True, methods=["post"])
    def keys(self, request: Request, pk: str | None = None) -> Response:
        """Draws a key; the answer shows it, and nothing does afterwards."""
        issued = issue_key(license_id=self.get_object().id, trail=self.trail)
        body = {**LicenseKeySerializer(issued.row).data, "key": issued.key}
        return Response(body, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})

    @extend_schema(request=None, responses={201: NewCertificateSerializer})
    @action(detail=True, methods=["post"])
    def certificates(self, request: Request, pk: str | None = None) -> Response:
        """Signs what the licence grants now; the answer carries the token and the `.lic` file."""
        issued: IssuedCertificate = issue_certificate(license_id=self.get_object().id, trail=self.trail)
        body = {**CertificateSerializer(issued.row).data, "token": issued.token, "file": issued.file}
        return Response(body, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})

    @extend_schema(responses=LicenseReleasesSerializer)
    @action(detail=True, methods=["get"])
    def releases(self, request: Request, pk: str | None = None) -> Response:
        """The product's published releases, newest first, and which of them this licence may run now."""
        row = License.objects.select_related(*RELATED).get(id=self.get_object().id)
        return Response(LicenseReleasesSerializer(releases_for(license=row, at=DatabaseClock().now())).data)


class LicenseKeyViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Keys by their prefixes. They are issued at `licenses/{id}/keys`."""

    serializer_class = LicenseKeySerializer
    queryset = LicenseKey.objects.all()
    filterset_fields = ["license", "prefix"]
    permissions = {"list": VIEW, "retrieve": VIEW, "revoke": KEYS}

    @extend_schema(request=None, responses=LicenseKeySerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str | None = None) -> Response:
        row = revoke_key(key_id=self.get_object().id, trail=self.trail)
        return Response(LicenseKeySerializer(row).data)


class CertificateViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Certificates that left the house. They are signed at `licenses/{id}/certificates`."""

    serializer_class = CertificateSerializer
    queryset = Certificate.objects.select_related("signing_key")
    filterset_fields = ["license", "jti"]
    permissions = {"list": VIEW, "retrieve": VIEW}


def _reason(request: Request) -> str:
    given = StatedReasonSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    return str(given.validated_data["reason"])


ROUTES = (
    ("licenses", LicenseViewSet),
    ("license-keys", LicenseKeyViewSet),
    ("certificates", CertificateViewSet),
)
