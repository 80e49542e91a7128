"""No address answers 500 to nasty input: whatever is wrong with a request, the one who sent it is told."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.test import Client

from kernel.owned import OwnedRow
from tests.architecture.source import none
from tests.factories import compliance, identity, licensing, reporting
from tests.factories.tenants import ALL_ROLES, Tenant, signed_in, tenant
from tests.robustness.nasty import (
    ALONE,
    BODIES,
    FILTERS,
    NOBODY,
    TEXTS,
    TOGETHER,
    Operation,
    chosen,
    filled,
    operations,
    routes,
)
from tests.seats.books import fed_pool, fill

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Attacker:
    """Somebody who may do everything, in a house with a row of most kinds."""

    browser: Client
    rows: dict[str, str]

    def sent(self, method: str, address: str, body: Any = None) -> str:
        """What went wrong on the server, or nothing."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        answer = self.browser.generic(method, address, data, content_type="application/json")
        return "" if answer.status_code < 500 else f"{method} {address[:200]} {data[:200]!r}"

    def row_of(self, address: str) -> str:
        """The id of a row that the address is about, where there is one."""
        return next((key for name, key in self.rows.items() if f"/{name}/" in address), NOBODY)


PLACES = {
    "seats.seatpool": ("pools", "it/seats", "pool"),
    "seats.assignment": ("assignments",),
    "identity.person": ("people", "person"),
    "identity.device": ("devices", "device"),
    "licensing.entitlement": ("entitlements", "entitlement"),
    "licensing.agreement": ("agreements", "agreement"),
    "licensing.purchase": ("purchases",),
    "licensing.product": ("products", "product"),
    "licensing.publisher": ("publishers", "publisher"),
    "licensing.edition": ("editions", "edition"),
    "licensing.feature": ("features", "feature"),
    "licensing.addon": ("add-ons", "addon"),
    "licensing.release": ("releases", "release"),
    "licensing.bundleitem": ("bundle-items", "bundleitem"),
    "licensing.useright": ("use-rights", "useright"),
    "licensing.metric": ("metrics", "metric"),
    "licensing.party": ("parties", "licensee", "licensor", "supplier", "parent"),
    "licensing.licensetype": ("license-types", "license_type"),
    "licensing.license": ("licenses", "license"),
    "licensing.licensekey": ("license-keys",),
    "licensing.activation": ("activations", "activation"),
    "licensing.importbatch": ("imports",),
    "compliance.violation": ("violations",),
    "compliance.scanrun": ("scans",),
    "reporting.auditpackage": ("audit-packages", "packages"),
}
"""Model → the words by which addresses and bodies name its rows."""


def furnished(one: Tenant) -> dict[str, str]:
    """A row of most kinds, and its id under each word for it."""
    with one.writing():
        pool = fed_pool(one)
        identity.device(one.organization)
        licensing.edition(pool.product)
        license = licensing.license(licensing.license_type(pool.product))
        licensing.license_key(license)
        licensing.activation(license)
        licensing.add_on(license)
        licensing.feature(pool.product)
        licensing.release(pool.product)
        licensing.bundle_item(pool.product, licensing.product(one.organization))
        licensing.use_right(licensing.entitlement(one.organization))
        licensing.agreement(one.organization)
        licensing.purchase_line(licensing.purchase(one.organization))
        licensing.import_batch(one.organization)
        compliance.violation(one.organization, pool=pool)
        compliance.scan_run(one.organization)
        reporting.package(one.organization)
    fill(one, pool, 1)
    with one.reading():
        owned = [model for model in apps.get_models() if issubclass(model, OwnedRow)]
        first = {model._meta.label_lower: model.objects.order_by("pk").first() for model in owned}
    found = {label: str(row.pk) for label, row in first.items() if row is not None}
    words = {word: found[label] for label, places in PLACES.items() for word in places}
    return words | {label.replace(".", "/"): key for label, key in found.items()}


@pytest.fixture
def attacker() -> Attacker:
    one = tenant()
    rows = furnished(one)
    # Operators stand in the platform organisation, and customers hold no other role.
    browser = signed_in(one, *ALL_ROLES)
    browser.raise_request_exception = False
    return Attacker(browser, rows)


def queries(names: list[str]) -> Iterator[str]:
    """Nasty texts in all parameters at once; a few where there is but one."""
    for text in TEXTS if len(names) > 1 else TEXTS[::2]:
        yield "?" + "&".join(f"{name}={quote(text)}" for name in names)


def test_addresses_survive_nasty_parameters_of_the_path(attacker: Attacker) -> None:
    """Keys that are none, keys of nobody, and numbers beyond every column."""
    parts = [*(quote(text[:500], safe="") for text in TEXTS[::3]), NOBODY, "%FF", "..%2f..%2fetc"]
    addresses = {filled(route, part) for route in routes() for part in parts}
    none(filter(None, (attacker.sent("GET", address) for address in chosen(sorted(addresses)))))


def test_pages_survive_nasty_queries(attacker: Attacker) -> None:
    """Every page and every list of the admin, with every parameter that any of them reads."""
    addresses = {filled(route, attacker.row_of(route)) for route in routes() if not route.startswith("/api/")}
    asked = [address + query for address in sorted(addresses) for query in queries(FILTERS)]
    none(filter(None, (attacker.sent("GET", address) for address in chosen(asked))))


def test_rest_survives_nasty_queries(attacker: Attacker) -> None:
    """Every filter, cursor and limit of the OpenAPI document, alone and together with the others."""
    asked: list[str] = []
    for one in operations():
        if one.method == "GET":
            groups = [one.queries, *([name] for name in one.queries)]
            address = one.path.replace("{id}", attacker.row_of(one.path))
            asked += [address + query for group in groups if group for query in queries(group)]
    none(filter(None, (attacker.sent("GET", address) for address in chosen(asked))))


def nasty_bodies(one: Operation, meant: dict[str, Any]) -> Iterator[Any]:
    """Bodies that are none, and a good one with each member spoilt in turn."""
    yield from BODIES
    for bad in TOGETHER:
        yield dict.fromkeys(meant, bad)
    for name, value in meant.items():
        inner = value[0] if isinstance(value, list) else value
        for bad in ALONE:
            yield {**meant, name: bad}
            if isinstance(inner, dict):
                spoilt = [{**inner, key: bad} for key in inner]
                yield from ({**meant, name: [each] if isinstance(value, list) else each} for each in spoilt)


def test_rest_survives_nasty_bodies(attacker: Attacker) -> None:
    """Every operation that writes, with bodies that are no JSON and with every member of its schema spoilt."""
    found: list[str] = []
    for one in operations():
        if one.method != "GET":
            address = one.path.replace("{id}", attacker.row_of(one.path))
            bodies = nasty_bodies(one, one.body(attacker.rows))
            found += filter(None, (attacker.sent(one.method, address, body) for body in chosen(bodies)))
    none(found)


def test_a_body_beyond_the_limit_is_refused(attacker: Attacker) -> None:
    """413 with a code, and no more of it is read than the limit."""
    answer = attacker.browser.post(
        "/api/v1/people/", b'{"user_name": "' + b"x" * 3_000_000 + b'"}', content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")
