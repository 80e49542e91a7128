"""The GraphQL interface is a contract: docs/schema.graphql is kept (test_documented compares it) and guarded."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import strawberry
import strawberry_django
from graphql import (
    GraphQLInputObjectType,
    GraphQLObjectType,
    build_schema,
    is_leaf_type,
    is_non_null_type,
    validate_schema,
)
from strawberry.utils.str_converters import to_camel_case

from config.schema import schema
from identity.models import Account, Person
from kernel.graphql import Node, TenantSchema, TypeRefused, column, root, tenant_type
from tests.architecture.documented import graphql_document, permissions
from tests.architecture.source import none
from tests.graphs import MUTATION, named, nodes

SECRET = re.compile(r"password|secret|token|digest|pepper|sealed|private|licenseKey|^keys?$", re.IGNORECASE)
MONEY = re.compile(r"price|total|amount|cost", re.IGNORECASE)


def types() -> Iterator[Any]:
    """Our own types and inputs."""
    for name, stated in schema._schema.type_map.items():
        if isinstance(stated, GraphQLObjectType | GraphQLInputObjectType) and not name.startswith("__"):
            yield stated


def fields() -> Iterator[tuple[str, Any]]:
    for stated in types():
        yield from ((f"{stated.name}.{name}", field) for name, field in stated.fields.items())


def test_the_document_is_a_valid_schema() -> None:
    """Whoever makes a client from docs/schema.graphql gets a schema without mistakes."""
    assert validate_schema(build_schema(graphql_document())) == []


def test_everything_is_described() -> None:
    """Each type, field and argument says what it promises, in a sentence that GraphiQL shows."""
    none(stated.name for stated in types() if not (stated.description or "").strip())
    none(name for name, field in fields() if not (field.description or "").strip().endswith("."))
    arguments = {
        f"{name}({argument})": stated
        for name, field in fields()
        for argument, stated in getattr(field, "args", {}).items()
    }
    none(
        name
        for name, stated in arguments.items()
        if not stated.description and not name.endswith(("(input)", "(filter)", "(id)"))
    )


def test_every_root_field_asks_for_a_permission_that_exists() -> None:
    """What is asked for is known to the roles; a field that asks for nothing does not even build a schema."""
    none(name for name, needed in schema.needs.items() if name.startswith(("Query.", "Mutation.")) and not needed)
    none(f"{name}: {one}" for name, needed in schema.needs.items() for one in needed if one not in permissions())


def test_every_field_leads_to_nothing_that_it_does_not_ask_for() -> None:
    """A way into a type asks for what the type asks for, wherever it starts, and whoever lacks it loses this field
    alone."""
    shown = {name: node.permission for name, node in nodes().items()}
    for name, field in fields():
        target = named(getattr(field, "type", None))
        if target.name in shown and not name.startswith(tuple(f"{one}{end}." for one in shown for end in ENDS)):
            assert shown[target.name] in schema.needs[name], name
            own = schema.needs[name] - frozenset({shown.get(name.partition(".")[0], "")})
            assert not own or not is_non_null_type(field.type), name


ENDS = ("Connection", "Edge")


def test_what_a_row_may_lack_may_be_null() -> None:
    """A column that can be empty has a field that can be null: else one such row would take its page away."""
    for name, node in nodes().items():
        columns = {column.name: column for column in node.row_model._meta.concrete_fields}
        for definition in node.__strawberry_definition__.fields:  # type: ignore[attr-defined]  # the library sets it
            field = schema._schema.type_map[name].fields[to_camel_case(definition.python_name)]  # type: ignore[attr-defined]  # an object type
            column = columns.get(definition.python_name)
            if column is not None and column.null and not column.is_relation:
                assert not is_non_null_type(field.type), f"{name}.{definition.python_name}"


def test_no_secret_is_in_the_schema() -> None:
    """Keys, tokens, passwords and digests have no field, under whatever name."""
    none(name for name, field in fields() if SECRET.search(name.partition(".")[2]))


def test_money_needs_its_permission() -> None:
    """Prices and totals are shown to roles that may see money, and to no others."""
    found = [name for name, field in fields() if MONEY.search(name.partition(".")[2])]
    assert found
    none(name for name in found if "licensing.money.view" not in schema.needs[name])


def test_mutations_take_one_input_and_give_the_object_back() -> None:
    """Verb first, one argument called `input`, and an object that may be null."""
    for name, field in MUTATION.fields.items():
        assert list(field.args) == ["input"], name
        assert not is_leaf_type(named(field.type)), name
        assert not is_non_null_type(field.type), name
        assert field.args["input"].type.of_type.name == f"{name[0].upper()}{name[1:]}Input"


def test_a_type_without_a_permission_is_refused() -> None:
    """Forgetting who may see rows breaks the build."""
    with pytest.raises(TypeRefused, match="names no permission"):

        @tenant_type(Person, name="Someone", permission="")
        class Someone(Node):
            """Somebody."""

            id: strawberry.ID = column("The key.")


def test_a_type_over_rows_of_nobody_says_which_it_shows() -> None:
    """An account belongs to no organisation: a type over accounts without its own queryset breaks the build."""
    with pytest.raises(TypeRefused, match="needs a get_queryset"):

        @tenant_type(Account, name="Anyone", permission="identity.person.view")
        class Anyone(Node):
            """Anybody."""

            id: strawberry.ID = column("The key.")


def test_a_type_that_is_no_node_is_refused() -> None:
    """A class beside the base has no tenant queryset."""
    with pytest.raises(TypeRefused, match="is no Node"):

        @tenant_type(Person, name="Stray", permission="identity.person.view")
        class Stray:
            """Somebody."""

            id: strawberry.ID = column("The key.")


def test_the_librarys_own_types_do_not_build_a_schema() -> None:
    """A model shown round `tenant_type` is found when the schema is built, not when it answers."""

    @strawberry_django.type(Person, name="Loose", description="Somebody.")
    class Loose:
        id: strawberry.auto

    @strawberry.type(name="Query")
    class Query:
        @root("Somebody.", needs="identity.person.view")
        def loose(self) -> Loose | None:
            return None

    with pytest.raises(TypeRefused, match="without tenant_type"):
        TenantSchema(query=Query)


def test_a_root_field_without_a_permission_does_not_build_a_schema() -> None:
    """Forgetting the declaration opens nothing."""

    @strawberry.type(name="Query")
    class Query:
        @strawberry.field(description="Everything.")
        def everything(self) -> str | None:
            return "all"

    with pytest.raises(TypeRefused, match="asks for no permission"):
        TenantSchema(query=Query)


def test_a_field_that_may_be_refused_is_nullable() -> None:
    """Otherwise the refusal of one field would take away the row that it stands on."""

    @strawberry.type(name="Query")
    class Query:
        @root("A word.", needs="identity.person.view")
        def word(self) -> str:
            return "word"

    with pytest.raises(TypeRefused, match="must be nullable"):
        TenantSchema(query=Query)
