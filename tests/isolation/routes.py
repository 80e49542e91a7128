"""Every address of the program, what kind of surface it is, and which row its parameters name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from kernel.rest import TenantView
from tests.isolation.houses import House, is_uuid
from tests.robustness.nasty import PARAMETER

PREFIXES = {
    "/admin/": "admin",
    "/accounts/": "account",
    "/graphql/": "graphql",
    "/scim/": "scim",
    "/saml/": "saml",
    "/oauth/": "oauth",
    "/compat/keygen/": "keygen",
    "/api/v1/openapi.json": "document",
    "/api/v1/docs/": "document",
}
"""How an address begins → what stands there. Pages know their permission and REST views their base class by
themselves; whatever else answers must be named here or in PUBLIC."""
OPTIONAL = re.compile(r"\(\?:(/\(\?P<\w+>[^)]*\))\)\?")
"""A part of a regular expression that may be left out: such a pattern is two addresses."""
PUBLIC = {
    "/healthz": "whether the process lives",
    "/readyz": "whether the parts are there, without rows",
    "/seat-answer/<str:token>/": "the signed link is the credential; it opens one seat of its own organisation alone",
    "/metrics": "counters of the process, without rows",
    "/language/": "sets a cookie",
    "/api/v1/validate": "the licence key is the credential; it routes to its own organisation alone",
    "/api/v1/activations/activate": "the same",
    "/api/v1/activations/ping": "the same",
    "/api/v1/activations/deactivate": "the same",
    "/api/v1/leases/checkout": "the same",
    "/api/v1/leases/heartbeat": "the same",
    "/api/v1/leases/checkin": "the same",
    "/api/v1/leases/borrow": "the same",
    "/api/v1/leases/return": "the same",
    "/api/v1/check-out": "the same",
    "/api/v1/check-in": "the signed certificate is the credential; it routes to its own organisation alone",
    "/api/v1/flags": "the same",
    "/.well-known/oauth-authorization-server": "addresses and abilities of the installation",
    "/.well-known/oauth-protected-resource": "the same for one of its interfaces",
    "/.well-known/oauth-protected-resource/<str:audience>": "the same for one of its interfaces",
    "/.well-known/jwks.json": "public keys of the installation",
    "/.well-known/licensing-jwks.json": "public keys of the organisation named in the query",
    "/.well-known/licensing-revocations.jwt": "ids of certificates of the organisation named in the query, signed",
    "/.well-known/audit-keys.json": "public keys of the organisation named in the query",
}
"""Address → why it answers without a sign-in."""
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
EACH = 8
"""How many rows are tried for each of several parameters."""
WORDS = {
    "app_label": "licensing",
    "url": "nothing-here",
    "content_type_id": "1",
    "name": "assignments.csv",
    "audience": "scim",
    "step": "draw",
    "token": "a-token-of-nobody",
    "path": "nowhere",
    # At /compat/keygen/ a licence key opens one licence; tests/licensing/test_keygen.py tries it on others.
    "organization": "nobody",
    "license": "nobodys",
    "machine": "nobodys",
    "rest": "nowhere",
}
"""What stands in parameters that name no row of an organisation."""


@dataclass(frozen=True)
class Route:
    """One pattern with its view."""

    pattern: str
    view: Any

    @property
    def kind(self) -> str:
        """What stands there; fails for what nobody has named."""
        named = next((kind for prefix, kind in PREFIXES.items() if self.pattern.startswith(prefix)), None)
        view_class = getattr(self.view, "cls", None) or getattr(self.view, "view_class", None)
        if named:
            return named
        if hasattr(self.view, "permission"):
            return "page"
        if isinstance(view_class, type) and issubclass(view_class, TenantView):
            return "rest"
        assert self.pattern in PUBLIC, (
            f"{self.pattern}: neither a page (kernel.pages.page) nor a REST view (kernel.rest.TenantView). Say in "
            "tests/isolation/routes.py what stands there: PREFIXES for a surface of its own, PUBLIC with a reason"
        )
        return "public"

    @property
    def methods(self) -> tuple[str, ...]:
        """The verbs that reach code. Of a REST view these are declared: all others end before any row is looked at."""
        view_class = getattr(self.view, "cls", None)
        if self.kind != "rest" or view_class is None:
            return VERBS if self.kind == "scim" else VERBS[:2]
        declared = getattr(self.view, "actions", None) or dir(view_class)
        return tuple(verb for verb in VERBS if verb.lower() in declared)

    def permissions(self) -> set[str]:
        """What one of must be had to come in; empty where the view itself does not say it."""
        stated = getattr(getattr(self.view, "cls", None), "permissions", {})
        asked = getattr(self.view, "actions", None) or {}
        found = {stated[name] for name in asked.values() if name in stated}
        return found | ({self.view.permission} if hasattr(self.view, "permission") else set())

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """(converter, name) of each; patterns that are regular expressions have the converter ""."""
        return [(found[1] or "", found[2] or found[3]) for found in PARAMETER.finditer(self.pattern)]

    @property
    def names_rows(self) -> bool:
        """Whether a parameter is an id; a number counts within the own organisation and names nobody else's row."""
        return any(name not in WORDS and converter != "int" for converter, name in self.parameters)

    def filled(self, values: dict[str, str]) -> str:
        return PARAMETER.sub(lambda found: values[found[2] or found[3]], self.pattern)

    def values(self, house: House, choice: int = 0) -> dict[str, str]:
        """A row of the house for each parameter: the `choice`-th best guess."""
        guesses = (choice // EACH**place for place in range(len(self.parameters)))
        several = len(self.parameters) > 1
        return {
            name: self._value(house, converter, name, guess % EACH if several else guess)
            for (converter, name), guess in zip(self.parameters, guesses, strict=True)
        }

    def _value(self, house: House, converter: str, name: str, choice: int) -> str:
        if name in WORDS:
            return WORDS[name]
        if name in house.names:
            return house.names[name]
        if converter == "int":
            return str(len(house.rows["audit.event"]))
        keys = [key for label in self._labels(house, name) for key in house.rows[label][:2]]
        keys = [key for key in keys if converter != "uuid" or is_uuid(key)]
        return keys[choice % len(keys)]

    def _labels(self, house: House, name: str) -> list[str]:
        """Models that the parameter may name, the likeliest first."""
        words = set(re.findall(r"[a-z]+", self.pattern.lower())) | {name.removesuffix("_id").replace("_", "")}
        stem = name.removesuffix("_id").replace("_", "")
        queryset = getattr(getattr(self.view, "cls", None), "queryset", None)

        def unlikely(label: str) -> tuple[bool, bool, bool, bool, str]:
            app, model = label.split(".")
            plural = {model, model + "s", model.removesuffix("y") + "ies"}
            return (
                not (queryset is not None and name == "pk" and queryset.model._meta.label_lower == label),
                not (stem == model or (name == "object_id" and {app, model} <= words)),
                not model.endswith(stem),
                not (words & plural or any(model.endswith(word.removesuffix("s")) for word in words if len(word) > 4)),
                label,
            )

        return sorted((label for label, keys in house.rows.items() if keys), key=unlikely)


def routes(patterns: list[Any] | None = None, prefix: str = "/") -> Iterator[Route]:
    """Every pattern once."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        pattern = prefix + str(entry.pattern).removeprefix("^").removesuffix("$").removesuffix(r"\Z")
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, pattern)
        elif isinstance(entry, URLPattern):
            shapes = (OPTIONAL.sub("", pattern), OPTIONAL.sub(r"\1", pattern))
            yield from (Route(shape, entry.callback) for shape in dict.fromkeys(shapes))
