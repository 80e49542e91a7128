"""A short-lived cookie that binds the answer of an identity provider to the browser that asked.

The session cookie is SameSite=Lax and therefore absent when the provider's page posts its answer to us; this one is
SameSite=None, which browsers take with Secure alone. On plain http (an installation on the own machine, for trying
out) it is Lax: it comes back from a provider on the same host, and only from there.
"""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

LIFETIME = 600
LONGEST = 64


def cookie_name() -> str:
    return "__Host-saml" if settings.HTTPS else "saml"


def nonce_of(request: HttpRequest) -> str:
    """What this browser brought; empty where it brought nothing, and then equal to no nonce that was ever drawn."""
    return request.COOKIES.get(cookie_name(), "")[:LONGEST]


def drawn_nonce(request: HttpRequest) -> str:
    """The browser's nonce, so that several tabs may ask at once, or a new one."""
    return nonce_of(request) or secrets.token_urlsafe(32)


def bind(response: HttpResponseBase, nonce: str) -> None:
    """Lets the browser bring the nonce back with the answer."""
    response.set_cookie(
        cookie_name(),
        nonce,
        max_age=LIFETIME,
        secure=settings.HTTPS,
        httponly=True,
        samesite="None" if settings.HTTPS else "Lax",
    )
