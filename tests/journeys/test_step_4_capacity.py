"""Step 4: no way in gives a seat beyond capacity; each refuses, says why, and writes nothing but the refusal."""

import html
from typing import Any

import pytest
from django.test import Client

from tests.factories.tenants import Tenant, signed_in
from tests.journeys.houses import committed, halden, listed, peopled, rest, uploaded
from tests.plugins.databases import CommittedDatabase
from tests.seats.books import kinds

RIGHTS = 3
REASON = "Joined the design team"
SHEET_OF_RIGHTS = f"""Publisher;Product;Edition;Metric;Quantity;Licence model;Start;End;Evidence
Brightfold;Brightfold Diagram;Team;named_user;{RIGHTS};subscription;2026-01-01;2126-01-01;contracts/2026.pdf
"""
SHEET_OF_SEATS = "Product;Edition;User name\nBrightfold Diagram;Team;{user_name}\n"
FULL = f"is full: {RIGHTS} of {RIGHTS} seats are in use"


@pytest.fixture(scope="module")
def house(committed_db: CommittedDatabase) -> Tenant:
    return peopled(halden())


@pytest.fixture(scope="module")
def it(house: Tenant) -> Client:
    return signed_in(house, "it_admin")


@pytest.fixture(scope="module")
def people(it: Client) -> list[dict[str, Any]]:
    return listed(it, "people/")


@pytest.fixture(scope="module")
def pool(house: Tenant, it: Client, people: list[dict[str, Any]]) -> dict[str, Any]:
    """Three seats, all of them held."""
    committed(house, it, uploaded(it, "entitlements", "rights.csv", SHEET_OF_RIGHTS.encode()))
    [pool] = listed(it, "pools/")
    for person in people[:RIGHTS]:
        rest(it, f"pools/{pool['id']}/assign/", {"person": person["id"], "reason": REASON})
    return pool


@pytest.fixture
def before(house: Tenant, it: Client, pool: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """Who holds seats, and what the ledger says of them, before the test tries for one more."""
    return listed(it, "assignments/?live=true"), kinds(house, "seat.")


def assert_only_refused(house: Tenant, it: Client, before: tuple[list[dict[str, Any]], list[str]]) -> None:
    """The same seats as before, the pool as full as before, and one more entry: that it was refused."""
    held, entries = before
    assert listed(it, "assignments/?live=true") == held
    assert [(row["used"], row["free"]) for row in listed(it, "pools/")] == [(RIGHTS, 0)]
    assert kinds(house, "seat.") == [*entries, "seat.refused"]


def test_rest_refuses(house, it, pool, people, before) -> None:
    """409 with the code, the figures that explain it."""
    answer = it.post(
        f"/api/v1/pools/{pool['id']}/assign/",
        {"person": people[RIGHTS]["id"], "reason": REASON},
        content_type="application/json",
    )
    body = answer.json()
    assert (answer.status_code, body["code"]) == (409, "CAPACITY_EXCEEDED")
    assert (body["capacity"], body["used"], body["free"], body["requested"]) == (RIGHTS, RIGHTS, 0, 1)
    assert_only_refused(house, it, before)


def test_the_form_refuses(house, it, pool, people, before) -> None:
    """The page comes back with the sentence and with what was typed."""
    answer = it.post(
        f"/it/seats/{pool['id']}/assign/",
        {"search": people[RIGHTS]["user_name"], "holder": "", "quantity": 1, "reason": REASON},
    )
    assert answer.status_code == 409
    said = html.unescape(answer.content.decode())
    assert FULL in said
    assert f'value="{REASON}"' in said
    assert_only_refused(house, it, before)


def test_the_admin_action_refuses(house, it, pool, people, before) -> None:
    """A seat in each of the chosen pools or in none: the list comes back with the sentence."""
    chosen = {"action": "assign_in_each", "_selected_action": [pool["id"]]}
    assert it.post("/admin/seats/seatpool/", chosen).status_code == 200
    answer = it.post(
        "/admin/seats/seatpool/",
        {**chosen, "apply": "1", "person": people[RIGHTS]["id"], "reason": REASON},
        follow=True,
    )
    assert FULL in html.unescape(answer.content.decode())
    assert_only_refused(house, it, before)


def test_the_import_refuses(house, it, pool, people, before) -> None:
    """The dry run warns with the code, the commit keeps the use as observed use and gives no seat."""
    sheet = SHEET_OF_SEATS.format(user_name=people[RIGHTS]["user_name"])
    address = uploaded(it, "assignments", "seats.csv", sheet.encode())
    [row] = it.get(address).context["described"]
    assert (row["status"], [finding.code for finding in row["findings"]]) == ("warning", ["CAPACITY_EXCEEDED"])
    committed(house, it, address)
    held, entries = before
    assert listed(it, "assignments/?live=true") == held
    assert [(row["used"], row["free"]) for row in listed(it, "pools/")] == [(RIGHTS, 0)]
    assert kinds(house, "seat.assigned") == [entry for entry in entries if entry == "seat.assigned"]
    [observed] = it.get("/it/").context["observed"]
    assert (observed.product, observed.subjects) == ("Brightfold Diagram", 1)


def test_a_seat_that_is_given_back_can_be_given_again(house, it, pool, people) -> None:
    """The refusal ends when a seat is free: released on the page, assigned on the page, seen on the dashboard at
    once."""
    [first, *_others] = listed(it, "assignments/?live=true")
    released = it.post(f"/it/seats/assignments/{first['id']}/release/", {"reason": "Moved to another team"})
    assert released.status_code == 302
    assert it.get("/it/").context["use"].products[0].used == RIGHTS - 1
    given = it.post(
        f"/it/seats/{pool['id']}/assign/",
        {"search": people[RIGHTS]["user_name"], "holder": "", "quantity": 1, "reason": REASON},
    )
    assert given.status_code == 302, given.content
    assert it.get("/it/").context["use"].products[0].used == RIGHTS
