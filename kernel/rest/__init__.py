"""Bases of the REST interface: scope or trail round the handler, problem+json, cursors, kept answers.

An exception leaves the trail first and becomes a response afterwards, so that no error is ever answered over a
committed half (DRF alone would do the reverse).
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Protocol

import orjson
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions, pagination, parsers, permissions, serializers, views, viewsets
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from kernel import scope
from kernel.clock import SystemClock
from kernel.errors import InvalidInput, Refusal
from kernel.owned import constraint_errors
from kernel.principal import Principal, ScopeInsufficient
from kernel.rest.pace import check_pace
from kernel.rest.problems import PROBLEM, BodyTooLarge, as_refusal, problem_body
from kernel.trail import Trail, run_in_trail

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LONGEST_KEY = 200


class SessionPrincipal(SessionAuthentication):
    """The signed-in account of the browser session; unsafe methods need the CSRF token. Answers 401, not 403."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself by being defined
    """How the OpenAPI document describes the browser session."""

    target_class = SessionPrincipal
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class BearerTokens(Protocol):
    """identity/ knows access tokens; kernel may not know it, so config.composition binds this."""

    def principal(self, token: str) -> Principal:
        """Raises a Refusal with status 401 for a token that is not valid at this interface."""
        ...

    def challenge(self, error: str = "", scope: str = "") -> str:
        """The value of WWW-Authenticate, for a request without a token or with one that did not do; `scope` is what
        would have."""
        ...


def bearer_of(request: Any) -> str | None:
    """The token of an Authorization header, "" when it names the scheme alone; None when there is none."""
    scheme, _space, token = str(request.META.get("HTTP_AUTHORIZATION", "")).partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


class BearerPrincipal(BaseAuthentication):
    """The client or account of an access token. A request with one is judged by it alone: a session beside it counts
    for nothing, and since no foreign page can send the header, no CSRF token is asked for."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, str] | None:
        token = bearer_of(request)
        if token is None or _Binding.tokens is None:
            return None
        # On the request of Django, too: whatever else asks for the principal must find this one.
        request._request.principal = None  # type: ignore[attr-defined]  # HttpRequest is open by design
        request._request.principal = _Binding.tokens.principal(token)  # type: ignore[attr-defined]  # the same
        return AnonymousUser(), token

    def authenticate_header(self, request: Request) -> str:
        """Without one DRF would answer 403 where 401 is meant; `problem` writes the header itself."""
        return "Bearer"


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself by being defined
    """How the OpenAPI document describes access tokens; the metadata of the resource says where to get one."""

    target_class = BearerPrincipal
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class StrictJSONParser(parsers.JSONParser):
    """JSON in UTF-8 of at most DATA_UPLOAD_MAX_MEMORY_SIZE bytes.

    Refuses what Python's own parser lets through and fails on later: halves of characters (lone surrogates), which no
    answer could repeat, and nesting without end; and reads no more than it will take, which DRF alone would.
    """

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        body = stream.read(most + 1)
        if len(body) > most:
            raise BodyTooLarge(_("The body is larger than this address reads."))
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise InvalidInput(_("The body is not JSON: %(reason)s.") % {"reason": error}) from error


class DeclaredPermission(permissions.BasePermission):
    """A view without `permissions` for its action refuses everybody: forgetting a declaration opens nothing."""

    def has_permission(self, request: Request, view: Any) -> bool:
        principal = principal_of(request)
        if principal is None:
            raise exceptions.NotAuthenticated(_("Sign in first."))
        needed = view.needed_permission()
        if needed is None:
            raise exceptions.MethodNotAllowed(request.method or "")
        principal.require(needed)
        return True


class IdempotencyStore(Protocol):
    """jobs/ keeps answers; kernel may not know it, so config.composition binds this."""

    def kept(self, *, key: str, request_digest: bytes, trail: Trail) -> Response | None: ...
    def keep(
        self, *, key: str, request_digest: bytes, response: Response, secret_fields: tuple[str, ...], trail: Trail
    ) -> None: ...


class _Binding:
    store: IdempotencyStore | None = None
    tokens: BearerTokens | None = None


def bind(store: IdempotencyStore, tokens: BearerTokens) -> None:
    """Called once by config.composition."""
    _Binding.store = store
    _Binding.tokens = tokens


def kept_answers() -> IdempotencyStore | None:
    """For kernel.graphql, whose mutations are remembered in the same place; None before anything is bound."""
    return _Binding.store


def checked_key(headers: Mapping[str, str]) -> str:
    """The Idempotency-Key of a request, "" where there is none. Raises InvalidInput for one that is too long."""
    key = headers.get("Idempotency-Key", "")
    if len(key) > LONGEST_KEY:
        raise InvalidInput(
            _("An Idempotency-Key has at most %(most)d characters.") % {"most": LONGEST_KEY},
            pointer="/headers/Idempotency-Key",
        )
    return key


def principal_of(request: Any) -> Principal | None:
    """The principal of a request, or None for a visitor."""
    principal = getattr(request, "principal", None)
    return principal if principal else None


class TenantView(views.APIView):
    """Safe methods run in a scope, unsafe ones in a trail (`self.trail`), both with the response rendered inside.

    `permissions` maps an action (viewsets) or a lower-case method (views) to the permission it needs.
    `secret_fields` are left out of kept answers: a replay gives null and SECRET_ALREADY_SHOWN.
    """

    authentication_classes = (BearerPrincipal, SessionPrincipal)
    permission_classes = (DeclaredPermission,)
    parser_classes: Any = (StrictJSONParser,)
    permissions: ClassVar[Mapping[str, str]] = {}
    secret_fields: ClassVar[tuple[str, ...]] = ()
    trail: Trail

    def needed_permission(self) -> str | None:
        action = getattr(self, "action", None) or (self.request.method or "").lower()
        return self.permissions.get(
            {"head": "get", "partial_update": "update"}.get(action, action)
        ) or self.permissions.get("*")

    def perform_authentication(self, request: Request) -> None:
        """Whoever is known is counted, before anything else is asked: what is refused costs as well."""
        super().perform_authentication(request)
        principal = principal_of(request)
        if principal is not None:
            check_pace(principal, at=SystemClock().now())

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.args, self.kwargs = args, kwargs
        self.request = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        try:
            self.initial(self.request, *args, **kwargs)
            response = self._answer()
        except Exception as error:  # noqa: BLE001  # handle_exception raises what is no refusal
            response = self.handle_exception(error)
        self.response = self.finalize_response(self.request, response, *args, **kwargs)
        return self.response

    def _answer(self) -> Response:
        principal = principal_of(self.request)
        if principal is None:
            raise exceptions.NotAuthenticated(_("Sign in first."))
        name = (self.request.method or "").lower()
        handler = (
            getattr(self, name, self.http_method_not_allowed)
            if name in self.http_method_names
            else self.http_method_not_allowed
        )
        if self.request.method in SAFE:
            with scope.scope_of(principal):
                return self._rendered(handler(self.request, *self.args, **self.kwargs))
        trails: list[Trail] = []

        def work(trail: Trail) -> Response:
            trails.append(trail)
            self.trail = trail
            response = self._once(handler)
            if response.status_code >= 400:
                trail.abandon()
            return self._rendered(response)

        response = run_in_trail(work, actor=principal, request_id=request_id_of(self.request))
        if trails[-1].last_sequence is not None:
            response["Ledger-Entry"] = str(trails[-1].last_sequence)
        return response

    def _once(self, handler: Callable[..., Response]) -> Response:
        """Honours Idempotency-Key on POST: same key and body, same answer."""
        key = checked_key(self.request.headers) if self.request.method == "POST" else ""
        if not key or _Binding.store is None:
            return handler(self.request, *self.args, **self.kwargs)
        body = (
            repr(sorted(self.request.data.items()))
            if isinstance(self.request.data, Mapping)
            else repr(self.request.data)
        )
        digest = hashlib.sha256(f"{self.request.method}\n{self.request.path}\n{body}".encode()).digest()
        kept = _Binding.store.kept(key=key, request_digest=digest, trail=self.trail)
        if kept is not None:
            return kept
        response = handler(self.request, *self.args, **self.kwargs)
        if response.status_code < 400 and isinstance(response, Response):
            _Binding.store.keep(
                key=key, request_digest=digest, response=response, secret_fields=self.secret_fields, trail=self.trail
            )
        return response

    def _rendered(self, response: Response) -> Response:
        """Serialises while the scope is open: a lazy queryset evaluated later would find none."""
        final = self.finalize_response(self.request, response, *self.args, **self.kwargs)
        # A file is sent as it is; its bytes hold nothing that a scope would have to be open for.
        if isinstance(final, Response):
            final.render()
        return response


class Cursor(pagination.CursorPagination):
    """50 rows, at most 200; ordered by the UUIDv7 key, newest first."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"
    ordering = "-id"


class TenantViewSet(TenantView, viewsets.GenericViewSet[Any]):
    """A viewset of rows of the open organisation; ids of other organisations answer 404 like ids that do not exist."""

    lookup_value_converter = "uuid"
    pagination_class = Cursor


class OwnedSerializer(serializers.ModelSerializer[Any]):
    """Checks the constraints of the row within its organisation, no field of any body; pointers name the field."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        model: type[Any] = self.Meta.model
        probe = model(**{name: value for name, value in attrs.items() if not isinstance(value, list)})
        if self.instance is not None:
            for field in self.instance._meta.concrete_fields:
                if field.attname not in attrs and field.name not in attrs:
                    setattr(probe, field.attname, getattr(self.instance, field.attname))
            probe._state.adding = False
        probe.organization_id = scope.current()
        if found := constraint_errors(probe):
            raise serializers.ValidationError(
                {name if name in self.fields else "non_field_errors": messages for name, messages in found.items()}
            )
        return attrs


def request_id_of(request: Any) -> str:
    """The id that links log lines, ledger entries and the answer; config's middleware draws or checks it."""
    return str(getattr(request, "id", ""))


def problem(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Any exception of a REST view as problem+json (RFC 9457); None for programming errors, which stay errors."""
    refusal = as_refusal(error)
    if refusal is None:
        return None
    response = Response(problem_body(refusal), status=refusal.status, content_type=PROBLEM)
    if refusal.status in {429, 503}:
        response["Retry-After"] = str(refusal.details.get("retry_after", 2))
    if challenge := _challenge(refusal, context.get("request")):
        response["WWW-Authenticate"] = challenge
    return response


def _challenge(refusal: Refusal, request: Any) -> str:
    """Where to get a token, and what was wrong with the one that came (RFC 6750 §3.1); "" where nothing was. A role
    that is missing is no fault of the token, and a client that is told to get another one would never stop."""
    if _Binding.tokens is None or request is None:
        return ""
    if isinstance(refusal, ScopeInsufficient):
        return _Binding.tokens.challenge("insufficient_scope", str(refusal.details["scope"]))
    if refusal.status != 401:
        return ""
    if bearer_of(request) is None:
        return f"{_Binding.tokens.challenge()}, Session"
    return _Binding.tokens.challenge("invalid_token")
