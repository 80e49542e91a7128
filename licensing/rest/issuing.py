"""REST of what a vendor issues: licences, keys, certificates."""

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.clock import DatabaseClock
from kernel.rest import TenantViewSet
from licensing.explaining import explanation_json
from licensing.models import CertificateKind, Entitlement, License, LicenseKey, LicenseType, Party
from licensing.operations import (
    CheckOut,
    IssuedCertificate,
    IssuedKey,
    NewLicense,
    check_out,
    issue_certificate,
    issue_key,
    issue_license,
    issue_licenses,
    reissue_key,
    revoke_key,
)
from licensing.queries.explanations import explanation_of
from licensing.queries.license_facts import RELATED
from licensing.queries.releases import releases_for
from licensing.questions import read_why
from licensing.rest.certificates import CertificateSerializer
from licensing.rest.explanation import ExplanationSerializer, WhyQuestionSerializer
from licensing.rest.license_life import LifeActions, RenewalViewSet
from licensing.rest.license_shapes import LicenseSerializer, StatedReasonSerializer, stated_reason
from licensing.rest.license_types import ConditionsSerializer
from licensing.rest.releases import LicenseReleasesSerializer

VIEW = "licensing.license.view"
ISSUE = "licensing.license.issue"
KEYS = "licensing.key.issue"
CERTIFY = "licensing.certificate.issue"


class NewLicenseSerializer(ConditionsSerializer):
    license_type = serializers.PrimaryKeyRelatedField(queryset=LicenseType.objects.select_related("product"))
    licensee = serializers.PrimaryKeyRelatedField(queryset=Party.objects.all())
    entitlement = serializers.PrimaryKeyRelatedField(
        queryset=Entitlement.objects.all(), required=False, default=None, allow_null=True
    )
    quantity = serializers.IntegerField(required=False, default=1, min_value=1, max_value=10_000_000)
    is_draft = serializers.BooleanField(required=False, default=False)
    trial_email = serializers.EmailField(required=False, default="", allow_blank=True)
    valid_from = serializers.DateTimeField(required=False, default=None, allow_null=True)
    maintenance_until = serializers.DateTimeField(required=False, default=None, allow_null=True)


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


class NewCertificateSerializer(CertificateSerializer):
    """`token` and `file` are handed out once: the token is not kept."""

    token = serializers.CharField(read_only=True, allow_null=True)
    file = serializers.CharField(read_only=True, allow_null=True)

    class Meta(CertificateSerializer.Meta):
        fields = [*CertificateSerializer.Meta.fields, "token", "file"]
        read_only_fields = fields


class CheckOutSerializer(serializers.Serializer[Any]):
    """`fingerprint` names the machine; `ttl` in seconds, by default the longest that the licence type allows; `kind`
    `activation` is for a machine that is activated."""

    kind = serializers.ChoiceField(choices=CertificateKind.choices, default=CertificateKind.LICENSE.value)

    fingerprint = serializers.CharField(max_length=500)
    ttl = serializers.IntegerField(
        required=False, default=None, allow_null=True, min_value=1, max_value=100 * 366 * 86_400
    )


class BulkSerializer(NewLicenseSerializer):
    """What each of the licences is like, and how many there are to be."""

    count = serializers.IntegerField(min_value=1, max_value=500)


class BulkIssuedSerializer(serializers.Serializer[Any]):
    """The licences, their numbers and their keys, in the same order."""

    licenses = serializers.ListField(child=serializers.UUIDField())
    numbers = serializers.ListField(child=serializers.CharField())
    keys = serializers.ListField(child=serializers.CharField(), allow_null=True)


class LicenseViewSet(LifeActions, mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Licences. POST issues one; each later step needs a reason, and revoking or handing on a second person."""

    serializer_class = LicenseSerializer
    queryset = License.objects.all()
    filterset_fields = ["number", "licensee", "product", "license_type", "entitlement", "status", "model"]
    secret_fields = ("key", "keys", "token", "file")
    permissions = {
        "list": VIEW,
        "retrieve": VIEW,
        "explain": VIEW,
        "create": ISSUE,
        "bulk": KEYS,
        "keys": KEYS,
        "certificates": CERTIFY,
        "check_out": CERTIFY,
        **LifeActions.steps,
        "releases": VIEW,
    }

    @extend_schema(request=NewLicenseSerializer, responses={201: LicenseSerializer})
    def create(self, request: Request) -> Response:
        given = NewLicenseSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = issue_license(license=NewLicense(**given.validated_data), trail=self.trail)
        return Response(LicenseSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=BulkSerializer, responses={201: BulkIssuedSerializer})
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """Issues `count` licences that are alike, each with a key that is shown this once."""
        self.trail.actor.require(ISSUE)
        given = BulkSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        count = given.validated_data.pop("count")
        issued = issue_licenses(license=NewLicense(**given.validated_data), count=count, trail=self.trail)
        body = {
            "licenses": [str(one.license.id) for one in issued],
            "numbers": [one.license.number for one in issued],
            "keys": [one.key.key for one in issued],
        }
        return Response(body, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})

    @extend_schema(request=WhyQuestionSerializer, responses=ExplanationSerializer)
    @action(detail=True, methods=["post"])
    def explain(self, request: Request, pk: str | None = None) -> Response:
        """What a validation would say, now or at another moment, with facts as they are or as supposed, and why."""
        question = read_why(request.data)
        told = explanation_of(license_id=self.get_object().id, question=question, now=self.trail.clock.now())
        return Response(explanation_json(told))

    @extend_schema(request=None, responses={201: NewKeySerializer})
    @action(detail=True, methods=["post"])
    def keys(self, request: Request, pk: str | None = None) -> Response:
        """Draws a key; the answer shows it, and nothing does afterwards."""
        return _shown(issue_key(license_id=self.get_object().id, trail=self.trail))

    @extend_schema(request=None, responses={201: NewCertificateSerializer})
    @action(detail=True, methods=["post"])
    def certificates(self, request: Request, pk: str | None = None) -> Response:
        """Signs what the licence grants now; the answer carries the token and the `.lic` file."""
        return _handed_out(issue_certificate(license_id=self.get_object().id, trail=self.trail))

    @extend_schema(request=CheckOutSerializer, responses={201: NewCertificateSerializer})
    @action(detail=True, methods=["post"], url_path="check-out")
    def check_out(self, request: Request, pk: str | None = None) -> Response:
        """Signs a certificate with an end for one machine, which takes a seat of the licence until then."""
        license_id = self.get_object().id
        given = CheckOutSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        seconds = given.validated_data["ttl"]
        asked = CheckOut(
            ttl=None if seconds is None else timedelta(seconds=seconds),
            fingerprint=given.validated_data["fingerprint"],
            kind=CertificateKind(given.validated_data["kind"]),
        )
        return _handed_out(check_out(license_id=license_id, asked=asked, trail=self.trail))

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
    secret_fields = ("key",)
    permissions = {"list": VIEW, "retrieve": VIEW, "revoke": KEYS, "reissue": KEYS}

    @extend_schema(request=None, responses=LicenseKeySerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str | None = None) -> Response:
        row = revoke_key(key_id=self.get_object().id, trail=self.trail)
        return Response(LicenseKeySerializer(row).data)

    @extend_schema(request=StatedReasonSerializer, responses={201: NewKeySerializer})
    @action(detail=True, methods=["post"])
    def reissue(self, request: Request, pk: str | None = None) -> Response:
        """Revokes the key and draws another in its place; the answer shows it, and nothing does afterwards."""
        issued = reissue_key(key_id=self.get_object().id, reason=stated_reason(request), trail=self.trail)
        return _shown(issued)


def _shown(issued: IssuedKey) -> Response:
    body = {**LicenseKeySerializer(issued.row).data, "key": issued.key}
    return Response(body, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})


def _handed_out(issued: IssuedCertificate) -> Response:
    body = {**CertificateSerializer(issued.row).data, "token": issued.token, "file": issued.file}
    return Response(body, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})


ROUTES = (
    ("licenses", LicenseViewSet),
    ("license-keys", LicenseKeyViewSet),
    ("license-renewals", RenewalViewSet),
)
