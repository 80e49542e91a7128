"""The consent page: an account agrees, or not, that a client acts in its name."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from oauth2_provider.exceptions import FatalClientError, OAuthToolkitError
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2 import AccessDeniedError, OAuth2Error

from identity import operations
from identity.models import ApiClient
from identity.oauth.resources import settled
from identity.oauth.server import backend
from identity.rules.scopes import SCOPES
from kernel.errors import InvalidInput
from kernel.pages import PageRequest, page

PASSED_ON = ("client_id", "redirect_uri", "response_type", "state", "code_challenge", "code_challenge_method")


class AuthorizationRequestInvalid(InvalidInput):
    """The application asks in a way that cannot be answered to itself: it is unknown here, or the redirect address is
    none that it registered."""

    code = "AUTHORIZATION_REQUEST_INVALID"


@dataclass(frozen=True)
class Asked:
    """A request of an application that may be put before somebody."""

    client: ApiClient
    scopes: list[str]
    credentials: dict[str, Any]

    @property
    def redirect_uri(self) -> str:
        return str(self.credentials["redirect_uri"])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page("identity.organization.view")
def authorize(request: PageRequest) -> HttpResponseBase:
    """Says who asks for what; the answer goes back to the application, with a code or with `access_denied`."""
    core, validator = backend()
    try:
        asked = _asked(request, core, validator)
    except FatalClientError as error:
        raise AuthorizationRequestInvalid(
            _(
                "An application sent you here with a request that cannot be answered. It may belong to another "
                "organisation of yours, or its redirect address is not the one that was registered."
            )
        ) from error
    except OAuthToolkitError as error:
        return _back(error.oauthlib_error, error.oauthlib_error.redirect_uri)
    except OAuth2Error as error:
        return _back(error, error.redirect_uri)
    if request.method == "POST":
        return _decided(request, core, asked)
    return _page(request, asked)


def _asked(request: PageRequest, core: Any, validator: Any) -> Asked:
    scopes, found = core.validate_authorization_request(request)
    resource = settled(request.GET.getlist("resource"), granted=[], request=found["request"])
    credentials = {name: found[name] for name in PASSED_ON if found.get(name) is not None}
    return Asked(validator.client, list(scopes), {**credentials, "resource": resource})


def _decided(request: PageRequest, core: Any, asked: Asked) -> HttpResponse:
    if request.POST.get("decision") != "allow":
        return _back(AccessDeniedError(state=asked.credentials.get("state")), asked.redirect_uri)
    try:
        address, _headers, _body, _status = core.create_authorization_response(
            request, asked.scopes, dict(asked.credentials), allow=True
        )
    except OAuthToolkitError as error:
        return _back(error.oauthlib_error, asked.redirect_uri)
    operations.record_consent(
        client=asked.client, account=request.principal.pseudonym, scopes=asked.scopes, trail=request.trail
    )
    return HttpResponseRedirect(address)


def _page(request: PageRequest, asked: Asked) -> HttpResponse:
    may = request.principal.permissions
    response = render(
        request,
        "organization/consent.html",
        {
            "client": asked.client,
            "host": urlsplit(asked.redirect_uri).hostname,
            "purposes": [_(SCOPES[code].purpose) for code in asked.scopes if SCOPES[code].permissions & may],
            "beyond": [_(SCOPES[code].purpose) for code in asked.scopes if not SCOPES[code].permissions & may],
        },
    )
    # Browsers apply form-action to where a form's answer redirects to as well: here, and nowhere else, that is abroad.
    parts = urlsplit(asked.redirect_uri)
    response._csp_update = {"form-action": [f"{parts.scheme}://{parts.netloc}"]}  # type: ignore[attr-defined]  # read by django-csp
    return response


def _back(error: Any, redirect_uri: str) -> HttpResponse:
    """The error goes to the application (RFC 6749 §4.1.2.1), with the issuer (RFC 9207)."""
    return HttpResponseRedirect(add_params_to_uri(redirect_uri, [*error.twotuples, ("iss", settings.BASE_URL)]))
