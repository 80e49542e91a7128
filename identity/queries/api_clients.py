"""API clients: found by their id before any organisation is known, and as who they act."""

from datetime import datetime
from uuid import UUID

from identity.models import ApiClient, CredentialRoute
from identity.queries.credentials import credential_digest
from identity.rules.scopes import permissions_within
from kernel.principal import Principal

ROUTE = "api_client"


def organization_of_client(client_id: str) -> UUID | None:
    """The open organisation that issued this client id; read before any organisation is known."""
    route = CredentialRoute.objects.filter(
        kind=ROUTE, digest=credential_digest(client_id), organization__closed_at__isnull=True
    ).first()
    return route.organization_id if route is not None else None


def usable_client(client_id: str, *, at: datetime) -> ApiClient | None:
    """The client of the open scope with this id, unless it is revoked or expired."""
    row = ApiClient.objects.filter(client_id=client_id).first()
    return row if row is not None and row.usable_at(at) else None


def principal_of_client(client: ApiClient, *, scopes: tuple[str, ...]) -> Principal:
    """The client as an actor: what its roles allow, as far as these scopes go."""
    return Principal(
        organization_id=client.organization_id,
        account_id=None,
        pseudonym=client.pseudonym,
        roles=frozenset(client.roles),
        permissions=permissions_within(roles=client.roles, scopes=scopes),
        label=str(client),
    )


def client_names(pseudonyms: set[str]) -> dict[str, str]:
    """Pseudonym → name, for clients of the open organisation."""
    return {str(row.pseudonym): row.name for row in ApiClient.objects.filter(pseudonym__in=pseudonyms)}
