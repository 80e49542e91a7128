"""Published documents: the authorisation server, its resources, its public keys."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from identity.oauth.metadata import resource_metadata, server_metadata
from identity.queries.token_keys import published_keys
from identity.rules.access_tokens import Audience
from kernel.clock import SystemClock

KEPT = 300
"""Seconds that caches may keep a document: a new signing key is known everywhere after that."""


@require_safe
@cache_control(public=True, max_age=KEPT)
def authorization_server(request: HttpRequest) -> HttpResponse:
    return JsonResponse(server_metadata())


@require_safe
@cache_control(public=True, max_age=KEPT)
def protected_resource(request: HttpRequest, audience: str | None = None) -> HttpResponse:
    """One resource by the last part of its address; without one the site as a whole. Unknown ones are 404."""
    if audience is None:
        return JsonResponse(resource_metadata(None))
    if audience not in list(Audience):
        return JsonResponse({"error": "not_found"}, status=404)
    return JsonResponse(resource_metadata(Audience(audience)))


@require_safe
@cache_control(public=True, max_age=KEPT)
def jwks(request: HttpRequest) -> HttpResponse:
    """The keys that verify access tokens, as a JSON Web Key Set (RFC 7517); empty before the first token."""
    return JsonResponse({"keys": published_keys(at=SystemClock().now())})
