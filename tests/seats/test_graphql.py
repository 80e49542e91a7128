"""GraphQL of pools and seats: the figures of REST, and seats given and given back by the same operations."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kernel.graphql.limits import MOST_MUTATION_ROOTS
from tests.factories import identity
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.graphs import NOBODY, ask, codes, data, response
from tests.seats.books import REASON, fed_pool, fill, held, kinds, people, used

pytestmark = pytest.mark.django_db
ASSIGN = """mutation M($input: AssignSeatInput!) { assignSeat(input: $input) {
    id quantity source directGrant externalHolder pool { used free } person { id } device { id }
} }"""
RELEASE = "mutation M($input: ReleaseSeatInput!) { releaseSeat(input: $input) { id releasedAt endReason } }"
FIGURES = "id capacity covered limit used free excess"


@pytest.fixture
def house() -> Tenant:
    return tenant()


def pool_of(house: Tenant, **columns: Any) -> Any:
    with house.writing():
        return fed_pool(house, **columns)


def test_pools_have_the_figures_of_rest(house: Tenant) -> None:
    """The same numbers at both interfaces, and the moment at which they hold."""
    pool = pool_of(house, bought=10, overdraft=2)
    fill(house, pool, 4)
    browser = signed_in(house, "it_admin")
    [row] = data(browser, f"{{ pools {{ nodes {{ {FIGURES} asOf }} }} }}")["pools"]["nodes"]
    rest = browser.get(f"/api/v1/pools/{pool.id}/").json()
    assert row.pop("asOf")
    assert row == {name: rest[name] for name in FIGURES.split()}
    assert (row["free"], row["limit"]) == (8, 12)


def test_holders_are_the_seats_that_are_held_now(house: Tenant) -> None:
    """A released seat is no holder of its pool; among all assignments it stays."""
    pool = pool_of(house)
    first, second = fill(house, pool, 2)
    browser = signed_in(house, "it_admin")
    data(browser, RELEASE, input={"id": str(first.id), "reason": "Moved"})
    query = "query Q($id: ID!) { pool(id: $id) { holders { nodes { id person { displayName } } } } }"
    rows = data(browser, query, id=str(pool.id))["pool"]["holders"]["nodes"]
    assert [row["id"] for row in rows] == [str(second.id)]

    def found(members: str) -> set[str]:
        nodes = data(browser, f"{{ assignments(filter: {{ {members} }}) {{ nodes {{ id }} }} }}")["assignments"][
            "nodes"
        ]
        return {row["id"] for row in nodes}

    assert found("live: true") == {str(second.id)}
    assert found("live: false") == {str(first.id)}
    assert found(f'pool: "{pool.id}"') == {str(first.id), str(second.id)}
    assert found(f'person: "{first.person_id}", live: true') == set()


def test_who_may_see_pools_but_no_people_gets_the_figures(house: Tenant) -> None:
    """A viewer of dashboards sees use, not users: one error for the field, the figures beside it."""
    pool = pool_of(house)
    fill(house, pool, 2)
    body = ask(signed_in(house, "viewer"), "{ pools { nodes { used free holders { nodes { id } } } } }")
    assert body["data"]["pools"]["nodes"] == [{"used": 2, "free": 8, "holders": None}]
    assert codes(body) == ["PERMISSION_DENIED"]
    assert body["errors"][0]["extensions"]["permission"] == "seats.assignment.view"


def test_a_seat_is_given_once(house: Tenant) -> None:
    """The seat with the figures of the pool after it; the same again is the same seat, and no entry."""
    pool = pool_of(house)
    with house.writing():
        [person] = people(house, 1)
    browser = signed_in(house, "it_admin")
    given = {"pool": str(pool.id), "person": str(person.id), "reason": REASON}
    first, again = ask(browser, ASSIGN, input=given), ask(browser, ASSIGN, input=given)
    seat = first["data"]["assignSeat"]
    assert (seat["source"], seat["directGrant"], seat["person"]) == ("api", True, {"id": str(person.id)})
    assert seat["pool"] == {"used": 1, "free": 9}
    assert again["data"] == first["data"]
    assert "assignSeat" in first["extensions"]["ledgerEntries"]
    assert "extensions" not in again
    assert kinds(house, "seat.") == ["seat.assigned"]


def test_devices_and_strangers_hold_seats_as_well(house: Tenant) -> None:
    """A host takes as many units as it has cores, somebody outside the directory is a name."""
    pool = pool_of(house, bought=32)
    with house.writing():
        host = identity.device(house.organization)
    browser, reason = signed_in(house, "it_admin"), {"pool": str(pool.id), "reason": REASON}
    assert (
        data(browser, ASSIGN, input={**reason, "device": str(host.id), "quantity": 24})["assignSeat"]["quantity"] == 24
    )
    given = {**reason, "externalHolder": " Contractor 7 ", "until": "2099-01-01T00:00:00+02:00"}
    assert data(browser, ASSIGN, input=given)["assignSeat"]["externalHolder"] == "Contractor 7"
    assert used(house, pool) == held(house, pool) == 25


def test_a_full_pool_answers_with_the_figures(house: Tenant) -> None:
    """CAPACITY_EXCEEDED carries what REST carries, and stands in the ledger."""
    pool = pool_of(house, bought=1)
    fill(house, pool, 1)
    with house.writing():
        [person] = people(house, 1)
    given = {"pool": str(pool.id), "person": str(person.id), "reason": REASON}
    body = ask(signed_in(house, "it_admin"), ASSIGN, input=given)
    facts = body["errors"][0]["extensions"]
    assert (body["data"], facts["code"], facts["errorClass"]) == ({"assignSeat": None}, "CAPACITY_EXCEEDED", "CONFLICT")
    assert {name: facts[name] for name in ("capacity", "used", "free", "requested", "next_free_at")} == {
        "capacity": 1,
        "used": 1,
        "free": 0,
        "requested": 1,
        "next_free_at": None,
    }
    assert kinds(house, "seat.") == ["seat.assigned", "seat.refused"]


def test_a_seat_is_given_back_with_a_reason(house: Tenant) -> None:
    """The end stays on record; without a reason nothing ends."""
    pool = pool_of(house)
    [seat] = fill(house, pool, 1)
    browser = signed_in(house, "it_admin")
    without = ask(browser, RELEASE, input={"id": str(seat.id), "reason": " "})
    assert (codes(without), without["errors"][0]["extensions"]["pointer"]) == (
        ["RELEASE_REASON_REQUIRED"],
        "/input/reason",
    )
    row = data(browser, RELEASE, input={"id": str(seat.id), "reason": "Moved to sales"})["releaseSeat"]
    assert (row["endReason"], row["releasedAt"] is not None) == ("Moved to sales", True)
    assert used(house, pool) == 0


@pytest.mark.parametrize(
    ("members", "code", "pointer"),
    [
        ({"person": NOBODY}, "NOT_FOUND", "/input/person"),
        ({"person": "Ann"}, "INVALID_INPUT", "/input/person"),
        ({"device": NOBODY}, "NOT_FOUND", "/input/device"),
        ({}, "HOLDER_UNCLEAR", "/input/person"),
        ({"externalHolder": "Ann", "reason": ""}, "REASON_REQUIRED", "/input/reason"),
        ({"externalHolder": "Ann", "quantity": 0}, "QUANTITY_INVALID", "/input/quantity"),
        ({"externalHolder": "Ann", "quantity": 1_000_001}, "INVALID_INPUT", "/input/quantity"),
        ({"externalHolder": "Ann", "until": "2001-01-01T00:00:00Z"}, "SEAT_TERM_INVALID", "/input/until"),
        ({"externalHolder": "Ann", "until": "2099-01-01T00:00:00"}, "INVALID_INPUT", "/input/until"),
        ({"externalHolder": "Ann", "until": "9999-12-31T23:59:59-14:00"}, "INVALID_INPUT", "/input/until"),
        ({"externalHolder": "A" * 201}, "INVALID_INPUT", "/input/externalHolder"),
        ({"externalHolder": "Ann", "reason": "x" * 501}, "INVALID_INPUT", "/input/reason"),
        ({"externalHolder": "Ann", "pool": NOBODY}, "NOT_FOUND", "/input/pool"),
        ({"externalHolder": "Ann", "pool": "7"}, "INVALID_INPUT", "/input/pool"),
    ],
)
def test_bad_input_points_at_the_mistake(house: Tenant, members: dict[str, Any], code: str, pointer: str) -> None:
    """null, a code and a pointer into the input; no seat is taken."""
    pool = pool_of(house)
    given = {"pool": str(pool.id), "reason": REASON, **members}
    body = ask(signed_in(house, "it_admin"), ASSIGN, input=given)
    assert (body["data"], codes(body)) == ({"assignSeat": None}, [code])
    assert body["errors"][0]["extensions"]["pointer"] == pointer
    assert used(house, pool) == held(house, pool) == 0


CALLS = (
    (ASSIGN, lambda pool, seat: {"pool": pool, "externalHolder": "Ann", "reason": REASON}),
    (RELEASE, lambda pool, seat: {"id": seat, "reason": REASON}),
)


@pytest.mark.parametrize(("mutation", "given"), CALLS)
def test_visitors_are_asked_to_sign_in(mutation: str, given: Any) -> None:
    """401 with a stable code."""
    answer = response(Client(HTTP_HOST="127.0.0.1"), mutation, input=given(NOBODY, NOBODY))
    assert (answer.status_code, codes(answer.json())) == (401, ["SIGN_IN_REQUIRED"])


@pytest.mark.parametrize("role", ["member", "auditor", "finance"])
@pytest.mark.parametrize(("mutation", "given"), CALLS)
def test_readers_change_nothing(house: Tenant, mutation: str, given: Any, role: str) -> None:
    """Whoever only reads is refused, and the seat is held as before."""
    pool = pool_of(house)
    [seat] = fill(house, pool, 1)
    body = ask(signed_in(house, role), mutation, input=given(str(pool.id), str(seat.id)))
    assert (codes(body), list(body["data"].values())) == (["PERMISSION_DENIED"], [None])
    assert used(house, pool) == held(house, pool) == 1


@pytest.mark.parametrize(("mutation", "given"), CALLS)
def test_another_organisations_rows_do_not_exist(house: Tenant, mutation: str, given: Any) -> None:
    """NOT_FOUND, the same as for ids that nobody has; nothing changes there."""
    other = tenant()
    pool = pool_of(other)
    [seat] = fill(other, pool, 1)
    browser = signed_in(house, "it_admin")
    foreign = ask(browser, mutation, input=given(str(pool.id), str(seat.id)))
    assert codes(foreign) == ["NOT_FOUND"]
    assert foreign == ask(browser, mutation, input=given(NOBODY, NOBODY))
    assert used(other, pool) == held(other, pool) == 1


def test_another_organisations_holder_does_not_exist(house: Tenant) -> None:
    """A person of elsewhere gets no seat here, and the answer is that of an unknown person."""
    other = tenant()
    with other.writing():
        [foreign] = people(other, 1)
        host = identity.device(other.organization)
    pool = pool_of(house)
    browser = signed_in(house, "it_admin")
    for member, key in (("person", foreign.id), ("device", host.id)):
        given = {"pool": str(pool.id), "reason": REASON}
        body = ask(browser, ASSIGN, input={**given, member: str(key)})
        assert body == ask(browser, ASSIGN, input={**given, member: NOBODY})
    assert used(house, pool) == 0


def test_pools_with_figures_and_holders_cost_what_one_does(house: Tenant) -> None:
    """Fifty pools, their rights, products, publishers and holders: the statements of one pool."""
    browser = signed_in(house, "it_admin")
    query = f"""{{ pools {{ nodes {{ {FIGURES} product {{ name publisher {{ name }} }} metric {{ name }}
        holders(first: 5) {{ nodes {{ since person {{ displayName emails {{ nodes {{ value }} }} }} }} }} }} }} }}"""
    counts = []
    for more in (1, 49):
        for _pool in range(more):
            fill(house, pool_of(house), 2)
        data(browser, query)
        with CaptureQueriesContext(connection) as queries:
            rows = data(browser, query)["pools"]["nodes"]
        counts.append(len(queries))
    assert len(rows) == 50
    assert all(len(row["holders"]["nodes"]) == 2 for row in rows)
    assert counts[0] == counts[1]
    assert counts[0] <= 18  # five of them open and close the scope on PostgreSQL


def test_ten_seats_are_given_in_one_request(house: Tenant) -> None:
    """As many changes as a request may carry are carried out, each with its own entry."""
    pool = pool_of(house)
    seat = 'assignSeat(input: {{pool: "{0}", externalHolder: "Guest {1}", reason: "Fair"}}) {{ id pool {{ used }} }}'
    query = "mutation { " + " ".join(f"n{n}: {seat.format(pool.id, n)}" for n in range(MOST_MUTATION_ROOTS)) + " }"
    body = ask(signed_in(house, "it_admin"), query)
    assert "errors" not in body
    assert [row["pool"]["used"] for row in body["data"].values()] == list(range(1, 11))
    assert len(set(body["extensions"]["ledgerEntries"].values())) == 10


def test_a_mutation_costs_the_same_in_a_full_pool(house: Tenant) -> None:
    """Giving a seat and giving it back reads no more when others hold seats."""
    pool = pool_of(house, bought=100)
    browser = signed_in(house, "it_admin")
    counts = []
    for others in (0, 40):
        fill(house, pool, others)
        with house.writing():
            [person] = people(house, 1)
        with CaptureQueriesContext(connection) as queries:
            given = {"pool": str(pool.id), "person": str(person.id), "reason": REASON}
            seat = data(browser, ASSIGN, input=given)["assignSeat"]
            data(browser, RELEASE, input={"id": seat["id"], "reason": REASON})
        counts.append(len(queries))
    assert counts[0] == counts[1]
