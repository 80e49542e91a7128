"""Verifying signed texts: JWS compact (RFC 7515) with Ed25519 (RFC 8037), algorithm and type pinned (RFC 8725).

Whoever verifies says which type is expected; a token never says how it wants to be checked.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from nacl.bindings import crypto_sign_BYTES, crypto_sign_open
from nacl.exceptions import BadSignatureError

from seatledger_client.encoding import to_bytes
from seatledger_client.errors import TokenRefused
from seatledger_client.keys import KeySet

ALGORITHMS = frozenset({"EdDSA", "Ed25519"})
HEADER_MEMBERS = frozenset({"alg", "kid", "typ"})
LONGEST = 16_384


class Kind(StrEnum):
    """The `typ` of each kind of token that the server signs for clients."""

    LICENSE = "seatledger-license+jwt"
    ACTIVATION = "seatledger-activation+jwt"
    LEASE = "seatledger-lease+jwt"
    DECISION = "seatledger-decision+jwt"


def verified(token: str, *, kind: Kind, keys: KeySet, at: datetime, expect: Mapping[str, str]) -> dict[str, Any]:
    """The claims of a token of this kind that one of the keys signed, that holds at `at` (strictly before `exp`, from
    `nbf` on) and whose claims have the expected values. Raises TokenRefused."""
    header, payload, signature, message = _parts(token)
    if header.get("alg") not in ALGORITHMS or set(header) - HEADER_MEMBERS:
        raise TokenRefused("algorithm", "The text is not signed with Ed25519 alone.")
    if header.get("typ") != kind:
        raise TokenRefused("kind", f"The text is no {kind}.")
    public = keys.keys.get(str(header.get("kid")))
    if public is None:
        raise TokenRefused("key", "The text was signed with a key that this application does not know.")
    if len(signature) != crypto_sign_BYTES or not _fits(signature, message, public):
        raise TokenRefused("signature", "The signature does not fit: the text was changed or cut off.")
    claims = _object(payload)
    _check(claims, expect, at.astimezone(UTC).timestamp())
    return claims


def _fits(signature: bytes, message: bytes, public: bytes) -> bool:
    try:
        crypto_sign_open(signature + message, public)
    except BadSignatureError:
        return False
    return True


def _check(claims: Mapping[str, Any], expect: Mapping[str, str], now: float) -> None:
    for name, value in expect.items():
        if claims.get(name) != value:
            raise TokenRefused("claim", f"The text is meant for another {name}.")
    times = {name: claims[name] for name in ("exp", "nbf") if name in claims}
    if any(isinstance(value, bool) or not isinstance(value, int) for value in times.values()):
        raise TokenRefused("claim", "A time in the text is no number of seconds.")
    if "exp" in times and now >= times["exp"]:
        raise TokenRefused("expired", "The text has expired.")
    if "nbf" in times and now < times["nbf"]:
        raise TokenRefused("not_yet", "The text does not hold yet.")


def _parts(token: str) -> tuple[dict[str, Any], bytes, bytes, bytes]:
    parts = token.split(".") if len(token) <= LONGEST else []
    if len(parts) != 3:
        raise _malformed()
    try:
        header, payload, signature = (to_bytes(part) for part in parts)
    except ValueError as error:
        raise _malformed() from error
    return _object(header), payload, signature, token.rpartition(".")[0].encode("ascii")


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except ValueError as error:
        raise _malformed() from error
    if not isinstance(value, dict):
        raise _malformed()
    return value


def _malformed() -> TokenRefused:
    return TokenRefused("malformed", "This is not a signed text.")
