"""The token, revocation and introspection endpoints: for programs, without sessions."""

from dataclasses import dataclass
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from oauth2_provider.models import AccessToken

from identity import operations
from identity.models import ApiClient
from identity.oauth.limits import seconds_to_wait
from identity.oauth.server import backend
from identity.oauth.validator import client_id_of
from identity.privacy import truncated_address
from identity.queries import platform_organization
from identity.queries.access_tokens import checksum, principal_of_account
from identity.queries.api_clients import organization_of_client, principal_of_client, usable_client
from identity.queries.token_keys import signing_key
from kernel.clock import SystemClock
from kernel.principal import Principal, system
from kernel.rest import request_id_of
from kernel.scope import scope
from kernel.trail import Trail, run_in_trail

REALM = 'Basic realm="Seatledger"'


@dataclass(frozen=True)
class Asking:
    """A client that a request names and that exists; whether it is that client, oauthlib finds out."""

    client: ApiClient

    @property
    def actor(self) -> Principal:
        return principal_of_client(self.client, scopes=())


@csrf_exempt
@never_cache
@require_POST
@sensitive_post_parameters("client_secret", "code", "code_verifier", "refresh_token")
def token(request: HttpRequest) -> HttpResponse:
    """A token for a client that proves who it is, or one of RFC 6749's errors."""
    asking = _asking(request)
    if isinstance(asking, HttpResponse):
        return asking
    _draw_key_if_none(asking.actor, request)

    def work(trail: Trail) -> HttpResponse:
        core, validator = backend()
        _url, headers, body, status = core.create_token_response(request)
        if status == 200:
            _record_issued(body, validator.client, trail)
        elif validator.replayed and validator.client is not None:
            operations.record_refresh_replayed(client=validator.client, trail=trail)
        else:
            trail.abandon()
        return _answer(headers, body, status)

    return run_in_trail(work, actor=asking.actor, request_id=request_id_of(request))


@csrf_exempt
@never_cache
@require_POST
@sensitive_post_parameters("client_secret", "token")
def revoke(request: HttpRequest) -> HttpResponse:
    """Ends an access or refresh token of the asking client (RFC 7009); 200 also for one that does not exist."""
    asking = _asking(request)
    if isinstance(asking, HttpResponse):
        return asking

    def work(trail: Trail) -> HttpResponse:
        core, validator = backend()
        _url, headers, body, status = core.create_revocation_response(request)
        if status == 200 and validator.revoked and validator.client is not None:
            operations.record_token_revoked(client=validator.client, trail=trail)
        elif status != 200:
            trail.abandon()
        return _answer(headers, body, status)

    return run_in_trail(work, actor=asking.actor, request_id=request_id_of(request))


@csrf_exempt
@never_cache
@require_POST
@sensitive_post_parameters("client_secret", "token")
def introspect(request: HttpRequest) -> HttpResponse:
    """Whether a token of the asking client is still good (RFC 7662). About tokens of others nothing is told."""
    asking = _asking(request)
    if isinstance(asking, HttpResponse):
        return asking
    with scope(asking.client.organization_id):
        core, validator = backend()
        if not core.authenticate_client(request) or validator.client is None:
            return _error("invalid_client", 401)
        given = request.POST.get("token", "")
        if not given:
            return _error("invalid_request", 400)
        return JsonResponse(_introspected(given, validator.client))


def _asking(request: HttpRequest) -> Asking | HttpResponse:
    """The client that the request names, or the answer to a request that may not go on: too many, or unknown."""
    named = client_id_of(
        authorization=str(request.META.get("HTTP_AUTHORIZATION", "")), body_client_id=request.POST.get("client_id", "")
    )
    wait = seconds_to_wait(client_id=named, network=truncated_address(request))
    if wait:
        response = _error("temporarily_unavailable", 429)
        response["Retry-After"] = str(wait)
        return response
    organization_id = organization_of_client(named)
    if organization_id is not None:
        with scope(organization_id):
            client = usable_client(named, at=SystemClock().now())
        if client is not None:
            return Asking(client)
    return _error("invalid_client", 401)


def _draw_key_if_none(actor: Principal, request: HttpRequest) -> None:
    """The key is the platform's; where nobody made a platform organisation, whoever asks first has it in its ledger."""
    if signing_key() is not None:
        return
    platform = platform_organization()
    drawer = system(actor.organization_id if platform is None else platform.id, "bootstrap")
    run_in_trail(
        lambda trail: operations.ensure_token_key(trail=trail), actor=drawer, request_id=request_id_of(request)
    )


def _record_issued(body: str, client: ApiClient | None, trail: Trail) -> None:
    """Reads back what was stored: the ledger tells what is, not what was meant."""
    answer: dict[str, Any] = orjson.loads(body)
    row = AccessToken.objects.select_related("user").get(token_checksum=checksum(answer["access_token"]))
    if client is None:
        raise RuntimeError("a token was issued to nobody")
    operations.record_token_issued(
        client=client,
        account=row.user.pseudonym if row.user is not None else None,
        scopes=row.scope,
        audience=row.resource,
        grant=client.authorization_grant_type,
        trail=trail,
    )


def _introspected(given: str, client: ApiClient) -> dict[str, Any]:
    now = SystemClock().now()
    row = (
        AccessToken.objects.select_related("user")
        .filter(token_checksum=checksum(given), application=client, expires__gt=now)
        .first()
    )
    if row is None:
        return {"active": False}
    if row.user is not None and principal_of_account(row.user, client.organization_id, scopes=(), at=now) is None:
        return {"active": False}
    return {
        "active": True,
        "scope": row.scope,
        "client_id": client.client_id,
        "sub": str(row.user.pseudonym) if row.user is not None else client.client_id,
        "aud": row.resource,
        "token_type": "Bearer",
        "exp": int(row.expires.timestamp()),
    }


def _answer(headers: dict[str, str], body: str | None, status: int) -> HttpResponse:
    response = HttpResponse(body or "", status=status, content_type="application/json")
    for name, value in headers.items():
        response[name] = value
    if status == 401:
        response["WWW-Authenticate"] = REALM
    return response


def _error(code: str, status: int) -> HttpResponse:
    response = JsonResponse({"error": code}, status=status)
    if status == 401:
        response["WWW-Authenticate"] = REALM
    return response
