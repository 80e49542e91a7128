"""REST of certificates that left the house: the list with what is out, and asking for a recall."""

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.clock import SystemClock
from kernel.pages import require_proof
from kernel.rest import TenantViewSet
from licensing.models import Certificate
from licensing.ports import bindings
from licensing.queries.certificates import checked_out
from licensing.rest.license_shapes import RequestedChangeSerializer, StatedReasonSerializer, stated_reason

VIEW = "licensing.license.view"
RECALL = "licensing.certificate.recall"


class CertificateSerializer(serializers.ModelSerializer[Certificate]):
    """`checked_out`: it was handed out with an end and takes a seat until then, or until `returned_at`."""

    kid = serializers.CharField(source="signing_key.kid", read_only=True)
    checked_out = serializers.SerializerMethodField()
    recalled = serializers.SerializerMethodField()

    class Meta:
        model = Certificate
        fields = [
            "id",
            "jti",
            "kind",
            "license",
            "kid",
            "sequence",
            "checked_out",
            "issued_at",
            "expires_at",
            "returned_at",
            "recalled",
        ]
        read_only_fields = fields

    def get_checked_out(self, row: Certificate) -> bool:
        return row.holder is not None

    def get_recalled(self, row: Certificate) -> bool:
        return bool(row.return_reason)


class CertificateFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """`out`: those that take a seat now (true), or all others (false)."""

    out = django_filters.BooleanFilter(method="narrowed")

    class Meta:
        model = Certificate
        fields = ["license", "jti", "kind"]

    def narrowed(self, rows: QuerySet[Certificate], name: str, value: bool) -> QuerySet[Certificate]:
        out = checked_out(at=SystemClock().now())
        return rows.filter(id__in=out.values("id")) if value else rows.exclude(id__in=out.values("id"))


class CertificateViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Certificates that left the house; signed at `licenses/{id}/certificates` and `licenses/{id}/check-out`."""

    serializer_class = CertificateSerializer
    queryset = Certificate.objects.select_related("signing_key")
    filterset_class = CertificateFilter
    permissions = {"list": VIEW, "retrieve": VIEW, "recall": RECALL}

    @extend_schema(request=StatedReasonSerializer, responses={202: RequestedChangeSerializer})
    @action(detail=True, methods=["post"])
    def recall(self, request: Request, pk: str | None = None) -> Response:
        """Asks for a certificate to be recalled that its holder does not return; a second person decides. Then its
        seat is free, and the revocation list names it."""
        require_proof(request)
        asked = bindings.ask_to_recall(certificate=self.get_object(), reason=stated_reason(request), trail=self.trail)
        return Response(RequestedChangeSerializer(asked).data, status=status.HTTP_202_ACCEPTED)


ROUTES = (("certificates", CertificateViewSet),)
