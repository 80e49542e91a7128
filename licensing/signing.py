"""Signed tokens: JWS compact (RFC 7515) with Ed25519 (RFC 8037), one media type for each kind of token.

PyNaCl signs in some 20 microseconds, so that every validation answer is signed. Whoever verifies pins algorithm and
type (RFC 8725): a token never says how it wants to be checked, and a token of one kind never stands in for another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

import orjson
from django.utils.translation import gettext
from nacl.bindings import crypto_sign, crypto_sign_BYTES, crypto_sign_open, crypto_sign_seed_keypair
from nacl.exceptions import BadSignatureError

from kernel.errors import InvalidInput
from licensing.jwk import from_base64url, kid_of, to_base64url
from licensing.rules.terms import in_utc

SEED_BYTES = 32
LONGEST_TOKEN = 16_384
LONGEST_LIST = 16_777_216
ALGORITHM = "EdDSA"
ACCEPTED_ALGORITHMS = frozenset({"EdDSA", "Ed25519"})
NO_LEEWAY = timedelta(0)


class TokenKind(StrEnum):
    """The `typ` of each kind of token."""

    LICENSE = "seatledger-license+jwt"
    ACTIVATION = "seatledger-activation+jwt"
    LEASE = "seatledger-lease+jwt"
    DECISION = "seatledger-decision+jwt"
    REVOCATIONS = "seatledger-revocations+jwt"
    FLAGS = "seatledger-flags+jwt"


# What a token must say to mean anything; offline rights that are lent must end, and an answer must name its question.
REQUIRED_CLAIMS: Mapping[TokenKind, frozenset[str]] = {
    TokenKind.LICENSE: frozenset({"iss", "aud", "sub", "jti", "iat", "nbf"}),
    TokenKind.ACTIVATION: frozenset({"iss", "aud", "sub", "jti", "iat", "nbf", "exp", "fp"}),
    TokenKind.LEASE: frozenset({"iss", "aud", "sub", "jti", "iat", "nbf", "exp"}),
    TokenKind.DECISION: frozenset({"iss", "iat", "nonce"}),
    TokenKind.REVOCATIONS: frozenset({"iss", "iat", "exp", "revoked", "kids"}),
    TokenKind.FLAGS: frozenset({"iss", "iat", "exp", "nonce"}),
}


class TokenRefused(InvalidInput):
    """A signed token is not accepted."""

    code: ClassVar[str] = "TOKEN_REFUSED"


class MalformedToken(TokenRefused):
    """The text is no compact JWS with JSON header and claims."""

    code: ClassVar[str] = "TOKEN_MALFORMED"


class WrongAlgorithm(TokenRefused):
    """The header names another algorithm than Ed25519, or has members that we never write."""

    code: ClassVar[str] = "TOKEN_ALGORITHM"


class WrongKind(TokenRefused):
    """The token is of another kind than the one that is asked for."""

    code: ClassVar[str] = "TOKEN_KIND"


class UnknownKey(TokenRefused):
    """None of the given keys has signed the token."""

    code: ClassVar[str] = "TOKEN_KEY_UNKNOWN"


class WrongSignature(TokenRefused):
    """The signature does not fit: the token was altered, cut off or made by somebody else."""

    code: ClassVar[str] = "TOKEN_SIGNATURE"


class WrongClaim(TokenRefused):
    """A claim is missing, is of the wrong type or is not the expected one."""

    code: ClassVar[str] = "TOKEN_CLAIM"


class TokenExpired(TokenRefused):
    """The token held strictly before its `exp`, which has come."""

    code: ClassVar[str] = "TOKEN_EXPIRED"


class TokenNotYetValid(TokenRefused):
    """The token's `nbf` has not come, or it claims to have been issued later than now."""

    code: ClassVar[str] = "TOKEN_NOT_YET_VALID"


class Signer:
    """The private half of one signing key, in memory; its representation shows the `kid` only.

    Made of the 32 random bytes (`seed`) that the vault keeps; raises ValueError for another length.
    """

    __slots__ = ("_headers", "_secret", "kid", "public")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != SEED_BYTES:
            raise ValueError(f"an Ed25519 seed has {SEED_BYTES} bytes")
        self.public, self._secret = crypto_sign_seed_keypair(seed)
        self.kid = kid_of(self.public)
        self._headers = {kind: _encoded({"alg": ALGORITHM, "kid": self.kid, "typ": kind}) for kind in TokenKind}

    def __repr__(self) -> str:
        return f"Signer({self.kid})"

    def sign(self, *, kind: TokenKind, claims: Mapping[str, object]) -> str:
        """The token over exactly these claims, serialised by orjson. Raises TypeError for what JSON cannot hold."""
        message = f"{self._headers[kind]}.{_encoded(claims)}"
        return f"{message}.{to_base64url(self.signature_of(message.encode()))}"

    def signature_of(self, message: bytes) -> bytes:
        """The Ed25519 signature (64 bytes, RFC 8032) over the message; the same message always gives the same."""
        return crypto_sign(message, self._secret)[:crypto_sign_BYTES]


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """A token whose signature, kind and times were checked; `claims` are as they were signed."""

    kid: str
    kind: TokenKind
    claims: Mapping[str, Any]


def signature_fits(*, message: bytes, signature: bytes, public: bytes) -> bool:
    """Whether the holder of the key made this signature; False for S ≥ L and for keys of small order as well."""
    if len(signature) != crypto_sign_BYTES:
        return False
    try:
        crypto_sign_open(signature + message, public)
    except BadSignatureError:
        return False
    return True


def verify(
    token: str,
    *,
    kind: TokenKind,
    keys: Mapping[str, bytes],
    at: datetime,
    expect: Mapping[str, str] | None = None,
    leeway: timedelta = NO_LEEWAY,
) -> VerifiedToken:
    """The claims of a token of this kind, signed by one of `keys` (public keys by `kid`) and valid at `at`.

    `expect` are claims that must have exactly these values (`iss`, `aud`, `nonce`); `leeway` is how far the clock that
    issued the token may differ from ours. Raises a subclass of TokenRefused.
    """
    longest = LONGEST_LIST if kind is TokenKind.REVOCATIONS else LONGEST_TOKEN
    header, claims, signature, message = _taken_apart(token, longest)
    _check_header(header, kind)
    kid = str(header.get("kid"))
    if kid not in keys:
        raise UnknownKey(gettext("The token was signed with a key that is not known here."))
    if not signature_fits(message=message, signature=signature, public=keys[kid]):
        raise WrongSignature(gettext("The signature of the token does not fit."))
    verified = _read_claims(claims, kind)
    _check_expected(verified, expect or {})
    _check_times(verified, in_utc(at).timestamp(), leeway.total_seconds())
    return VerifiedToken(kid=kid, kind=kind, claims=verified)


def kind_of(token: str) -> str:
    """The `typ` that a token states, unverified: for whoever accepts several kinds and then verifies one of them.

    Raises MalformedToken."""
    return str(_taken_apart(token, LONGEST_TOKEN)[0].get("typ"))


def _encoded(value: Mapping[str, object]) -> str:
    return to_base64url(orjson.dumps(value))


def _taken_apart(token: str, longest: int) -> tuple[dict[str, Any], bytes, bytes, bytes]:
    parts = token.split(".") if len(token) <= longest else []
    if len(parts) != 3:
        raise _malformed()
    try:
        header, claims, signature = (from_base64url(part) for part in parts)
    except ValueError as error:
        raise _malformed() from error
    return _json_object(header), claims, signature, token.rpartition(".")[0].encode()


def _check_header(header: Mapping[str, Any], kind: TokenKind) -> None:
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ACCEPTED_ALGORITHMS or header.keys() - {"alg", "kid", "typ"}:
        raise WrongAlgorithm(gettext("The token is not signed in the one way that is accepted (Ed25519)."))
    if header.get("typ") != kind:
        raise WrongKind(gettext("The token is of another kind than the one expected here."))


def _read_claims(payload: bytes, kind: TokenKind) -> dict[str, Any]:
    claims = _json_object(payload)
    missing = REQUIRED_CLAIMS[kind] - claims.keys()
    if missing:
        raise WrongClaim(gettext("The token lacks a claim that it must have."), details={"claim": min(missing)})
    return claims


def _check_expected(claims: Mapping[str, Any], expect: Mapping[str, str]) -> None:
    for name, value in expect.items():
        if claims.get(name) != value:
            raise WrongClaim(gettext("The token is meant for somebody or something else."), details={"claim": name})


def _check_times(claims: Mapping[str, Any], now: float, leeway: float) -> None:
    expires, begins, issued = (_instant(claims, name) for name in ("exp", "nbf", "iat"))
    if expires is not None and now - leeway >= expires:
        raise TokenExpired(gettext("The token has expired."))
    if any(moment is not None and now + leeway < moment for moment in (begins, issued)):
        raise TokenNotYetValid(gettext("The token is not valid yet."))


def _instant(claims: Mapping[str, Any], name: str) -> int | None:
    moment = claims.get(name)
    if moment is None and name not in claims:
        return None
    if not isinstance(moment, int) or isinstance(moment, bool):
        raise WrongClaim(gettext("A time in the token is not a number of seconds."), details={"claim": name})
    return moment


def _json_object(data: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _malformed() from error
    if not isinstance(value, dict):
        raise _malformed()
    return value


def _malformed() -> MalformedToken:
    return MalformedToken(gettext("This is not a signed token."))
