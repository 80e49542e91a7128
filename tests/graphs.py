"""Questions to the live GraphQL view, and houses with a row of every type to ask about."""

import json
from collections.abc import Iterator
from typing import Any

from django.test import Client
from graphql import get_named_type as _named
from graphql import is_leaf_type

from config.schema import schema
from kernel.graphql import Node
from licensing.models import SigningKey, SigningKeyStatus
from tests.factories import compliance, identity, licensing, seats
from tests.factories.tenants import Tenant, member
from tests.seats.books import fed_pool

NOBODY = "01900000-0000-7000-8000-000000000000"
ABOUT = {"LicenseExplanation": "License", "LicenseReleases": "License"}
"""Types that are no rows but tell of one, by the type of that row: it is asked for by the row's id."""
QUERY: Any = schema._schema.query_type
MUTATION: Any = schema._schema.mutation_type


def named(stated: Any) -> Any:
    """The type without lists and exclamation marks round it."""
    return _named(stated)


def ask(browser: Client, query: str, **variables: Any) -> dict[str, Any]:
    """The body of the answer."""
    answer: dict[str, Any] = response(browser, query, **variables).json()
    return answer


def response(browser: Client, query: str, **variables: Any) -> Any:
    body = json.dumps({"query": query, "variables": variables})
    return browser.post("/graphql/", body, content_type="application/json")


def data(browser: Client, query: str, **variables: Any) -> dict[str, Any]:
    """The data of an answer without errors."""
    body = ask(browser, query, **variables)
    assert "errors" not in body, body["errors"]
    found: dict[str, Any] = body["data"]
    return found


def codes(body: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in body.get("errors", ())]


def furnish(one: Tenant) -> None:
    """One more row of every type that the schema shows, each hanging on others where it can."""
    house = one.organization
    with one.writing():
        pool = fed_pool(one, edition=None)
        unit = identity.unit(house)
        boss = identity.person(house)
        person = identity.person(house, manager=boss, org_unit=unit)
        device = identity.device(house, person=person)
        identity.email(person)
        identity.group_member(identity.group(house), person)
        seats.assignment(pool, person=person)
        seats.assignment(pool, device=device)
        seats.reservation(pool, unit=unit)
        seats.eligibility(pool, person=person)
        edition = licensing.edition(pool.product)
        group = licensing.party(house, kind="affiliate")
        licensor = licensing.party(house, parent=group)
        agreement = licensing.agreement(house, licensor=licensor)
        line = licensing.purchase_line(licensing.purchase(house, supplier=licensor), product=pool.product)
        right = licensing.entitlement(
            house, product=pool.product, edition=edition, agreement=agreement, licensor=licensor, purchase_line=line
        )
        licensing.entitlement(house, product=pool.product, previous=right)
        kind = licensing.license_type(
            pool.product, edition=edition, features=[{"code": "render"}], limits={"projects": 5}, territories=["NO"]
        )
        license = licensing.license(kind, edition=edition, entitlement=right)
        licensing.license_key(license)
        key = SigningKey.objects.filter(status=SigningKeyStatus.ACTIVE).first() or licensing.signing_key(house)
        licensing.certificate(license, signing_key=key)
        licensing.license_renewal(license)
        licensing.amendment(agreement)
        compliance.change_request(license)
        compliance.seat_request(pool)
        rule = seats.group_rule(house, pool=pool)
        seats.claim(pool, kind="rule", rule=rule, person=person, assignment=seats.assignment(pool))
        seats.departure(house)
        licensing.activation(license, country="NO", platform="Windows", label="CAD-07")
        identity.withheld_role(identity.membership(house, identity.account()))
        licensing.add_on(license)
        licensing.usage_event(license)
        licensing.usage_daily(license)
        licensing.validation_event(license)
        floating = seats.pool(house, product=pool.product, license=license)
        seats.lease(floating, license=license, state="waiting", ticket=1, acquired_at=None)
        seats.removal_candidate(seats.assignment(pool))
        seats.exemption(house)
        licensing.feature(pool.product)
        licensing.release(pool.product)
        licensing.bundle_item(pool.product, licensing.product(house))
        licensing.use_right(right, kind="downgrade", target_product=pool.product, target_edition=edition)
    member(one, "viewer")


def first_ids(one: Tenant) -> dict[str, str]:
    """The id of one row of each type, by the name of the type."""
    with one.reading():
        found = {name: node.rows().order_by("pk").first() for name, node in nodes().items()}
    ids = {name: str(row.pk) for name, row in found.items() if row is not None}
    return ids | {name: ids[of] for name, of in ABOUT.items() if of in ids}


def nodes() -> dict[str, type[Node]]:
    """Every type over a model, by its name in the schema."""
    definitions: Iterator[Any] = (
        one.extensions.get("strawberry-definition") for one in schema._schema.type_map.values()
    )
    origins = ((one.name, one.origin) for one in definitions if getattr(one, "origin", None) is not None)
    return {str(name): origin for name, origin in origins if issubclass(origin, Node)}


def selection(stated: Any, depth: int) -> str:
    """Every field of a type; what leads to other types as deep as said, pages of two rows."""
    parts = []
    for name, field in stated.fields.items():
        inner = named(field.type)
        if is_leaf_type(inner):
            parts.append(name)
        elif "nodes" in inner.fields and depth > 0:
            parts.append(f"{name}(first: 2) {page(inner, depth - 1)}")
        elif "nodes" not in inner.fields and depth > 0:
            parts.append(f"{name} {selection(inner, depth - 1)}")
    return "{ " + " ".join(parts) + " }"


def page(stated: Any, depth: int) -> str:
    """The same for the rows of a page, shown in one of the two ways."""
    rows = selection(named(stated.fields["nodes"].type), depth)
    return f"{{ nodes {rows} edges {{ cursor }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }}"


def question(name: str, *, depth: int = 1, first: int | None = None) -> str:
    """A query for one root field with everything below it; its id, where it takes one, is the variable `id`."""
    field = QUERY.fields[name]
    inner = named(field.type)
    below = page(inner, depth) if "nodes" in inner.fields else selection(inner, depth)
    if "id" in field.args:
        return f"query Q($id: ID!) {{ {name}(id: $id) {below} }}"
    return f"{{ {name}{f'(first: {first})' if first else ''} {below} }}"


def roots(kind: str) -> list[str]:
    """Root fields of queries: "single" take an id, "list" are pages, "own" are neither."""
    found = {
        name: "single" if "id" in field.args else "list" if "first" in field.args else "own"
        for name, field in QUERY.fields.items()
    }
    return [name for name, of in found.items() if of == kind]


def type_of(root: str) -> str:
    """The type of the rows of a root field."""
    name = named(QUERY.fields[root].type).name
    return str(name.removesuffix("Connection"))
