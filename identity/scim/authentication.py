"""Who asks: a bearer token, and nothing else. Browser sessions and cookies are not looked at."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

from identity.models import ScimToken
from identity.operations.provisioning import note_use
from identity.operations.provisioning.tokens import USED_EVERY
from identity.ports import bindings
from identity.queries.credentials import credential_digest, issuer_of_credential
from identity.queries.provisioning import CREDENTIAL, TOKEN_MARK, token_with
from identity.scim.errors import Forbidden, RateExceeded, Unauthorized
from kernel.clock import Clock, SystemClock
from kernel.errors import Refusal
from kernel.principal import Principal, ScopeInsufficient, system
from kernel.rest import request_id_of
from kernel.rest.counting import counted
from kernel.scope import organization_key, scope
from kernel.trail import open_trail

FEATURE = "scim"
"""The plan's name for provisioning, the audience of access tokens, and the scope that they must have."""
LONGEST_TOKEN = 8_192


@dataclass(frozen=True)
class Caller:
    """Whoever sent a request, in one organisation; `token_id` is None for access tokens."""

    principal: Principal
    token_id: UUID | None
    request_id: str


def authenticated(request: HttpRequest, clock: Clock | None = None) -> Caller:
    """The caller behind the Authorization header. Raises Unauthorized, ScopeInsufficient, Forbidden and
    RateExceeded."""
    clock = clock or SystemClock()
    token = _bearer(request)
    now = clock.now()
    caller = _by_scim_token(token, now) if token.startswith(TOKEN_MARK) else _by_access_token(token, now)
    _limit(caller, now)
    if not bindings.plan(organization_id=caller.principal.organization_id, feature=FEATURE):
        raise Forbidden("the plan of this organisation does not include provisioning")
    return replace(caller, request_id=request_id_of(request))


def _bearer(request: HttpRequest) -> str:
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip() or len(token) > LONGEST_TOKEN:
        raise Unauthorized("a bearer token is needed")
    return str(token.strip())


def _by_scim_token(token: str, now: datetime) -> Caller:
    """Takes the same two queries for tokens that exist and for those that do not."""
    digest = credential_digest(token)
    organization = issuer_of_credential(CREDENTIAL, digest)
    if organization is None:
        raise Unauthorized("the token is unknown, expired or revoked")
    with scope(organization.id):
        row = token_with(digest, at=now)
    if row is None or organization.closed_at is not None:
        raise Unauthorized("the token is unknown, expired or revoked")
    actor = replace(system(organization.id, "provisioning"), label=row.name)
    _note_use(row, actor, now)
    return Caller(actor, row.id, "")


def _by_access_token(token: str, now: datetime) -> Caller:
    """Raises Unauthorized, and ScopeInsufficient for a token that is valid and has not the scope."""
    try:
        principal = bindings.access_token(token=token, audience=FEATURE, at=now)
    except ScopeInsufficient:
        raise
    except Refusal as refusal:
        raise Unauthorized("the token is unknown, expired or revoked") from refusal
    return Caller(principal, None, "")


def _note_use(row: ScimToken, actor: Principal, now: datetime) -> None:
    """Once a minute is exact enough, and spares a write on every request."""
    if row.last_used_at is None or now - row.last_used_at >= USED_EVERY:
        with open_trail(actor=actor) as trail:
            note_use(token_id=row.id, at=now, trail=trail)


def _limit(caller: Caller, now: datetime) -> None:
    """Counts requests per token and second; what was counted is forgotten after a moment."""
    who = caller.token_id or caller.principal.pseudonym
    key = organization_key(caller.principal.organization_id, "scim", who, int(now.timestamp()))
    if counted(key, seconds=5) > settings.SCIM_REQUESTS_PER_SECOND:
        raise RateExceeded("too many requests in one second")
