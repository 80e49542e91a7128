"""Public keys as strangers read them: JSON Web Keys (RFC 7517) of type OKP (RFC 8037) with thumbprints as names."""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import TypedDict

PUBLIC_KEY_BYTES = 32

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)


class BadKey(ValueError):
    """A published key is not an Ed25519 signing key, or does not bear its own thumbprint as its name."""


class Jwk(TypedDict):
    """One public Ed25519 key; `kid` is its RFC 7638 thumbprint, `x` the 32 bytes in base64url."""

    kty: str
    crv: str
    x: str
    kid: str
    use: str
    alg: str


class JwkSet(TypedDict):
    """What stands at the well-known address: every key that signs now, or whose certificates still hold."""

    keys: list[Jwk]


def kid_of(public: bytes) -> str:
    """The thumbprint (RFC 7638 §3, members of RFC 8037 §2) of an Ed25519 public key of 32 bytes."""
    if len(public) != PUBLIC_KEY_BYTES:
        raise BadKey(f"an Ed25519 public key has {PUBLIC_KEY_BYTES} bytes")
    canonical = f'{{"crv":"Ed25519","kty":"OKP","x":"{to_base64url(public)}"}}'
    return to_base64url(hashlib.sha256(canonical.encode()).digest())


def jwk_of(public: bytes) -> Jwk:
    """The key as it is published. Raises BadKey unless it has 32 bytes."""
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": to_base64url(public),
        "kid": kid_of(public),
        "use": "sig",
        "alg": "EdDSA",
    }


def jwks_of(publics: Iterable[bytes]) -> JwkSet:
    """The set of an organisation's public keys, in the order in which they are given."""
    return {"keys": [jwk_of(public) for public in publics]}


def read_jwks(published: Mapping[str, object]) -> dict[str, bytes]:
    """The public keys of a published set by `kid`.

    Keys of other types are passed over, as RFC 7517 §5 asks. Raises BadKey when the set is no set, or when an Ed25519
    key is broken or bears another name than its thumbprint: such a set is not ours.
    """
    keys = published.get("keys")
    if not isinstance(keys, list):
        raise BadKey("a key set has a list of keys")
    return dict(_read(key) for key in keys if isinstance(key, dict) and key.get("crv") == "Ed25519")


def to_base64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The bytes of an unpadded base64url text.

    Raises ValueError for padding, foreign characters and left-over bits: each value is written in exactly one way, so
    that nobody can change a token's text and keep it valid.
    """
    if not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise ValueError("not base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if to_base64url(data) != text:
        raise ValueError("not the one way to write these bytes")
    return data


def _read(key: Mapping[str, object]) -> tuple[str, bytes]:
    x, kid = key.get("x"), key.get("kid")
    if key.get("kty") != "OKP" or key.get("use", "sig") != "sig" or not isinstance(x, str) or not isinstance(kid, str):
        raise BadKey("not a public Ed25519 signing key")
    try:
        public = from_base64url(x)
    except ValueError as error:
        raise BadKey("a public key is not base64url") from error
    if kid_of(public) != kid:
        raise BadKey("a key does not bear its own thumbprint")
    return kid, public
