"""GraphQL over HTTP: one operation in a JSON body by POST, for the session of a browser or a bearer token."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework.authentication import CSRFCheck
from strawberry import Schema
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError

from kernel.clock import Clock, DatabaseClock, SystemClock
from kernel.errors import InvalidInput, PermissionRefused, Refusal
from kernel.graphql.errors import error_of, errors_of
from kernel.graphql.limits import (
    MOST_BYTES,
    BatchRefused,
    QueryInvalid,
    checked_source,
    checked_variables,
)
from kernel.graphql.request import GraphRequest, Once
from kernel.principal import Principal
from kernel.rest import checked_key, principal_of, request_id_of
from kernel.rest.pace import check_pace
from kernel.rest.problems import BodyTooLarge, MediaTypeRefused, MethodRefused, SignInRequired

ANSWER = "application/graphql-response+json"


class PrincipalOfToken(Protocol):
    """The principal behind an access token for this audience; raises a Refusal of status 401 for any other."""

    def __call__(self, *, token: str, audience: str, at: datetime) -> Principal: ...


class Challenge(Protocol):
    """The value of WWW-Authenticate: where to learn how to get a token, and what was wrong with the one that came."""

    def __call__(self, error: str = "") -> str: ...


@dataclass(frozen=True)
class Asked:
    """The body of a request."""

    query: str
    variables: dict[str, Any]
    operation: str | None
    once: Once | None = None


def endpoint(
    schema: Schema, *, principal_of_token: PrincipalOfToken, challenge: Challenge, clock: Clock | None = None
) -> Callable[[HttpRequest], HttpResponse]:
    """The view of a schema. A request that is not carried out at all is answered with the status of its refusal, one
    that is with 200 and the errors of its fields."""

    @csrf_exempt
    def view(request: HttpRequest) -> HttpResponse:
        try:
            principal = _principal(request, principal_of_token, clock or DatabaseClock())
            check_pace(principal, at=SystemClock().now())
            return _carried_out(schema, request, principal, _asked(request))
        except Refusal as refusal:
            response = _answer(request, {"errors": [error_of(refusal)]}, status=refusal.status)
            if refusal.status == 401:
                response["WWW-Authenticate"] = _challenge(request, challenge)
            if "retry_after" in refusal.details:
                response["Retry-After"] = str(refusal.details["retry_after"])
            if refusal.status == 405:
                response["Allow"] = "GET, POST"
            return response

    return view


def _carried_out(schema: Schema, request: HttpRequest, principal: Principal, asked: Asked) -> HttpResponse:
    work = GraphRequest(
        principal=principal, request_id=request_id_of(request), operation=asked.operation, once=asked.once
    )
    try:
        result = schema.execute_sync(
            asked.query, variable_values=asked.variables, operation_name=asked.operation, context_value=work
        )
    except (CannotGetOperationTypeError, InvalidOperationTypeError, MissingQueryError) as error:
        raise QueryInvalid(_("Send a query or a mutation; operationName must be the name of one.")) from error
    errors = errors_of(result.errors or ())
    body: dict[str, Any] = {"errors": errors} if errors else {}
    status = 200
    if result.data is None:
        status = max((int(one["extensions"]["status"]) for one in errors), default=200)
    else:
        body["data"] = result.data
    told: dict[str, Any] = {"ledgerEntries": work.entries} if work.entries else {}
    if work.replayed:
        told["replayed"] = work.replayed
    if told:
        body["extensions"] = told
    response = _answer(request, body, status=status)
    if work.replayed:
        response["Idempotent-Replayed"] = "true"
    if work.entries:
        response["Ledger-Entry"] = str(max(work.entries.values()))
    return response


def _answer(request: HttpRequest, body: dict[str, Any], *, status: int) -> HttpResponse:
    kind = ANSWER if ANSWER in request.headers.get("Accept", "") else "application/json"
    response = HttpResponse(orjson.dumps(body), status=status, content_type=f"{kind}; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


def _principal(request: HttpRequest, principal_of_token: PrincipalOfToken, clock: Clock) -> Principal:
    """Whoever brings a token is who the token says, whatever session the browser has. Raises SignInRequired."""
    token = _token(request)
    if token is not None:
        audience = f"{settings.BASE_URL.rstrip('/')}/graphql"
        return principal_of_token(token=token, audience=audience, at=clock.now())
    principal = principal_of(request)
    if principal is None:
        raise SignInRequired(_("Sign in first."))
    _check_csrf(request)
    return principal


def _challenge(request: HttpRequest, challenge: Challenge) -> str:
    return challenge("invalid_token") if _token(request) is not None else f"{challenge()}, Session"


def _token(request: HttpRequest) -> str | None:
    kind, _blank, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def _check_csrf(request: HttpRequest) -> None:
    """A session needs the token that only pages of this site know, since any page can send a form with its cookie."""
    check = CSRFCheck(lambda _request: HttpResponse())
    check.process_request(request)
    reason: Any = check.process_view(request, lambda _request: HttpResponse(), (), {})
    if reason:
        raise PermissionRefused(_("The CSRF token is missing or wrong: %(reason)s") % {"reason": reason})


def _asked(request: HttpRequest) -> Asked:
    if request.method != "POST":
        raise MethodRefused(_("GraphQL is asked by POST."))
    if request.content_type not in {"application/json", "application/graphql+json"}:
        raise MediaTypeRefused(_("The body is JSON: application/json."))
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise BodyTooLarge(_("The body is larger than this address reads."))
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(_("The body is not JSON: %(reason)s.") % {"reason": error}) from error
    key = checked_key(request.headers)
    return _members(read, Once(key, hashlib.sha256(body).digest()) if key else None)


def _members(read: Any, once: Once | None) -> Asked:
    if isinstance(read, list):
        raise BatchRefused(_("Send one operation in each request."))
    query, variables, operation = (
        (read.get(name) for name in ("query", "variables", "operationName"))
        if isinstance(read, dict)
        else (None, None, None)
    )
    if not isinstance(query, str) or not query.strip():
        raise InvalidInput(_("The body needs `query`, a text."), pointer="/query")
    if variables is not None and not isinstance(variables, dict):
        raise InvalidInput(_("`variables` is an object."), pointer="/variables")
    if operation is not None and not isinstance(operation, str):
        raise InvalidInput(_("`operationName` is a text."), pointer="/operationName")
    checked_source(query)
    checked_variables(variables or {})
    return Asked(query, variables or {}, operation or None, once)
