"""The keys that sign access tokens: which one signs, which ones still verify."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Q
from joserfc.jwk import RSAKey

from identity.models import TokenSigningKey
from identity.rules.access_tokens import ALGORITHM, CLOCK_DRIFT, LIFETIME
from kernel.vault import vault

PUBLISHED_AFTERWARDS = timedelta(hours=1)
"""A retired key stays in the published set for whoever keeps a copy of it; tokens of it are over long before."""


def signing_key() -> TokenSigningKey | None:
    """The key that signs now; None before the first one was drawn."""
    return TokenSigningKey.objects.filter(algorithm=ALGORITHM, retired_at__isnull=True).first()


def verifying_key(kid: UUID, *, at: datetime) -> RSAKey | None:
    """The public half, while a token that it signed can still be valid."""
    since = at - LIFETIME - CLOCK_DRIFT
    row = TokenSigningKey.objects.filter(
        Q(retired_at__isnull=True) | Q(retired_at__gt=since), id=kid, algorithm=ALGORITHM
    ).first()
    return RSAKey.import_key(row.public) if row is not None else None


def published_keys(*, at: datetime) -> list[dict[str, Any]]:
    """The public halves as JSON Web Keys (RFC 7517), newest first."""
    rows = TokenSigningKey.objects.filter(Q(retired_at__isnull=True) | Q(retired_at__gt=at - PUBLISHED_AFTERWARDS))
    return [row.public for row in rows.order_by("-created_at")]


def private_half(row: TokenSigningKey) -> RSAKey:
    """Opened from the vault once per process: reading an RSA key costs more than signing with it."""
    return _opened(row.id, bytes(row.sealed_private))


def sealed_at(kid: UUID) -> str:
    """The place of a sealed private half, so that it opens nowhere else."""
    return f"token_signing_key.sealed_private:{kid}"


@lru_cache(maxsize=4)
def _opened(kid: UUID, sealed: bytes) -> RSAKey:
    return RSAKey.import_key(vault().decrypt(sealed, aad=sealed_at(kid)))
