"""A signing key, its public half and licence certificates for the tests of tokens."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from licensing.jwk import from_base64url, to_base64url
from licensing.signing import Signer, TokenKind, verify

# RFC 8032 §7.1, test 1, is also the key of RFC 8037, appendix A.
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
SIGNER = Signer(SEED)
KEYS = {SIGNER.kid: SIGNER.public}
ISSUED = datetime(2025, 6, 15, 12, 0, tzinfo=UTC)
EPOCH = int(ISSUED.timestamp())
CLAIMS: dict[str, Any] = {
    "iss": "lumen-cad",
    "aud": "lumen-cad-pro",
    "sub": "0197727e-5c00-7000-8000-000000000001",
    "jti": "0197727e-5c00-7000-8000-000000000002",
    "iat": EPOCH,
    "nbf": EPOCH,
    "exp": EPOCH + 86_400,
    "fp": "f" * 64,
    "seq": 1,
    "nonce": "bm9uY2U",
    "revoked": {},
    "kids": [],
}


def part(value: Mapping[str, object]) -> str:
    """A header or a claims set as it stands in a token."""
    return to_base64url(orjson.dumps(value))


def header_of(token: str) -> Any:
    return orjson.loads(from_base64url(token.split(".")[0]))


def resigned(header: Mapping[str, object], claims: Mapping[str, object], *, signer: Signer = SIGNER) -> str:
    """A token with any header, honestly signed over it: what a bug, or an attacker with a key, would make."""
    message = f"{part(header)}.{part(claims)}"
    return f"{message}.{to_base64url(signer.signature_of(message.encode()))}"


def checked(token: str, **changes: Any) -> dict[str, Any]:
    """The claims of a licence token, checked at the moment of issue unless changed."""
    arguments: dict[str, Any] = {"kind": TokenKind.LICENSE, "keys": KEYS, "at": ISSUED, **changes}
    return dict(verify(token, **arguments).claims)


def license_token(**changes: Any) -> str:
    """A licence token with some claims changed."""
    return SIGNER.sign(kind=TokenKind.LICENSE, claims={**CLAIMS, **changes})
