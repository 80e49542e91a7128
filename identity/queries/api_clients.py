"""API clients: found by their id before any organisation is known, and as who they act."""

from datetime import datetime
from uuid import UUID

from identity.models import ApiClient
from identity.queries.credentials import credential_digest, issuer_of_credential
from identity.rules.granting import CUSTOMER
from identity.rules.scopes import permissions_beyond, permissions_within
from kernel.principal import Principal

ROUTE = "api_client"


def organization_of_client(client_id: str) -> UUID | None:
    """Where to look for this client id: in the open organisation that issued it, for one that nobody issued in the
    platform's, so that both take as long. None where neither is there."""
    found = issuer_of_credential(ROUTE, credential_digest(client_id))
    return found.id if found is not None and found.closed_at is None else None


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
        # A program belongs to no partner: one with the role of a customer sees none's matters.
        parties=frozenset() if CUSTOMER in client.roles else None,
        beyond_scopes=permissions_beyond(roles=client.roles, scopes=scopes),
    )


def client_names(pseudonyms: set[str]) -> dict[str, str]:
    """Pseudonym → name, for clients of the open organisation."""
    return {str(row.pseudonym): row.name for row in ApiClient.objects.filter(pseudonym__in=pseudonyms)}
