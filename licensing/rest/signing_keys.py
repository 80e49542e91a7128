"""REST of the keys that sign certificates and answers. Their private halves are shown to nobody."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.pages import require_proof
from kernel.rest import TenantViewSet
from licensing.models import SigningKey
from licensing.operations import revoke_signing_key, rotate_signing_key

VIEW = "licensing.license.view"
MANAGE = "licensing.signing_key.manage"


class SigningKeySerializer(serializers.ModelSerializer[SigningKey]):
    class Meta:
        model = SigningKey
        fields = ["id", "kid", "status", "created_at", "retired_at", "revoked_at"]
        read_only_fields = fields


class WithdrawalSerializer(serializers.Serializer[Any]):
    """Why; the text is kept beside the row and, erasable, beside the ledger."""

    reason = serializers.CharField(max_length=500)


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

    @extend_schema(request=WithdrawalSerializer, responses=SigningKeySerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str | None = None) -> Response:
        """Certificates of this key verify no more; if it was the one that signs, a new one does from now on."""
        require_proof(request)
        row = revoke_signing_key(key_id=self.get_object().id, reason=stated(request), trail=self.trail)
        return Response(SigningKeySerializer(row).data)


def stated(request: Request) -> str:
    """The reason in the body. Raises what DRF raises for one that is missing or too long."""
    given = WithdrawalSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    return str(given.validated_data["reason"])


ROUTES = (("signing-keys", SigningKeyViewSet),)
