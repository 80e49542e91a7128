"""REST of the keys that sign certificates and answers. Their private halves are shown to nobody."""

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.pages import require_proof
from kernel.rest import TenantViewSet
from licensing.models import SigningKey
from licensing.operations import revoke_signing_key, rotate_signing_key
from licensing.rest.license_shapes import StatedReasonSerializer, stated_reason

VIEW = "licensing.license.view"
MANAGE = "licensing.signing_key.manage"


class SigningKeySerializer(serializers.ModelSerializer[SigningKey]):
    class Meta:
        model = SigningKey
        fields = ["id", "kid", "status", "created_at", "retired_at", "revoked_at"]
        read_only_fields = fields


class SigningKeyViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Signing keys by their thumbprints. `rotate` lets a new one sign, `revoke` withdraws one."""

    serializer_class = SigningKeySerializer
    queryset = SigningKey.objects.all()
    filterset_fields = ["kid", "status"]
    permissions = {"list": VIEW, "retrieve": VIEW, "rotate": MANAGE, "revoke": MANAGE}

    @extend_schema(request=None, responses={201: SigningKeySerializer})
    @action(detail=False, methods=["post"])
    def rotate(self, request: Request) -> Response:
        """Draws the key that signs from now on."""
        require_proof(request)
        row = rotate_signing_key(trail=self.trail)
        return Response(SigningKeySerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=StatedReasonSerializer, responses=SigningKeySerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str | None = None) -> Response:
        """Certificates of this key verify no more; if it was the one that signs, a new one does from now on."""
        require_proof(request)
        row = revoke_signing_key(key_id=self.get_object().id, reason=stated_reason(request), trail=self.trail)
        return Response(SigningKeySerializer(row).data)


ROUTES = (("signing-keys", SigningKeyViewSet),)
