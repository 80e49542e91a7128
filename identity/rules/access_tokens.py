"""What an access token says (RFC 9068), and when it is refused. Pure: the signature is checked elsewhere."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

ALGORITHM: Final = "RS256"
"""The one algorithm. RFC 9068 §2.1 asks every server and every reader of such tokens for RS256, so that a gateway in
front of us can check tokens too; a token that names another one is refused before its signature is looked at."""
TYPE: Final = "at+jwt"
TYPES: Final = frozenset({"at+jwt", "application/at+jwt"})
LIFETIME: Final = timedelta(seconds=300)
CLOCK_DRIFT: Final = timedelta(seconds=30)
"""How far `nbf` and `iat` may lie ahead: they come from the clock of the database server."""
REQUIRED: Final = frozenset({"iss", "sub", "aud", "client_id", "iat", "exp", "jti", "organization"})


class Audience(StrEnum):
    """Where a token is meant to be used; the part of its audience behind the base address."""

    API = "api"
    GRAPHQL = "graphql"
    SCIM = "scim"


NEEDED_SCOPES: Final[Mapping[Audience, str]] = {Audience.SCIM: "scim"}
"""What a token must have been granted to be of use at an audience, whatever else it may do."""


def scope_missing(scopes: Collection[str], *, audience: str) -> str:
    """The scope without which a token opens nothing at this address and that is not among these; "" where none is."""
    needed = (scope for place, scope in NEEDED_SCOPES.items() if audience.endswith(f"/{place}"))
    return next((scope for scope in needed if scope not in scopes), "")


def audience_of(base_url: str, audience: Audience) -> str:
    return f"{base_url}/{audience}"


class TokenFault(StrEnum):
    """Why a token is refused; written to the log, not told to whoever sent it."""

    NO_TOKEN = "no token of ours"  # noqa: S105  # a reason
    WRONG_TYPE = "typ is not at+jwt"
    UNKNOWN_KEY = "kid names no key that signs or lately signed"
    BAD_SIGNATURE = "the signature does not verify"
    INCOMPLETE = "a required claim is missing or malformed"
    WRONG_ISSUER = "iss is another server"
    WRONG_AUDIENCE = "aud is another address"
    OUT_OF_SCOPE = "the scope that its audience needs was not granted"
    EXPIRED = "exp has passed"
    NOT_YET = "nbf or iat lies ahead"
    REVOKED = "the token, its client or its organisation is no longer valid"
    NO_MEMBERSHIP = "the account does not work in the organisation any more"


@dataclass(frozen=True)
class TokenFacts:
    """The claims of a token that passed, as values."""

    organization_id: UUID
    client_id: str
    subject: str
    scopes: tuple[str, ...]
    expires_at: datetime


def claims_for(
    *,
    issuer: str,
    audience: str,
    subject: str,
    client_id: str,
    organization_id: UUID,
    scopes: str,
    jti: UUID,
    at: datetime,
) -> dict[str, Any]:
    """The claims of a new token; `subject` is a pseudonym or the client, never a name."""
    return {
        "iss": issuer,
        "sub": subject,
        "aud": audience,
        "client_id": client_id,
        "iat": int(at.timestamp()),
        "exp": int((at + LIFETIME).timestamp()),
        "jti": str(jti),
        "scope": scopes,
        "organization": str(organization_id),
    }


def header_fault(header: Mapping[str, Any]) -> TokenFault | None:
    """What is wrong with a header, before any key is read."""
    if header.get("alg") != ALGORITHM:
        return TokenFault.NO_TOKEN
    return None if str(header.get("typ", "")).lower() in TYPES else TokenFault.WRONG_TYPE


def claims_fault(claims: Mapping[str, Any], *, issuer: str, audience: str, at: datetime) -> TokenFault | None:
    """What is wrong with claims whose signature verified."""
    times = [claims.get(name, 0) for name in ("iat", "exp", "nbf")]
    texts = [claims.get(name) for name in REQUIRED - {"iat", "exp", "aud"}]
    # bool is an int to Python, and not a time.
    if not (claims.keys() >= REQUIRED and all(type(one) is int for one in times) and all(_text(one) for one in texts)):
        return TokenFault.INCOMPLETE
    if claims["iss"] != issuer:
        return TokenFault.WRONG_ISSUER
    if claims["aud"] not in (audience, [audience]):
        return TokenFault.WRONG_AUDIENCE
    if claims["exp"] <= at.timestamp():
        return TokenFault.EXPIRED
    if max(claims["iat"], claims.get("nbf", 0)) > (at + CLOCK_DRIFT).timestamp():
        return TokenFault.NOT_YET
    return None


def facts_of(claims: Mapping[str, Any], *, at: datetime) -> TokenFacts | None:
    """The claims as values; None when the organisation is no id or the expiry no moment of any calendar."""
    try:
        organization_id = UUID(claims["organization"])
        expires_at = datetime.fromtimestamp(claims["exp"], at.tzinfo)
    except (ValueError, OverflowError, OSError):
        return None
    scopes = claims.get("scope", "")
    return TokenFacts(
        organization_id=organization_id,
        client_id=claims["client_id"],
        subject=claims["sub"],
        scopes=tuple(scopes.split()) if isinstance(scopes, str) else (),
        expires_at=expires_at,
    )


def _text(value: object) -> bool:
    return isinstance(value, str) and value != ""
