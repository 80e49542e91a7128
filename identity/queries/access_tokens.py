"""Who an access token speaks for. The one function for REST, GraphQL and SCIM."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.utils.translation import gettext as _
from joserfc import jws, jwt
from joserfc.errors import JoseError
from oauth2_provider.models import AccessToken

from identity.models import ApiClient
from identity.queries.api_clients import principal_of_client
from identity.queries.memberships import memberships_of, parties_of
from identity.queries.token_keys import verifying_key
from identity.rules.access_tokens import (
    ALGORITHM,
    TokenFacts,
    TokenFault,
    claims_fault,
    facts_of,
    header_fault,
    scope_missing,
)
from identity.rules.scopes import permissions_beyond, permissions_within
from kernel.errors import Refusal
from kernel.principal import Principal, ScopeInsufficient
from kernel.scope import scope

log = structlog.get_logger(__name__)
LONGEST = 4096
"""Characters of a token; ours have about 900."""


class AccessTokenRefused(Refusal):
    """The access token is not valid here: expired, revoked, meant for another address, or none of ours."""

    code = "ACCESS_TOKEN_INVALID"
    status = 401


def principal_of_token(*, token: str, audience: str, at: datetime) -> Principal:
    """The actor of a request with this bearer token at this audience. Opens a scope of its own, so call it outside
    one. What the principal may do is what its roles and the token's scopes both allow.

    Raises AccessTokenRefused, the same for every reason, and ScopeInsufficient for a token that is valid and was not
    granted what the audience needs (RFC 6750 §3.1): only whoever holds such a token hears of the scope.
    """
    found = _verified(token, audience=audience, at=at)
    if isinstance(found, TokenFault):
        raise _refused(found)
    with scope(found.organization_id):
        row = _stored(token, found, at=at)
    if row is None:
        raise _refused(TokenFault.REVOKED)
    # What was taken from the client while this token was on its way is taken from the token as well.
    scopes = tuple(code for code in found.scopes if code in row.application.scopes)
    principal = (
        principal_of_client(row.application, scopes=scopes)
        if row.user is None
        else principal_of_account(row.user, found.organization_id, scopes=scopes, at=at)
    )
    if principal is None:
        raise _refused(TokenFault.NO_MEMBERSHIP)
    if missing := scope_missing(scopes, audience=audience):
        raise _out_of_scope(missing)
    return principal


def principal_of_account(
    account: Any, organization_id: UUID, *, scopes: tuple[str, ...], at: datetime
) -> Principal | None:
    """The account as far as these scopes go, while it is active and works in the organisation."""
    if not account.is_active:
        return None
    for membership in memberships_of(account.id, at=at):
        if membership.organization_id == organization_id:
            return Principal(
                organization_id=organization_id,
                account_id=account.id,
                pseudonym=account.pseudonym,
                roles=frozenset(membership.roles),
                permissions=permissions_within(roles=membership.roles, scopes=scopes),
                label=str(account),
                parties=parties_of(membership),
                beyond_scopes=permissions_beyond(roles=membership.roles, scopes=scopes),
            )
    return None


def checksum(token: str) -> str:
    """What is stored of a token, as the toolkit computes it."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def _verified(token: str, *, audience: str, at: datetime) -> TokenFacts | TokenFault:
    """Checks everything that the token says itself: its header first, then the signature, then the claims."""
    try:
        header = jws.extract_compact(_ascii(token)).headers()
        if fault := header_fault(header):
            return fault
        key = verifying_key(UUID(str(header.get("kid", ""))), at=at)
        if key is None:
            return TokenFault.UNKNOWN_KEY
        claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
    except JoseError:
        return TokenFault.BAD_SIGNATURE
    except (ValueError, RecursionError):
        # No base64, no JSON, no UUID, or brackets without end: joserfc names only part of what is no token.
        return TokenFault.NO_TOKEN
    if fault := claims_fault(claims, issuer=settings.BASE_URL, audience=audience, at=at):
        return fault
    return facts_of(claims, at=at) or TokenFault.INCOMPLETE


def _ascii(token: str) -> bytes:
    """Raises ValueError for what cannot be a token; no key is asked for then."""
    if len(token) > LONGEST:
        raise ValueError("longer than any token of ours")
    return token.encode("ascii")


def _stored(token: str, facts: TokenFacts, *, at: datetime) -> Any:
    """The row behind the token, with account and client; None when it was revoked, or its client or organisation is
    no longer valid. A token without a row was revoked, whatever its signature says."""
    row = (
        AccessToken.objects.select_related("application__organization", "user")
        .filter(token_checksum=checksum(token), expires__gt=at)
        .first()
    )
    client: ApiClient | None = row.application if row is not None else None
    if client is None or client.organization_id != facts.organization_id or client.client_id != facts.client_id:
        return None
    if not client.usable_at(at) or client.organization.closed_at is not None:
        return None
    subject = str(row.user.pseudonym) if row.user is not None else client.client_id
    return row if facts.subject == subject else None


def _refused(fault: TokenFault) -> AccessTokenRefused:
    log.info("access token refused", reason=str(fault))
    return AccessTokenRefused(
        _("This access token is not valid here: expired, revoked, or meant for another address. Get a new one.")
    )


def _out_of_scope(scope: str) -> ScopeInsufficient:
    log.info("access token refused", reason=str(TokenFault.OUT_OF_SCOPE))
    return ScopeInsufficient(
        _("This access token does not reach so far: it needs the scope %(scope)s.") % {"scope": scope},
        details={"scope": scope},
    )
