"""REST of connections to identity providers."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from identity.idp_metadata import LIMIT, read_metadata
from identity.models import SamlConnection
from identity.operations.saml_connections import (
    Treatment,
    activate_connection,
    change_treatment,
    create_connection,
    describe_provider,
    disable_connection,
    set_group_roles,
)
from identity.queries.single_sign_on import addresses_of
from identity.rules.single_sign_on import CLAIMS
from kernel.pages import require_proof
from kernel.rest import TenantViewSet

VIEW, MANAGE = "identity.sso.view", "identity.sso.manage"
GRANT = "identity.membership.manage"


class GroupRoleSerializer(serializers.Serializer[Any]):
    """One line of the table of groups and the roles that they give."""

    group = serializers.CharField(max_length=500)
    role = serializers.CharField(max_length=100)


class ConnectionSerializer(serializers.ModelSerializer[SamlConnection]):
    """A connection with the addresses that its provider must know, and the ends of the provider's certificates."""

    entity_id = serializers.SerializerMethodField()
    acs_url = serializers.SerializerMethodField()
    group_roles = GroupRoleSerializer(many=True, read_only=True)
    certificates_end_at = serializers.SerializerMethodField()

    class Meta:
        model = SamlConnection
        fields = [
            "id", "name", "state", "public_id", "entity_id", "acs_url", "idp_entity_id", "sso_url", "slo_url",
            "slo_binding", "attribute_map", "default_role", "creates_people", "allows_idp_initiated", "group_roles",
            "certificates_end_at", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_entity_id(self, row: SamlConnection) -> str:
        return addresses_of(row).entity_id

    def get_acs_url(self, row: SamlConnection) -> str:
        return addresses_of(row).acs_url

    def get_certificates_end_at(self, row: SamlConnection) -> list[str]:
        return sorted(one.not_after.isoformat() for one in row.certificates.all())


class NewConnectionSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)


class TreatmentSerializer(serializers.Serializer[Any]):
    """What may be changed; what is left out stays. `group_roles` needs the right to grant memberships."""

    attribute_map = serializers.DictField(child=serializers.CharField(max_length=500, allow_blank=True), required=False)
    default_role = serializers.CharField(max_length=100, required=False)
    creates_people = serializers.BooleanField(required=False)
    allows_idp_initiated = serializers.BooleanField(required=False)
    group_roles = GroupRoleSerializer(many=True, required=False)

    def validate_attribute_map(self, names: dict[str, str]) -> dict[str, str]:
        if unknown := sorted(set(names) - set(CLAIMS)):
            raise serializers.ValidationError(
                _("There is no such attribute: %(names)s") % {"names": ", ".join(unknown)}
            )
        return names


class MetadataSerializer(serializers.Serializer[Any]):
    """The provider's metadata file as text."""

    metadata = serializers.CharField(max_length=LIMIT, trim_whitespace=False)


class SsoConnectionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Connections to identity providers. They are disabled, never deleted."""

    serializer_class = ConnectionSerializer
    queryset = SamlConnection.objects.prefetch_related("group_roles", "certificates")
    permissions = {
        "list": VIEW,
        "retrieve": VIEW,
        "create": MANAGE,
        "update": MANAGE,
        "activate": MANAGE,
        "disable": MANAGE,
        "metadata": MANAGE,
    }

    @extend_schema(request=NewConnectionSerializer, responses={201: ConnectionSerializer})
    def create(self, request: Request) -> Response:
        require_proof(request)
        given = NewConnectionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = create_connection(name=given.validated_data["name"], trail=self.trail)
        return Response(self._told(row), status=status.HTTP_201_CREATED)

    @extend_schema(request=TreatmentSerializer, responses=ConnectionSerializer)
    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        require_proof(request)
        row, given = self.get_object(), TreatmentSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = dict(given.validated_data)
        table = wanted.pop("group_roles", None)
        kept = {name: getattr(row, name) for name in Treatment.__dataclass_fields__}
        if wanted:
            change_treatment(connection=row, treatment=Treatment(**{**kept, **wanted}), trail=self.trail)
        if table is not None:
            self.trail.actor.require(GRANT)
            pairs = [(one["group"], one["role"]) for one in table]
            set_group_roles(connection=row, table=pairs, trail=self.trail)
        return Response(self._told(row))

    @extend_schema(request=None, responses=ConnectionSerializer)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: str | None = None) -> Response:
        require_proof(request)
        row = self.get_object()
        activate_connection(connection=row, trail=self.trail)
        return Response(self._told(row))

    @extend_schema(request=None, responses=ConnectionSerializer)
    @action(detail=True, methods=["post"])
    def disable(self, request: Request, pk: str | None = None) -> Response:
        require_proof(request)
        row = self.get_object()
        disable_connection(connection=row, trail=self.trail)
        return Response(self._told(row))

    @extend_schema(request=MetadataSerializer, responses=ConnectionSerializer)
    @action(detail=True, methods=["post"])
    def metadata(self, request: Request, pk: str | None = None) -> Response:
        require_proof(request)
        row, given = self.get_object(), MetadataSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        provider = read_metadata(given.validated_data["metadata"].encode())
        describe_provider(connection=row, provider=provider, trail=self.trail)
        return Response(self._told(row))

    def _told(self, row: SamlConnection) -> Any:
        """As it is after the change."""
        return ConnectionSerializer(self.get_queryset().get(id=row.id)).data
