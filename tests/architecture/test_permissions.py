"""Every way in asks for a permission that exists, or stands on the list of public addresses with its reason."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from config.composition import site as admin_site
from identity.rules.roles import ROLES
from kernel.rest import TenantView
from tests.architecture.documented import permissions
from tests.architecture.source import none

KEYGEN = (
    "me",
    "licenses/actions/validate-key",
    "licenses/<str:license>",
    "licenses/<str:license>/actions/validate",
    "licenses/<str:license>/actions/check-out",
    "licenses/<str:license>/entitlements",
    "licenses/<str:license>/machines",
    "machines",
    "machines/<path:machine>",
    "machines/<path:machine>/actions/ping",
    "machines/<path:machine>/actions/check-out",
)
"""What clients of Keygen ask for."""

PUBLIC: dict[str, str] = {
    "accounts/sign-in/": "nobody is signed in yet",
    "seat-answer/<str:token>/": "the signed link in a notice is the credential, for one seat and once",
    "accounts/company/": "nobody is signed in yet",
    "saml/<slug:connection>/metadata/": "names, addresses and certificates of ours are no secret",
    "saml/<slug:connection>/sign-in/": "nobody is signed in yet; a test asks for identity.sso.manage itself",
    "saml/<slug:connection>/acs/": "the signed answer of the identity provider is the credential",
    "saml/<slug:connection>/slo/": "a signed message of the identity provider, or a word that this browser got",
    "accounts/organizations/": "whoever is signed in chooses among the own memberships",
    "accounts/invitation/": "the link of the invitation is the credential",
    "accounts/second-factor/": "whoever gave the password gives a code before any right exists",
    "accounts/second-factor/set-up/": "whoever must enrol first has no right to anything else yet",
    "accounts/second-factor/picture.svg": "the picture of that page",
    "accounts/confirm/": "whoever is signed in proves it once more",
    "accounts/password/reset/<str:token>/": "the link is the credential",
    "accounts/sign-out/": "whoever leaves needs no right to",
    "api/v1/openapi.json": "the description of an interface is no secret",
    "api/v1/docs/": "the same, to read and try",
    "graphql/": "each field asks for its own permission (test_graphql), the page to try queries on for another",
    "api/v1/validate": "the licence key is the credential",
    "api/v1/check-out": "the licence key is the credential",
    "api/v1/check-in": "the signed certificate is the credential",
    "api/v1/activations/activate": "the same",
    "api/v1/activations/ping": "the same",
    "api/v1/leases/checkout": "the same",
    "api/v1/leases/heartbeat": "the same",
    "api/v1/leases/checkin": "the same",
    "api/v1/leases/borrow": "the same",
    "api/v1/leases/return": "the certificate of a borrowed seat is its own proof",
    "api/v1/activations/deactivate": "the same",
    "api/v1/flags": "the same",
    ".well-known/licensing-jwks.json": "public keys of certificates and answers",
    ".well-known/licensing-revocations.jwt": "what verifies no more; ids of certificates tell nothing else",
    ".well-known/audit-keys.json": "public keys of the ledger, for auditors",
    ".well-known/jwks.json": "public keys of access tokens",
    ".well-known/oauth-authorization-server": "what clients read before they begin",
    ".well-known/oauth-protected-resource": "the same about a resource",
    ".well-known/oauth-protected-resource/<str:audience>": "the same about a resource by name",
    "oauth/token/": "the secret, code or refresh token is the credential",
    "oauth/revoke/": "whoever holds a token and its client's secret may end it",
    "oauth/introspect/": "the client's secret is the credential",
    "healthz": "for the process supervisor",
    "readyz": "for the load balancer",
    "metrics": "for Prometheus; the proxy keeps it inside",
    "language/": "the language of visitors",
    **{f"compat/keygen/<slug:organization>/v1/{one}": "the licence key is the credential" for one in KEYGEN},
    "compat/keygen/<slug:organization>/v1/<path:rest>": "nothing is there, and that is told",
}
"""Address → why everybody may ask for it."""

ADMIN = "admin/"
"""The admin site checks each page itself; test_every_admin_page_asks_for_a_permission reads its registry."""


def _routes(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in patterns:
        route = prefix + str(entry.pattern).removeprefix("^").removesuffix("$").removesuffix(r"\Z")
        if isinstance(entry, URLResolver):
            yield from _routes(entry.url_patterns, route)
        else:
            yield route, entry


def _all_routes() -> list[tuple[str, URLPattern]]:
    return [(route, entry) for route, entry in _routes(get_resolver().url_patterns) if not route.startswith(ADMIN)]


def _handlers(view: Any, callback: Any) -> list[str]:
    """What can be called: the actions of a viewset, the methods of a view."""
    actions = getattr(callback, "actions", None)
    if actions:
        return sorted(actions.values())
    return [name for name in view.http_method_names if name not in {"options", "head"} and hasattr(view, name)]


def _declared(callback: Any) -> dict[str, str | None]:
    """Handler → the permission that it asks for; None where it asks for none."""
    view = getattr(callback, "cls", None)
    if isinstance(view, type) and issubclass(view, TenantView):
        aliases = {"partial_update": "update"}
        asked = view.permissions
        return {name: asked.get(aliases.get(name, name)) or asked.get("*") for name in _handlers(view, callback)}
    return {"": getattr(callback, "permission", None)}


def test_every_route_asks_for_a_permission_or_is_public():
    """A forgotten declaration opens nothing and does not pass review: each address outside the list asks for one."""
    silent = [
        f"{route} {handler}".strip()
        for route, entry in _all_routes()
        if route not in PUBLIC
        for handler, permission in _declared(entry.callback).items()
        if not permission
    ]
    none(silent)


def test_public_addresses_exist_and_declare_nothing():
    """The list of public addresses holds no leftovers and no address that asks for a permission after all."""
    callbacks = {route: entry.callback for route, entry in _all_routes()}
    none(set(PUBLIC) - set(callbacks))
    none([route for route in PUBLIC if any(_declared(callbacks[route]).values())])


def test_every_permission_that_a_route_asks_for_exists():
    """A misspelt permission would refuse everybody, or with a wildcard role nobody."""
    asked = {
        permission: route
        for route, entry in _all_routes()
        for permission in _declared(entry.callback).values()
        if permission
    }
    none({name: route for name, route in asked.items() if name not in permissions()})


def test_every_admin_page_asks_for_a_permission():
    """Whatever is registered in our own admin site names the permission for looking at it."""
    asked = {model._meta.label: getattr(page, "view_permission", "") for model, page in admin_site._registry.items()}
    none({label: name for label, name in asked.items() if name not in permissions()})


def test_roles_carry_permissions_that_exist():
    """A role's permission is declared by an app, in that app's own name."""
    unknown = {
        f"{role.code}: {name}" for role in ROLES.values() for name in role.permissions if name not in permissions()
    }
    none(unknown)


def test_every_permission_is_carried_by_some_role():
    """What nobody can be granted cannot be tried by anybody either."""
    carried = {name for role in ROLES.values() for name in role.permissions}
    none(set(permissions()) - carried)
