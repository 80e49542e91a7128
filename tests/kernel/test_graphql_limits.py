"""What a GraphQL request may ask for: each bound holds at its edge, has a code of its own, and costs little to keep."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from graphql import get_introspection_query

from kernel.graphql import limits, request
from kernel.scope import is_open
from tests.factories import identity
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.graphs import NOBODY, ask, codes, data, response

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> Tenant:
    return tenant()


@pytest.fixture
def reader(house: Tenant) -> Client:
    return signed_in(house, "it_admin")


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is refused is refused before it costs anything."""
    began = monotonic()
    yield
    assert monotonic() - began < seconds


def refused(reader: Client, query: str, **variables: Any) -> list[str]:
    """The codes of a request that is refused as a whole."""
    with within(2):
        answer = response(reader, query, **variables)
    assert answer.status_code == 400, answer.content[:500]
    assert "data" not in answer.json()
    return codes(answer.json())


def nested(levels: int) -> str:
    """A query whose innermost field stands so many levels deep: people, nodes, manager, …, id."""
    inner = "id"
    for _level in range(levels - 3):
        inner = f"manager {{ {inner} }}"
    return f"{{ people(first: 1) {{ nodes {{ {inner} }} }} }}"


def test_depth_ends_at_its_bound(reader: Client) -> None:
    """Twelve levels are answered, thirteen are not."""
    data(reader, nested(limits.MOST_DEPTH))
    assert refused(reader, nested(limits.MOST_DEPTH + 1)) == ["QUERY_TOO_DEEP"]


def test_depth_is_counted_through_fragments(reader: Client) -> None:
    """Levels hidden in fragments, one within the other, count as if they were written out."""
    parts = [f"fragment F{n} on Person {{ manager {{ manager {{ ...F{n + 1} }} }} }}" for n in range(6)]
    query = "{ people { nodes { ...F0 } } } " + " ".join(parts) + " fragment F6 on Person { id }"
    assert refused(reader, query) == ["QUERY_TOO_DEEP"]


def test_cycles_between_types_are_cut_off(reader: Client) -> None:
    """Person, reports, manager, reports …: going round is refused by depth or by cost, whichever comes first."""
    inner = "id"
    for _turn in range(4):
        inner = f"reports(first: 200) {{ nodes {{ manager {{ {inner} }} }} }}"
    assert refused(reader, f"{{ people(first: 200) {{ nodes {{ {inner} }} }} }}") == ["QUERY_TOO_DEEP"]
    assert refused(
        reader,
        "{ people(first: 200) { nodes { reports(first: 200) { nodes { reports(first: 9) { nodes { id } } } } } } }",
    ) == ["QUERY_TOO_COSTLY"]


def test_a_fragment_within_itself_is_refused(reader: Client) -> None:
    """A circle of fragments is an invalid request, not an endless one."""
    circle = "{ people { nodes { ...A } } } fragment A on Person { ...B } fragment B on Person { manager { ...A } }"
    assert set(refused(reader, circle)) == {"QUERY_INVALID"}


def test_fragments_that_double_each_other_are_counted(reader: Client) -> None:
    """Twenty-five fragments that each use the next twice are thirty million fields, found out without writing them."""
    parts = [f"fragment F{n} on Person {{ ...F{n + 1} ...F{n + 1} }}" for n in range(25)]
    query = "{ people { nodes { ...F0 } } } " + " ".join(parts) + " fragment F25 on Person { id }"
    assert refused(reader, query) == ["QUERY_TOO_COSTLY"]


def test_aliases_end_at_their_bound(reader: Client) -> None:
    """Twenty other names are given, twenty-one are not."""
    names = [f"n{n}: userName" for n in range(limits.MOST_ALIASES + 1)]
    data(reader, f"{{ people {{ nodes {{ {' '.join(names[:-1])} }} }} }}")
    assert refused(reader, f"{{ people {{ nodes {{ {' '.join(names)} }} }} }}") == ["QUERY_TOO_MANY_ALIASES"]


def test_tokens_end_at_their_bound(reader: Client) -> None:
    """A text of more tokens is not parsed."""
    assert refused(reader, "{ " + "id " * limits.MOST_TOKENS + "}") == ["QUERY_TOO_LONG"]


@pytest.mark.parametrize("opening", ["{", "[", "(", "{people", '{a(x:{y:"', "query Q($a:" + "["])
def test_brackets_without_end_are_not_parsed(reader: Client, opening: str) -> None:
    """The parser works down brackets; it never sees more of them than it can."""
    assert refused(reader, opening * 2_000)[0] in {"QUERY_TOO_LONG", "QUERY_SYNTAX"}


def test_fields_end_at_their_bound(reader: Client) -> None:
    """The library's rules compare fields in pairs, so that there must not be many."""
    assert refused(reader, f"{{ people {{ nodes {{ {'id ' * (limits.MOST_FIELDS + 1)} }} }} }}") == ["QUERY_TOO_WIDE"]


def test_fragments_end_at_their_bound(reader: Client) -> None:
    """Fragments are compared with each other as well."""
    parts = " ".join(f"fragment F{n} on Person {{ id }}" for n in range(limits.MOST_FRAGMENTS))
    assert refused(reader, "{ people { nodes { ...F0 } } } " + parts) == ["QUERY_TOO_WIDE"]


def test_root_fields_end_at_their_bound(reader: Client) -> None:
    """Repeating a root field without another name is one field of the answer and still so many in the request."""
    assert refused(reader, "{ " + "viewer { label } " * (limits.MOST_QUERY_ROOTS + 1) + "}") == ["QUERY_TOO_WIDE"]


def test_mutations_in_one_request_end_at_their_bound(reader: Client) -> None:
    """Ten changes, each in a trail of its own, and not eleven."""
    one = f'deactivatePerson(input: {{ id: "{NOBODY}" }}) {{ id }}'
    many = " ".join(f"n{n}: {one}" for n in range(limits.MOST_MUTATION_ROOTS + 1))
    assert refused(reader, f"mutation {{ {many} }}") == ["QUERY_TOO_WIDE"]


@pytest.mark.parametrize("first", ["0", "-1", "201", "2147483647"])
def test_pages_hold_at_most_two_hundred_rows(reader: Client, first: str) -> None:
    """Whether it is written or comes as a variable or as its default."""
    assert refused(reader, f"{{ people(first: {first}) {{ nodes {{ id }} }} }}") == ["PAGE_TOO_LARGE"]
    query = "query Q($n: Int!) { people(first: $n) { nodes { id } } }"
    assert refused(reader, query, n=int(first)) == ["PAGE_TOO_LARGE"]
    assert refused(reader, query.replace("Int!", f"Int! = {first}")) == ["PAGE_TOO_LARGE"]


def test_a_page_holds_fifty_rows_unless_asked(house: Tenant, reader: Client) -> None:
    """The usual page of all interfaces."""
    with house.writing():
        for _person in range(limits.USUAL_ROWS + 1):
            identity.person(house.organization)
    assert len(data(reader, "{ people { nodes { id } } }")["people"]["nodes"]) == limits.USUAL_ROWS
    assert len(data(reader, "{ people(first: 200) { nodes { id } } }")["people"]["nodes"]) == limits.USUAL_ROWS + 1


def test_cost_counts_the_rows_of_pages(reader: Client) -> None:
    """The refusal says what the answer could hold and what it may; half of it is answered."""
    query = "query Q($n: Int!) { people(first: 200) { nodes { devices(first: $n) { nodes { id hostname } } } } }"
    body = ask(reader, query, n=200)
    assert codes(body) == ["QUERY_TOO_COSTLY"]
    assert body["errors"][0]["extensions"]["cost"] > body["errors"][0]["extensions"]["most"] == limits.MOST_COST
    data(reader, query, n=50)


def test_a_slow_answer_is_given_up(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the time is used up, what is left is not answered, and a code says so."""
    monkeypatch.setattr(request, "MOST_SECONDS", -1)
    body = ask(reader, "{ people { nodes { id } } }")
    # On PostgreSQL the scope itself asks the database, before any field does.
    assert (body.get("data", {"people": None}), codes(body)) == ({"people": None}, ["QUERY_TOO_SLOW"])
    assert body["errors"][0]["extensions"]["errorClass"] == "UNAVAILABLE"


def test_an_answer_that_needs_too_many_reads_is_given_up(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is asked for, the database answers a bounded number of statements."""
    monkeypatch.setattr(request, "MOST_STATEMENTS", 1)
    assert codes(ask(reader, "{ people { nodes { id } } devices { nodes { id } } }")) == ["QUERY_TOO_SLOW"]


@pytest.mark.postgres
def test_the_database_gives_up_as_well(house: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL cancels a statement that runs too long; what would have followed is given up with the same code."""
    work = request.GraphRequest(principal=house.actor)
    monkeypatch.setattr(request, "MOST_SECONDS", 0.3)
    with work.watched():
        work.read()
        with pytest.raises(limits.QueryTooSlow, match="database"), connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(20)")
        with pytest.raises(limits.QueryTooSlow):
            work.check_time()
    assert not is_open()


def test_introspection_is_for_members(reader: Client) -> None:
    """The usual introspection of tools is answered for whoever is signed in, and for nobody else."""
    query = get_introspection_query(specified_by_url=True, input_value_deprecation=True)
    assert data(reader, query)["__schema"]["queryType"] == {"name": "Query", "kind": "OBJECT"}
    answer = response(Client(HTTP_HOST="127.0.0.1"), query)
    assert (answer.status_code, codes(answer.json())) == (401, ["SIGN_IN_REQUIRED"])


def test_strangers_are_told_nothing_about_the_schema() -> None:
    """A misspelt field brings a visitor the same answer as a right one: no suggestion, no hint."""
    stranger = Client(HTTP_HOST="127.0.0.1")
    assert response(stranger, "{ peopl { id } }").content == response(stranger, "{ people { nodes { id } } }").content


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (
            "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }",
            "QUERY_INVALID",
        ),
        ("{ " + "__schema { queryType { name } } " * 3 + "}", "QUERY_TOO_WIDE"),
        ("{ __type(name: 1) { name } }", "QUERY_INVALID"),
    ],
)
def test_introspection_does_not_go_round(reader: Client, query: str, code: str) -> None:
    """Fields of types of fields of types are cut off, and so is asking again and again."""
    assert set(refused(reader, query)) == {code}


@pytest.mark.parametrize(
    "query",
    [
        '{ people(filter: { userName: "a\\u0000b" }) { nodes { id } } }',
        '{ people(filter: { userName: """a\0b""" }) { nodes { id } } }',
        '{ people(after: "\\u{0}") { nodes { id } } }',
    ],
)
def test_a_nul_in_the_text_is_refused(reader: Client, query: str) -> None:
    """No database takes it, so nobody is asked."""
    assert refused(reader, query)[0] in {"INVALID_INPUT", "QUERY_SYNTAX"}


def test_a_nul_in_a_variable_is_pointed_at(reader: Client) -> None:
    """The pointer leads to the text that holds it."""
    query = "query Q($f: PersonFilter) { people(filter: $f) { nodes { id } } }"
    body = ask(reader, query, f={"userName": "a\0b"})
    assert (codes(body), body["errors"][0]["extensions"]["pointer"]) == (["INVALID_INPUT"], "/variables/f/userName")


@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"null",
        b"1",
        b'"query"',
        b"{}",
        b'{"query": null}',
        b'{"query": ""}',
        b'{"query": 1}',
        b'{"query": "{ viewer { label } }", "variables": []}',
        b'{"query": "{ viewer { label } }", "variables": "x"}',
        b'{"query": "{ viewer { label } }", "operationName": 1}',
        b'{"query": "{ viewer { label } }", "operationName": "Other"}',
        b'{"query": "query A { viewer { label } } query B { viewer { label } }"}',
        b'{"query": "fragment A on Viewer { label }"}',
        b'{"query": "subscription { viewer { label } }"}',
        b'{"query": "type A { b: Int }"}',
        b'{"query": "{ viewer { label } "}',
        b'{"query": "\\ud800"}',
        b'{"query": "{ viewer { label } }", "variables": {"a": "\\ud800"}}',
        b'{"query": "{ people(after: \\"\\\\ud800\\") { nodes { id } } }"}',
        b'{"query": "\xff"}',
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"a":' * 50_000,
        b'{"query": "{ viewer { label } }", "variables": {"a": 1e999}}',
        b'{"query": "query Q($n: Int!) { people(first: $n) { nodes { id } } }", "variables": {"n": 1e400}}',
        b'{"query": "query Q($n: Int!) { people(first: $n) { nodes { id } } }", "variables": {"n": "5"}}',
        b'{"query": "query Q($n: Int!) { people(first: $n) { nodes { id } } }", "variables": {"n": true}}',
        b'{"query": "query Q($n: Int!) { people(first: $n) { nodes { id } } }", "variables": {"n": null}}',
        b'{"query": "query Q($n: Int!) { people(first: $n) { nodes { id } } }"}',
        b'{"query": "{ people(first: 99999999999999999999) { nodes { id } } }"}',
        b'{"query": "{ people(first: 1.5) { nodes { id } } }"}',
        b'{"query": "{ viewer @skip { label } }"}',
        b'{"query": "{ viewer @defer { label } }"}',
    ],
)
def test_bodies_that_mean_nothing_are_refused(reader: Client, body: bytes) -> None:
    """400 with a code and without data, and nobody's mistake becomes the server's."""
    answer = reader.generic("POST", "/graphql/", body, content_type="application/json")
    assert answer.status_code == 400, answer.content
    assert set(answer.json()) == {"errors"}
    assert all(one["extensions"]["errorClass"] == "VALIDATION" for one in answer.json()["errors"])


def test_several_operations_in_one_request_are_refused(reader: Client) -> None:
    """A list of operations would multiply every other bound."""
    body = json.dumps([{"query": "{ viewer { label } }"}] * 2)
    answer = reader.post("/graphql/", body, content_type="application/json")
    assert (answer.status_code, codes(answer.json())) == (400, ["QUERY_BATCH_REFUSED"])


@pytest.mark.parametrize("cursor", ["", "x", "!!!", "A" * 22 + "=", "A" * 21, "x" * 5000, "\u0663"])
def test_a_made_up_cursor_is_refused(reader: Client, cursor: str) -> None:
    """CURSOR_INVALID at the argument, not the first page over again."""
    body = ask(reader, "query Q($a: String) { people(after: $a) { nodes { id } } }", a=cursor)
    assert (body["data"], codes(body)) == ({"people": None}, ["CURSOR_INVALID"])
    assert body["errors"][0]["extensions"]["pointer"] == "/after"
