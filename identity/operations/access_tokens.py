"""What becomes of tokens: their entries in the ledger, and their end. The toolkit itself writes their rows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from identity.models import ApiClient
from identity.operations.api_clients import note_use
from kernel.trail import Trail

MOST_AT_ONCE = 500
"""Rows of one kind that one sweep removes: the next one goes on."""


def record_token_issued(
    *, client: ApiClient, account: UUID | None, scopes: str, audience: Sequence[str], grant: str, trail: Trail
) -> None:
    """A token was handed out: to which client, for whom (pseudonym), for what and where."""
    note_use(client=client, trail=trail)
    trail.record(
        "access_token.issued",
        subject=client,
        details={
            "client": str(client.pseudonym),
            "account": str(account) if account is not None else None,
            "scopes": scopes.split(),
            "audience": list(audience),
            "grant": grant,
        },
    )


def record_token_revoked(*, client: ApiClient, trail: Trail) -> None:
    trail.record("access_token.revoked", subject=client, details={"client": str(client.pseudonym)})


def record_refresh_replayed(*, client: ApiClient, trail: Trail) -> None:
    """A refresh token came twice: somebody else has it too, and all that descend from it have ended."""
    trail.record("refresh_token.replayed", subject=client, details={"client": str(client.pseudonym)})


def record_consent(*, client: ApiClient, account: UUID, scopes: Sequence[str], trail: Trail) -> None:
    """An account agreed that the client acts in its name."""
    trail.record(
        "api_client.authorized",
        subject=client,
        details={"client": str(client.pseudonym), "account": str(account), "scopes": list(scopes)},
    )


def forget_ended_tokens(*, organization_id: UUID, now: datetime) -> int:
    """Removes what can no longer be used by anybody, of this organisation's clients; returns how many rows.

    An access token stays while a refresh token stands on it; a used refresh token stays until it would have expired,
    since it is what a replay is recognised by.
    """
    own = ApiClient.objects.filter(organization_id=organization_id).values("id")
    lifetime: Any = settings.OAUTH2_PROVIDER["REFRESH_TOKEN_EXPIRE_SECONDS"]
    idle = now - timedelta(seconds=lifetime)
    ended = (
        Grant.objects.filter(application__in=own, expires__lte=now),
        RefreshToken.objects.filter(
            Q(revoked__lte=idle) | Q(revoked__isnull=True, access_token__expires__lte=idle), application__in=own
        ),
        AccessToken.objects.filter(application__in=own, expires__lte=now, refresh_token__isnull=True),
    )
    return sum(_some_of(rows) for rows in ended)


def _some_of(rows: Any) -> int:
    """Removes the first of these rows by their keys."""
    keys = list(rows.values_list("pk", flat=True)[:MOST_AT_ONCE])
    if not keys:
        return 0
    removed, _each = rows.model.objects.filter(pk__in=keys).delete()
    return int(removed)
