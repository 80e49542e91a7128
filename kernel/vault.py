"""The vault: secrets at rest under AES-256-GCM with a versioned keyring.

Token layout: 1 byte format (0x01) ‖ 2 bytes key version, big-endian ‖ 12 bytes nonce ‖ ciphertext and tag.
"""

import base64
import binascii
import dataclasses
import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

from kernel.errors import Misconfigured

FORMAT = b"\x01"
NONCE_BYTES = 12
HEADER_BYTES = 3


class VaultError(Exception):
    """A stored secret cannot be opened: wrong key, wrong place (associated data), or altered bytes."""


class Vault:
    """Encrypts with the newest key, decrypts with whichever key the token names."""

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        if not keys:
            raise Misconfigured("SEATLEDGER_VAULT_KEYS holds no key; expected entries like 1:<base64 of 32 bytes>")
        self._keys = dict(keys)
        self.newest = max(keys)

    def encrypt(self, plaintext: bytes, *, aad: str) -> bytes:
        """`aad` names the place (table, column, row, organisation), so that a token moved elsewhere does not open."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(self._keys[self.newest]).encrypt(nonce, plaintext, aad.encode())
        return FORMAT + self.newest.to_bytes(2, "big") + nonce + sealed

    def decrypt(self, token: bytes, *, aad: str) -> bytes:
        """Raises VaultError when the token was altered, moved, or its key is not in the keyring."""
        token = bytes(token)
        version = version_of(token)
        if token[:1] != FORMAT or version not in self._keys:
            raise VaultError("this secret names a key that the keyring does not hold")
        nonce, sealed = token[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES], token[HEADER_BYTES + NONCE_BYTES :]
        try:
            return AESGCM(self._keys[version]).decrypt(nonce, sealed, aad.encode())
        except InvalidTag as error:
            raise VaultError("this secret does not open here: altered, or moved from another place") from error

    def reseal(self, token: bytes, *, aad: str) -> bytes:
        """The same secret under the newest key. Raises VaultError like `decrypt`."""
        return self.encrypt(self.decrypt(token, aad=aad), aad=aad)


def version_of(token: bytes) -> int:
    """The version of the key under which a token was sealed."""
    return int.from_bytes(bytes(token)[1:HEADER_BYTES], "big")


@dataclasses.dataclass(frozen=True)
class SealedColumn:
    """A column whose values the vault sealed, for whoever seals them again: `place` gives the associated data of a row.

    `only` narrows the rows to those that the vault itself sealed and somebody may still open. Where the column holds a
    document (JSON), `member` names its member with the token, in base64. Columns of owned models are visited
    organisation by organisation.
    """

    model: type[models.Model]
    field: str
    place: Callable[[Any], str]
    only: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    member: str = ""

    @property
    def name(self) -> str:
        return f"{self.model._meta.label}.{self.field}"

    def token(self, value: Any) -> bytes:
        """The sealed bytes within a value of the column."""
        return base64.b64decode(value[self.member]) if self.member else bytes(value)

    def holding(self, value: Any, token: bytes) -> Any:
        """The value of the column with another token in it."""
        return {**value, self.member: base64.b64encode(token).decode()} if self.member else token


def parse_keyring(text: str, *, variable: str = "SEATLEDGER_VAULT_KEYS") -> dict[int, bytes]:
    """Reads "1:<base64>,2:<base64>"; raises Misconfigured with the variable's name."""
    keys: dict[int, bytes] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        version, _, encoded = entry.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if not version.isdigit() or not 0 < int(version) < 65536 or len(key) != 32:
            raise Misconfigured(f"{variable}: each entry is <version>:<base64 of 32 bytes>, separated by commas")
        keys[int(version)] = key
    return keys


@lru_cache(maxsize=4)
def _vault_for(keyring: str) -> Vault:
    return Vault(parse_keyring(keyring))


def vault() -> Vault:
    """The vault of the settings."""
    return _vault_for(settings.VAULT_KEYS)
