"""REST of API clients: for people with the right; no access token carries it."""

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from identity.models import ApiClient, ClientKind, GrantKind
from identity.operations import (
    IssuedClient,
    NewApiClient,
    change_client_scopes,
    create_api_client,
    revoke_api_client,
    rotate_client_secret,
)
from identity.operations.api_clients import MOST_OVERLAP, OVERLAP
from kernel.pages import require_proof
from kernel.rest import TenantViewSet

VIEW = "identity.api_client.view"
MANAGE = "identity.api_client.manage"
HOUR = timedelta(hours=1)


class ApiClientSerializer(serializers.ModelSerializer[ApiClient]):
    """A client as anybody with the right may see it: without its secret, of which there is only a digest."""

    grant = serializers.ChoiceField(source="authorization_grant_type", choices=GrantKind.choices, read_only=True)
    redirect_uris = serializers.SerializerMethodField()
    scopes = serializers.ListField(child=serializers.CharField(), read_only=True)
    roles = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = ApiClient
        fields = [
            "id",
            "name",
            "client_id",
            "grant",
            "client_type",
            "scopes",
            "roles",
            "redirect_uris",
            "created_at",
            "secret_drawn_at",
            "former_secret_until",
            "expires_at",
            "revoked_at",
            "last_used_at",
        ]
        read_only_fields = fields

    def get_redirect_uris(self, row: ApiClient) -> list[str]:
        return list(row.redirect_uris.split())


class IssuedClientSerializer(ApiClientSerializer):
    """`client_secret` is there once, in the answer that draws it; nobody can show it again."""

    client_secret = serializers.CharField(read_only=True, allow_null=True)

    class Meta(ApiClientSerializer.Meta):
        fields = [*ApiClientSerializer.Meta.fields, "client_secret"]
        read_only_fields = fields


class NewApiClientSerializer(serializers.Serializer[Any]):
    """Roles for a client that acts in its own name, redirect addresses for one that acts for accounts."""

    name = serializers.CharField(max_length=100)
    scopes = serializers.ListField(child=serializers.CharField(max_length=100), max_length=100)
    grant = serializers.ChoiceField(choices=GrantKind.choices, default=GrantKind.OWN_NAME)
    client_type = serializers.ChoiceField(choices=ClientKind.choices, default=ClientKind.CONFIDENTIAL)
    roles = serializers.ListField(child=serializers.CharField(max_length=100), max_length=50, default=list)
    redirect_uris = serializers.ListField(child=serializers.CharField(max_length=2000), max_length=20, default=list)
    expires_at = serializers.DateTimeField(required=False, default=None, allow_null=True)


class NewSecretSerializer(serializers.Serializer[Any]):
    """The old secret works on for `overlap_hours`; 0 ends it at once."""

    overlap_hours = serializers.IntegerField(min_value=0, max_value=MOST_OVERLAP // HOUR, default=OVERLAP // HOUR)


class ScopesSerializer(serializers.Serializer[Any]):
    """All scopes that the client shall have from now on."""

    scopes = serializers.ListField(child=serializers.CharField(max_length=100), max_length=100)


class ApiClientViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Programs that may ask for access tokens. They are revoked, never deleted."""

    serializer_class = ApiClientSerializer
    queryset = ApiClient.objects.all()
    secret_fields = ("client_secret",)
    permissions = {
        "list": VIEW,
        "retrieve": VIEW,
        "create": MANAGE,
        "rotate_secret": MANAGE,
        "change_scopes": MANAGE,
        "revoke": MANAGE,
    }

    @extend_schema(request=NewApiClientSerializer, responses={201: IssuedClientSerializer})
    def create(self, request: Request) -> Response:
        require_proof(request)
        given = NewApiClientSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return _shown_once(create_api_client(client=NewApiClient(**given.validated_data), trail=self.trail))

    @extend_schema(request=NewSecretSerializer, responses={201: IssuedClientSerializer})
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate_secret(self, request: Request, pk: str | None = None) -> Response:
        """Draws a new secret; the old one works on until `former_secret_until`. One from before that ends now."""
        require_proof(request)
        given = NewSecretSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        overlap = given.validated_data["overlap_hours"] * HOUR
        return _shown_once(rotate_client_secret(client_id=self.get_object().id, overlap=overlap, trail=self.trail))

    @extend_schema(request=ScopesSerializer, responses=ApiClientSerializer)
    @action(detail=True, methods=["post"], url_path="change-scopes")
    def change_scopes(self, request: Request, pk: str | None = None) -> Response:
        """Gives the client these scopes; tokens that carry more end at once. A scope that it did not have asks for a
        proof of identity (PROOF_NEEDED)."""
        given = ScopesSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row, wanted = self.get_object(), given.validated_data["scopes"]
        if set(wanted) - set(row.scopes):
            require_proof(request)
        return Response(
            ApiClientSerializer(change_client_scopes(client_id=row.id, scopes=wanted, trail=self.trail).row).data
        )

    @extend_schema(request=None, responses=ApiClientSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str | None = None) -> Response:
        """Ends the client and all its tokens."""
        row = revoke_api_client(client_id=self.get_object().id, trail=self.trail)
        return Response(ApiClientSerializer(row).data)


def _shown_once(issued: IssuedClient) -> Response:
    body = {**ApiClientSerializer(issued.row).data, "client_secret": issued.secret or None}
    return Response(body, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})
