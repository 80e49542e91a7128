"""What clients read before they begin: RFC 8414 about the server, RFC 9728 about each resource, RFC 6750 in a 401."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from identity.rules.access_tokens import Audience, audience_of
from identity.rules.scopes import SCOPES

WELL_KNOWN_RESOURCE = "/.well-known/oauth-protected-resource"
SECRET_METHODS = ["client_secret_basic", "client_secret_post"]
NAMES = {Audience.API: "Seatledger REST", Audience.GRAPHQL: "Seatledger GraphQL", Audience.SCIM: "Seatledger SCIM"}


def server_metadata() -> dict[str, Any]:
    """The authorisation server (RFC 8414). Addresses come from the settings, never from the Host header."""
    return {
        "issuer": settings.BASE_URL,
        "authorization_endpoint": _address("oauth:authorize"),
        "token_endpoint": _address("oauth:token"),
        "token_endpoint_auth_methods_supported": [*SECRET_METHODS, "none"],
        "revocation_endpoint": _address("oauth:revoke"),
        "revocation_endpoint_auth_methods_supported": [*SECRET_METHODS, "none"],
        "introspection_endpoint": _address("oauth:introspect"),
        "introspection_endpoint_auth_methods_supported": SECRET_METHODS,
        "jwks_uri": _address("jwks"),
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "protected_resources": [audience_of(settings.BASE_URL, audience) for audience in Audience],
    }


def resource_metadata(audience: Audience | None) -> dict[str, Any]:
    """One resource (RFC 9728), or without an audience the whole site. `resource` is the identifier into which the
    well-known suffix was put to make the address of this document; clients throw away what differs (§3.3)."""
    return {
        "resource": settings.BASE_URL if audience is None else audience_of(settings.BASE_URL, audience),
        "authorization_servers": [settings.BASE_URL],
        "jwks_uri": _address("jwks"),
        "scopes_supported": ["scim"] if audience is Audience.SCIM else list(SCOPES),
        "bearer_methods_supported": ["header"],
        "resource_name": "Seatledger" if audience is None else NAMES[audience],
    }


def challenge(audience: Audience, *, error: str = "", scope: str = "") -> str:
    """The value of WWW-Authenticate (RFC 6750 §3): where to learn more, what was wrong with the token, if anything was,
    and which scope would have done."""
    parts = ['realm="Seatledger"']
    if error:
        parts.append(f'error="{error}"')
    if scope:
        parts.append(f'scope="{scope}"')
    parts.append(f'resource_metadata="{settings.BASE_URL}{WELL_KNOWN_RESOURCE}/{audience}"')
    return "Bearer " + ", ".join(parts)


def _address(name: str) -> str:
    return settings.BASE_URL + reverse(name)
