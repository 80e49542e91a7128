"""GraphQL answers every nasty value of every argument with a code, and none with a mistake of the program."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from graphql import GraphQLInputObjectType, get_nullable_type

from config.schema import schema
from tests.architecture.source import none
from tests.factories.tenants import ALL_ROLES, signed_in, tenant
from tests.graphs import MUTATION, QUERY, first_ids, furnish, named, page, selection
from tests.plugins.databases import CommittedDatabase
from tests.robustness.nasty import ALONE, NOBODY, TEXTS, TOGETHER, chosen

pytestmark = pytest.mark.usefixtures("committed_db")
VALUES: tuple[Any, ...] = (
    *TEXTS,
    *(one for one in ALONE if one != "\ud800"),
    *TOGETHER,
    "",
    None,
    True,
    {},
    "\u0663" * 36,
)
LITERALS = (
    "null",
    "99999999999999999999999",
    "1e400",
    '"\\uD800"',
    '"\\u0000"',
    '"""\n\\""" """',
    "[[[1]]]",
    "{a: {b: 1}}",
    "ENUM",
    "$missing",
)
SAMPLES = {
    "ID": NOBODY,
    "String": "Words",
    "Int": 1,
    "WholeNumber": 1,
    "Boolean": True,
    "DateTime": "2099-01-01T00:00:00Z",
    "Date": "2099-01-01",
    "Decimal": "1.50",
}


@pytest.fixture(scope="module")
def attacker(committed_db: CommittedDatabase) -> tuple[Client, dict[str, str]]:
    """Somebody who may do everything, in a house with a row of every type: one for all, as furnishing it takes longer
    than asking."""
    one = tenant("both")
    furnish(one)
    browser = signed_in(one, *ALL_ROLES)
    browser.raise_request_exception = False
    return browser, first_ids(one)


def sent(browser: Client, query: str, variables: dict[str, Any]) -> str:
    """What went wrong on the server, or nothing."""
    body = json.dumps({"query": query, "variables": variables})
    answer = browser.post("/graphql/", body, content_type="application/json")
    codes = [one["extensions"]["code"] for one in answer.json().get("errors", ())]
    broken = "INTERNAL_ERROR" in codes or answer.status_code >= 500
    return f"{query[:200]} {body[-200:]} {codes}" if broken else ""


def meant(stated: Any, ids: dict[str, str], name: str) -> Any:
    """A value of this type that could be meant; an id is that of a row of the type that the name is of, if any."""
    inner = named(get_nullable_type(stated))
    if isinstance(inner, GraphQLInputObjectType):
        return {member: meant(field.type, ids, member) for member, field in inner.fields.items()}
    if named(inner).name == "ID":
        return ids.get(f"{name[0].upper()}{name[1:]}", NOBODY)
    return SAMPLES[named(inner).name]


def spoilt(value: Any) -> Iterator[Any]:
    """The value replaced, and each of its members replaced in turn, and all of them at once."""
    yield from VALUES
    if isinstance(value, dict):
        for name in value:
            yield from ({**value, name: bad} for bad in VALUES)
        yield from (dict.fromkeys(value, bad) for bad in TOGETHER)


def below(field: Any) -> str:
    """A short selection of what a field leads to."""
    inner = named(field.type)
    return page(inner, 0) if "nodes" in inner.fields else selection(inner, 0)


def roots() -> Iterator[tuple[str, str, Any]]:
    """Operation, name and field of every root field that takes arguments."""
    for operation, stated in (("query", QUERY), ("mutation", MUTATION)):
        yield from ((operation, name, field) for name, field in stated.fields.items() if field.args)


ROOTS = [pytest.param(*one, id=one[1]) for one in roots()]


@pytest.mark.parametrize(("operation", "name", "field"), ROOTS)
def test_root_fields_survive_nasty_variables(
    attacker: tuple[Client, dict[str, str]], operation: str, name: str, field: Any
) -> None:
    """Each argument and each member of its input, alone and together."""
    browser, ids = attacker
    declared = ", ".join(f"${one}: {stated.type}" for one, stated in field.args.items())
    given = ", ".join(f"{one}: ${one}" for one in field.args)
    query = f"{operation} Q({declared}) {{ {name}({given}) {below(field)} }}"
    good = {one: meant(stated.type, ids, name if one == "id" else one) for one, stated in field.args.items()}
    if "after" in good:
        good["after"] = None
    asked = [{**good, one: bad} for one in field.args for bad in spoilt(good[one])]
    none(filter(None, (sent(browser, query, variables) for variables in chosen(asked))))


@pytest.mark.parametrize(("operation", "name", "field"), ROOTS)
def test_root_fields_survive_nasty_literals(
    attacker: tuple[Client, dict[str, str]], operation: str, name: str, field: Any
) -> None:
    """Values written into the text of the request, which no JSON parser has seen."""
    browser, _ids = attacker
    asked = [f"{operation} {{ {name}({one}: {bad}) {below(field)} }}" for one in field.args for bad in LITERALS]
    none(filter(None, (sent(browser, query, {}) for query in chosen(asked))))


def relations() -> list[tuple[str, str, Any]]:
    """Root field with an id, name and field of every relation that takes arguments."""
    found = []
    for root, stated in QUERY.fields.items():
        if "id" in stated.args:
            fields = named(stated.type).fields.items()
            found += [(root, name, field) for name, field in fields if field.args]
    return found


@pytest.mark.parametrize(
    ("root", "name", "field"), [pytest.param(*one, id=f"{one[0]}-{one[1]}") for one in relations()]
)
def test_relations_survive_nasty_arguments(
    attacker: tuple[Client, dict[str, str]], root: str, name: str, field: Any
) -> None:
    """Pages below a row: sizes and cursors, as variables and as they are written."""
    browser, ids = attacker
    key = ids[named(QUERY.fields[root].type).name]
    declared = "$id: ID!, $first: Int!, $after: String"
    query = f"query Q({declared}) {{ {root}(id: $id) {{ {name}(first: $first, after: $after) {below(field)} }} }}"
    good = {"id": key, "first": 1, "after": None}
    asked = [(query, {**good, one: bad}) for one in ("first", "after") for bad in VALUES]
    asked += [
        (f'{{ {root}(id: "{key}") {{ {name}({one}: {bad}) {below(field)} }} }}', {})
        for one in ("first", "after")
        for bad in LITERALS
    ]
    none(filter(None, (sent(browser, text, variables) for text, variables in chosen(asked))))


def test_every_argument_is_in_one_of_the_tests() -> None:
    """What takes arguments and is no root field is reached through a root field with an id."""
    reached = {named(QUERY.fields[root].type).name for root, _name, _field in relations()}
    asking = {
        name
        for name, stated in schema._schema.type_map.items()
        if not name.startswith("__")
        and name not in {"Query", "Mutation"}
        and any(getattr(field, "args", None) for field in getattr(stated, "fields", {}).values())
    }
    assert asking == reached
