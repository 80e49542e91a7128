"""Pages of rows, and rows below rows: each once, in one order, at a cost that does not depend on how many they are."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from identity.models import Device, Person
from tests.factories import identity
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.graphs import data

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> Tenant:
    return tenant()


@pytest.fixture
def reader(house: Tenant) -> Client:
    return signed_in(house, "it_admin")


def crew(house: Tenant, people: int, devices: int = 0) -> list[Person]:
    """So many people with so many devices each."""
    with house.writing():
        rows = [identity.person(house.organization) for _ in range(people)]
        for row in rows:
            for _device in range(devices):
                identity.device(house.organization, person=row)
    return rows


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["userName"] for row in rows]


def test_cursors_lead_through_all_rows_once(house: Tenant, reader: Client) -> None:
    """Newest first; rows that are added meanwhile neither repeat a row nor push one out."""
    expected = [row.user_name for row in reversed(crew(house, 7))]
    seen: list[str] = []
    after: str | None = None
    while True:
        query = """query Q($a: String) { people(first: 3, after: $a) {
            nodes { userName } pageInfo { hasNextPage hasPreviousPage endCursor }
        } }"""
        page = data(reader, query, a=after)["people"]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        seen += names(page["nodes"])
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        crew(house, 1)
    assert seen == expected


def test_what_stands_before_a_page_is_true(house: Tenant, reader: Client) -> None:
    """hasPreviousPage says whether rows stand before the page, of a list and of each row of a list below it: not when
    those before were taken away, nor when the filter leaves them out."""
    first, second = crew(house, 2, devices=2)
    query = """query Q($a: String) { people(after: $a, filter: {active: true}) {
        nodes { userName } pageInfo { hasPreviousPage endCursor }
    } }"""
    newest = data(reader, "{ people(first: 1) { pageInfo { endCursor } } }")["people"]["pageInfo"]["endCursor"]
    assert data(reader, query, a=newest)["people"]["pageInfo"]["hasPreviousPage"] is True
    with house.writing():
        Person.objects.filter(pk=second.pk).update(active=False, left_at=second.created_at)
    page = data(reader, query, a=newest)["people"]
    assert (names(page["nodes"]), page["pageInfo"]["hasPreviousPage"]) == ([first.user_name], False)
    below = """query Q($a: String) { people { nodes { userName devices(first: 1, after: $a) {
        pageInfo { hasPreviousPage }
    } } } }"""
    device = data(reader, "{ devices(first: 2) { pageInfo { endCursor } } }")["devices"]["pageInfo"]["endCursor"]
    found = {row["userName"]: row["devices"]["pageInfo"] for row in data(reader, below, a=device)["people"]["nodes"]}
    assert found == {first.user_name: {"hasPreviousPage": False}, second.user_name: {"hasPreviousPage": True}}


def test_an_empty_page_has_no_cursors(reader: Client) -> None:
    """No rows, no next page, nothing to go on from."""
    query = "{ people { nodes { id } edges { cursor } pageInfo { hasNextPage startCursor endCursor } } }"
    empty = {"hasNextPage": False, "startCursor": None, "endCursor": None}
    assert data(reader, query)["people"] == {"nodes": [], "edges": [], "pageInfo": empty}


def test_every_edge_has_the_cursor_of_its_row(house: Tenant, reader: Client) -> None:
    """Any row can be gone on from, not only the last."""
    crew(house, 4)
    page = data(reader, "{ people { edges { cursor node { userName } } pageInfo { startCursor endCursor } } }")[
        "people"
    ]
    cursors = [edge["cursor"] for edge in page["edges"]]
    assert [page["pageInfo"]["startCursor"], page["pageInfo"]["endCursor"]] == [cursors[0], cursors[-1]]
    rest = data(reader, "query Q($a: String) { people(after: $a) { nodes { userName } } }", a=cursors[1])["people"]
    assert names(rest["nodes"]) == [edge["node"]["userName"] for edge in page["edges"][2:]]


def test_pages_below_rows_have_cursors_of_their_own(house: Tenant, reader: Client) -> None:
    """Each person's devices are a page by itself; the next one is asked for at the person."""
    person, _other = crew(house, 2, devices=3)
    query = """query Q($id: ID!, $a: String) { person(id: $id) {
        devices(first: 2, after: $a) { nodes { id } pageInfo { hasNextPage endCursor } }
    } }"""
    page = data(reader, query, id=str(person.id))["person"]["devices"]
    assert (len(page["nodes"]), page["pageInfo"]["hasNextPage"]) == (2, True)
    rest = data(reader, query, id=str(person.id), a=page["pageInfo"]["endCursor"])["person"]["devices"]
    assert (len(rest["nodes"]), rest["pageInfo"]["hasNextPage"]) == (1, False)
    with house.reading():
        assert {row["id"] for row in page["nodes"] + rest["nodes"]} == {
            str(key) for key in Device.objects.filter(person=person).values_list("id", flat=True)
        }


def test_one_relation_under_two_names_keeps_its_arguments_apart(house: Tenant, reader: Client) -> None:
    """Aliases with other arguments, at the row and above it, in `nodes` and in `edges`: nothing is mixed up."""
    crew(house, 1, devices=3)
    query = """{
        people {
            nodes { one: devices(first: 1) { nodes { id } } two: devices(first: 2) { nodes { id } } }
            again: nodes { one: devices(first: 3) { nodes { id } } }
            edges { node { one: devices(first: 2) { nodes { id } } } }
        }
    }"""
    page = data(reader, query)["people"]
    counts = [
        len(page["nodes"][0]["one"]["nodes"]),
        len(page["nodes"][0]["two"]["nodes"]),
        len(page["again"][0]["one"]["nodes"]),
        len(page["edges"][0]["node"]["one"]["nodes"]),
    ]
    assert counts == [1, 2, 3, 2]


def test_fragments_and_repeated_fields_are_merged(house: Tenant, reader: Client) -> None:
    """What several selections ask of one relation is one answer with all of it."""
    crew(house, 1, devices=1)
    query = """
        query Q { people { nodes { ...A devices { nodes { hostname } } } ... { nodes { ... on Person { ...B } } } } }
        fragment A on Person { devices { nodes { id } } }
        fragment B on Person { devices { nodes { person { userName } } pageInfo { hasNextPage } } }
    """
    [row] = data(reader, query)["people"]["nodes"]
    assert set(row["devices"]) == {"nodes", "pageInfo"}
    assert set(row["devices"]["nodes"][0]) == {"hostname", "id", "person"}


@pytest.mark.parametrize("shown", [True, False])
def test_what_is_left_out_is_not_read(house: Tenant, reader: Client, shown: bool) -> None:
    """@include and @skip decide about the read, on fields, fragments and spreads."""
    crew(house, 1, devices=1)
    query = """
        query Q($yes: Boolean!, $no: Boolean!) { people { nodes {
            userName
            a: devices @include(if: $yes) { nodes { id } }
            b: devices @skip(if: $no) { nodes { id } }
            ... @include(if: $yes) { c: devices { nodes { id } } }
            ...F @skip(if: $no)
        } } }
        fragment F on Person { d: devices { nodes { id } } }
    """
    with CaptureQueriesContext(connection) as queries:
        [row] = data(reader, query, yes=shown, no=not shown)["people"]["nodes"]
    assert set(row) == ({"userName", "a", "b", "c", "d"} if shown else {"userName"})
    assert sum("identity_device" in one["sql"] for one in queries) == (4 if shown else 0)


def test_two_hundred_rows_with_lists_below_cost_what_one_does(house: Tenant, reader: Client) -> None:
    """People with their devices and leader, devices with their person: one read for each of them."""
    query = """{ people(first: 200) { nodes {
        userName manager { displayName } devices(first: 10) { nodes { hostname person { userName } } }
    } } }"""
    counts = []
    for more in (1, 199):
        crew(house, more, devices=2)
        data(reader, query)
        with CaptureQueriesContext(connection) as queries:
            rows = data(reader, query)["people"]["nodes"]
        counts.append(len(queries))
    assert len(rows) == 200
    assert all(len(row["devices"]["nodes"]) == 2 for row in rows)
    assert counts[0] == counts[1]
    assert counts[0] <= 13  # five of them open and close the scope on PostgreSQL


def test_rows_that_many_others_point_at_are_read_once(house: Tenant, reader: Client) -> None:
    """A leader of many is one row of one statement, and the same in each answer."""
    with house.writing():
        boss = identity.person(house.organization)
        for _report in range(5):
            identity.person(house.organization, manager=boss)
    query = (
        "query Q($id: ID!) { person(id: $id) { reports { nodes { manager { userName reports { nodes { id } } } } } } }"
    )
    rows = data(reader, query, id=str(boss.id))["person"]["reports"]["nodes"]
    assert [row["manager"]["userName"] for row in rows] == [boss.user_name] * 5
    assert all(len(row["manager"]["reports"]["nodes"]) == 5 for row in rows)
