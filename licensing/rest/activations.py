"""REST of activations for staff: which machines have a place, and ending one. Clients speak for themselves elsewhere
(licensing.rest.machine_calls)."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.rest import TenantViewSet
from licensing.keyring import peppers
from licensing.models import Activation
from licensing.operations import release_activation
from licensing.rest.license_types import VIEW
from licensing.rules.digests import subject_digest

RELEASE = "licensing.activation.release"
LONGEST_FINGERPRINT = 200


class ActivationSerializer(serializers.ModelSerializer[Activation]):
    """A machine of a licence; `released_at` null: it holds a place. Its fingerprint is a digest and not shown."""

    components = serializers.SerializerMethodField()

    class Meta:
        model = Activation
        fields = [
            "id",
            "license",
            "label",
            "platform",
            "country",
            "virtual_machine",
            "components",
            "first_seen_at",
            "last_seen_at",
            "first_ping_at",
            "last_ping_at",
            "lost_at",
            "released_at",
            "end_reason",
            "replaces",
            "is_transfer",
        ]
        read_only_fields = fields

    def get_components(self, row: Activation) -> list[str]:
        """The names of the components that were stated."""
        return sorted(row.components)


class ReleaseReasonSerializer(serializers.Serializer[Any]):
    """Why; the text is kept, erasable, beside the ledger."""

    reason = serializers.CharField(max_length=500)


class ActivationFilter(filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """`live` true: those that hold a place. `fingerprint` is the machine's own, as its client sends it."""

    live = filters.BooleanFilter(field_name="released_at", lookup_expr="isnull")
    fingerprint = filters.CharFilter(method="of_machine", max_length=LONGEST_FINGERPRINT)
    licensee = filters.UUIDFilter(field_name="license__licensee")
    product = filters.UUIDFilter(field_name="license__product")

    class Meta:
        model = Activation
        fields = ["license", "country", "platform", "virtual_machine", "end_reason", "is_transfer"]

    def of_machine(self, rows: QuerySet[Activation], _name: str, value: str) -> QuerySet[Activation]:
        digests = [subject_digest(kind="fingerprint", value=value, pepper=pepper) for pepper in peppers()]
        return rows.filter(fingerprint__in=digests)


class ActivationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Machines on which licences are activated. `release` ends one, with a reason."""

    serializer_class = ActivationSerializer
    queryset = Activation.objects.all()
    filterset_class = ActivationFilter
    permissions = {"list": VIEW, "retrieve": VIEW, "release": RELEASE}

    @extend_schema(request=ReleaseReasonSerializer, responses=ActivationSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str | None = None) -> Response:
        given = ReleaseReasonSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = release_activation(
            activation_id=self.get_object().id, reason=given.validated_data["reason"], trail=self.trail
        )
        return Response(ActivationSerializer(row).data)


ROUTES = (("activations", ActivationViewSet),)
