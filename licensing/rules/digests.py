"""What is stored of an issued licence key: a keyed digest to find it by, and six symbols to recognise it.

HMAC-SHA-256 (RFC 2104) with a pepper that lives in the environment and never in the database: who steals the database
alone can neither read keys nor test guesses. The purpose is part of the message, so that the same pepper may serve
other digests without one ever standing in for another.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field

PREFIX_LENGTH = 6
PEPPER_BYTES = 32

_PURPOSE = b"seatledger/license-key/v1\n"


@dataclass(frozen=True, slots=True)
class Pepper:
    """One secret of the keyring; `version` is stored beside each digest, so that peppers can be replaced.

    Raises ValueError for fewer than 32 bytes and for a version below 1.
    """

    version: int
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if self.version < 1:
            raise ValueError("a pepper's version counts from 1")
        if len(self.secret) < PEPPER_BYTES:
            raise ValueError(f"a pepper has at least {PEPPER_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class KeyDigest:
    """`digest` finds the key (32 bytes), `prefix` is shown to people, `pepper_version` says which secret was used."""

    digest: bytes
    prefix: str
    pepper_version: int


def key_digest(*, key: str, pepper: Pepper) -> KeyDigest:
    """The digest of a canonical key (`key_format.normalise`); the same key and pepper always give the same."""
    digest = hmac.digest(pepper.secret, _PURPOSE + key.encode(), "sha256")
    return KeyDigest(digest=digest, prefix=key[:PREFIX_LENGTH], pepper_version=pepper.version)


def lookup_digests(*, key: str, peppers: Iterable[Pepper]) -> tuple[KeyDigest, ...]:
    """One digest for each pepper in use, newest version first: a key issued before a rotation is still found."""
    newest_first = sorted(peppers, key=lambda pepper: pepper.version, reverse=True)
    return tuple(key_digest(key=key, pepper=pepper) for pepper in newest_first)


def subject_digest(*, kind: str, value: str, pepper: Pepper) -> str:
    """Hex HMAC-SHA-256 of what names a machine or person: kind "fingerprint", "component" or "user". Whitespace around
    the value does not count."""
    message = f"seatledger/{kind}/v1\n{value.strip()}"
    return hmac.digest(pepper.secret, message.encode(), "sha256").hex()
