"""What an API client may be used for, settled anew."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from oauth2_provider.models import AccessToken, Grant, RefreshToken

from identity.models import ApiClient
from identity.operations.api_clients import known_scopes, locked_client, require_within
from kernel.trail import Trail


@dataclass(frozen=True)
class ScopeChange:
    """What became of it: `ended` access tokens carried a scope that the client has no longer."""

    row: ApiClient
    added: tuple[str, ...]
    removed: tuple[str, ...]
    ended: int


def change_client_scopes(*, client_id: UUID, scopes: Collection[str], trail: Trail) -> ScopeChange:
    """The client may be used for these scopes and no others, from now on.

    Codes and tokens that carry more end at once, and with them what an account agreed to: it is asked anew. Tokens
    within the new scopes live on. Nobody widens a program that may do more than they may; whoever calls this for
    somebody asks for a proof of identity first. The same scopes change nothing. Raises ClientNotFound, ClientRevoked,
    ScopeUnknown and RoleBeyondOwn.
    """
    row, wanted = locked_client(client_id), known_scopes(scopes)
    added = tuple(sorted(set(wanted) - set(row.scopes)))
    removed = tuple(sorted(set(row.scopes) - set(wanted)))
    if added:
        require_within(row.roles, trail.actor)
    if not added and not removed:
        return ScopeChange(row, (), (), 0)
    row.scopes = wanted
    row.save(update_fields=["scopes"])
    ended = _end_what_carries(removed, row) if removed else 0
    trail.record(
        "api_client.scopes_changed",
        subject=row,
        details={"client": str(row.pseudonym), "added": list(added), "removed": list(removed), "tokens": ended},
    )
    return ScopeChange(row, added, removed, ended)


def _end_what_carries(removed: Collection[str], row: ApiClient) -> int:
    """Scopes of a token are words in one text, so they are compared here; a client has few that are alive."""
    gone = set(removed)

    def keys(model: type[AccessToken] | type[Grant]) -> list[int]:
        found = model.objects.filter(application=row).values_list("pk", "scope")
        return [key for key, scope in found if gone & set(scope.split())]

    Grant.objects.filter(pk__in=keys(Grant)).delete()
    tokens = keys(AccessToken)
    RefreshToken.objects.filter(access_token__in=tokens).delete()
    AccessToken.objects.filter(pk__in=tokens).delete()
    return len(tokens)
