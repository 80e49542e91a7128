"""From a request to a signed answer: the organisation of the address, a scope or a trail, refusals as JSON:API."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from identity.models import Organization
from identity.queries import published_organization
from kernel.clock import SystemClock
from kernel.errors import NotFound, Refusal
from kernel.principal import system
from kernel.rest import request_id_of
from kernel.rest.problems import MethodRefused
from kernel.scope import scope
from kernel.trail import Trail, run_in_trail
from licensing.compat.documents import Resource, error_document
from licensing.compat.signatures import sign_response
from licensing.keyring import signer_of
from licensing.queries.signing_keys import active_signing_key

MEDIA_TYPE = "application/vnd.api+json"
TASK = "keygen"


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One request to one organisation. `writing` opens for POST and DELETE alone."""

    request: HttpRequest
    organization: Organization
    trail: Trail | None = None

    @property
    def account(self) -> str:
        return self.organization.slug

    @property
    def writing(self) -> Trail:
        if self.trail is None:
            raise RuntimeError("a handler of GET writes nothing")
        return self.trail


@dataclass(frozen=True)
class Answer:
    """Status and document; None: no body."""

    document: Resource | None
    status: int = 200


Handler = Callable[..., Answer]
View = Callable[..., HttpResponse]


def address(**handlers: Handler) -> View:
    """The view of one address: a handler for each method. GET runs in a scope, the others in a trail; a refusal rolls
    back what its handler wrote, and every answer of a known organisation is signed."""

    @csrf_exempt
    def view(request: HttpRequest, organization: str, **named: Any) -> HttpResponse:
        found = published_organization(organization)
        if found is None:
            return _response(_refused(NotFound(_("The requested account was not found."))))
        try:
            answer = _handled(handlers, request, found, named)
        except Refusal as refusal:
            answer = _refused(refusal)
            return _signed(_with_hints(_response(answer), refusal), request, found)
        return _signed(_response(answer), request, found)

    return view


def nowhere(ask: Ask, **named: Any) -> Answer:
    """What stands at every other address of an organisation."""
    raise NotFound(_("The requested endpoint was not found."))


def _handled(
    handlers: dict[str, Handler], request: HttpRequest, organization: Organization, named: dict[str, Any]
) -> Answer:
    handler = handlers.get(request.method or "") or handlers.get("ANY")
    if handler is None:
        raise MethodRefused(_("This address answers %(known)s.") % {"known": ", ".join(sorted(handlers))})
    if request.method == "GET":
        with scope(organization.id):
            return handler(Ask(request=request, organization=organization), **named)

    def work(trail: Trail) -> Answer:
        return handler(Ask(request=request, organization=organization, trail=trail), **named)

    return run_in_trail(work, actor=system(organization.id, TASK), request_id=request_id_of(request))


def _refused(refusal: Refusal) -> Answer:
    return Answer(error_document(refusal), refusal.status)


def _with_hints(response: HttpResponse, refusal: Refusal) -> HttpResponse:
    if refusal.status == 401:
        response["WWW-Authenticate"] = 'License realm="keygen"'
    if refusal.status in {429, 503}:
        response["Retry-After"] = str(refusal.details.get("retry_after", 2))
    return response


def _response(answer: Answer) -> HttpResponse:
    body = b"" if answer.document is None else orjson.dumps(answer.document)
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(body, content_type=MEDIA_TYPE, status=answer.status, headers=headers)


def _signed(response: HttpResponse, request: HttpRequest, organization: Organization) -> HttpResponse:
    """The moment is that of this process, for some clients verify the `Date` that its web server writes right after."""
    with scope(organization.id):
        key = active_signing_key()
    if key is not None:
        sign_response(response, request=request, signer=signer_of(key), at=SystemClock().now().timestamp())
    return response
