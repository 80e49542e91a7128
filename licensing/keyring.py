"""The secrets of licensing, read where they rest: peppers from the settings, signing keys from the vault."""

from functools import lru_cache
from uuid import UUID

from django.conf import settings

from kernel.vault import parse_keyring, vault
from licensing.models import SigningKey
from licensing.rules.digests import Pepper
from licensing.signing import Signer

ROUTE_KIND = "license_key"


def peppers() -> tuple[Pepper, ...]:
    """The peppers of the settings, newest version first: the first one makes new digests, all of them find keys.

    Raises Misconfigured.
    """
    return _peppers(settings.KEY_PEPPERS)


@lru_cache(maxsize=4)
def _peppers(keyring: str) -> tuple[Pepper, ...]:
    secrets = parse_keyring(keyring, variable="SEATLEDGER_KEY_PEPPERS")
    return tuple(Pepper(version, secrets[version]) for version in sorted(secrets, reverse=True))


def signer_of(row: SigningKey) -> Signer:
    """What signs in the name of this key. Raises VaultError when the keyring cannot open the private half.

    Opened keys are kept in memory: every validation answer is signed.
    """
    return _signer(bytes(row.sealed_private), sealing_place(row.organization_id, row.id))


@lru_cache(maxsize=256)
def _signer(sealed: bytes, place: str) -> Signer:
    return Signer(vault().decrypt(sealed, aad=place))


def bought_key_place(organization_id: UUID, key_id: UUID) -> str:
    """The associated data of a bought key: it opens in its own row only."""
    return f"licensing_license_key.ciphertext:{organization_id}:{key_id}"


def sealing_place(organization_id: UUID, key_id: UUID) -> str:
    """The associated data of a private half: it opens in its own row only."""
    return f"licensing_signing_key.sealed_private:{organization_id}:{key_id}"
