"""REST of limits, cuts, reservations, eligibility and transfers: what the operations do, and their refusals."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from seats.models import SeatPool
from tests.factories import identity, seats
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.graphs import NOBODY
from tests.seats.books import REASON, fed_pool, fill, held, people, used

pytestmark = pytest.mark.django_db
JSON = "application/json"


def house(filled: int = 0) -> tuple[Tenant, SeatPool, Client]:
    one = tenant()
    with one.writing():
        pool = fed_pool(one)
    if filled:
        fill(one, pool, filled)
    return one, pool, signed_in(one, "it_admin")


def post(browser: Client, path: str, **body: object):
    return browser.post(f"/api/v1/{path}", body, content_type=JSON)


def test_limits_change_one_by_one() -> None:
    """What is left out stays; the answer is the pool with its figures."""
    _one, pool, browser = house(3)
    answer = post(browser, f"pools/{pool.id}/limits/", overdraft=2, hard_limit=False)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["capacity"], body["overdraft"], body["hard_limit"], body["free"]) == (10, 2, False, 9)
    assert post(browser, f"pools/{pool.id}/limits/", capacity=4).json()["capacity"] == 4
    refused = post(browser, f"pools/{pool.id}/limits/", capacity=0)
    assert (refused.status_code, refused.json()["code"], refused.json()["used"]) == (409, "CAPACITY_BELOW_USE", 3)
    assert post(browser, f"pools/{pool.id}/limits/", capacity=-1).json()["errors"][0]["pointer"] == "/capacity"


def test_a_cut_is_planned_shown_and_confirmed() -> None:
    """The list of losers comes with the plan; exactly that list is taken, any other is refused."""
    one, pool, browser = house(8)
    planned = post(browser, f"pools/{pool.id}/plan-cut/", capacity=6, reason="Smaller contract").json()
    assert (planned["capacity"], planned["pending_capacity"], planned["excess"]) == (10, 6, 2)
    assert planned == browser.get(f"/api/v1/pools/{pool.id}/cut/").json()
    losers = [row["id"] for row in planned["losers"]]
    wrong = post(browser, f"pools/{pool.id}/confirm-cut/", losers=losers[:1])
    assert (wrong.status_code, wrong.json()["code"]) == (409, "CUT_CHANGED")
    done = post(browser, f"pools/{pool.id}/confirm-cut/", losers=losers).json()
    assert (done["capacity"], done["used"], done["pending_capacity"]) == (6, 6, None)
    assert used(one, pool) == held(one, pool) == 6
    assert post(browser, f"pools/{pool.id}/cancel-cut/").json()["code"] == "CUT_NOT_PENDING"


def test_a_cut_is_called_off() -> None:
    """The pool is as it was."""
    _one, pool, browser = house(8)
    post(browser, f"pools/{pool.id}/plan-cut/", capacity=6, reason="Smaller contract")
    assert post(browser, f"pools/{pool.id}/cancel-cut/").json()["pending_capacity"] is None


def test_a_reservation_is_set_listed_and_ended() -> None:
    """With what its people hold; the pool shows what is kept and what is free."""
    one, pool, browser = house()
    with one.writing():
        unit = identity.unit(one.organization)
    made = post(browser, "reservations/", pool=str(pool.id), unit=str(unit.id), quantity=4, reason=REASON)
    assert made.status_code == 201
    row = made.json()
    assert (row["quantity"], row["held"], row["undrawn"]) == (4, 0, 4)
    assert browser.get(f"/api/v1/reservations/{row['id']}/").json() == row
    state = browser.get(f"/api/v1/pools/{pool.id}/").json()
    assert (state["reserved"], state["free"]) == (4, 6)
    ended = f"reservations/{row['id']}/end/"
    assert post(browser, ended).json()["errors"][0]["pointer"] == "/reason"
    assert post(browser, ended, reason="Over").status_code == 204
    assert post(browser, ended, reason="Over").status_code == 404
    assert browser.get("/api/v1/reservations/").json()["results"] == []


def test_a_restricted_pool_refuses_alike() -> None:
    """Alone and in a bulk the same code; who is named gets a seat."""
    one, pool, browser = house()
    with one.writing():
        named, stranger = people(one, 2)
    assert post(browser, f"pools/{pool.id}/restrict/", restricted=True, reason=REASON).json()["restricted"] is True
    made = post(browser, "eligibilities/", pool=str(pool.id), person=str(named.id), reason=REASON)
    assert (made.status_code, made.json()["person"]) == (201, str(named.id))
    alone = post(browser, f"pools/{pool.id}/assign/", person=str(stranger.id), reason=REASON)
    assert (alone.status_code, alone.json()["code"]) == (409, "NOT_ELIGIBLE")
    bulk = post(
        browser,
        f"pools/{pool.id}/assign-many/",
        people=[str(named.id), str(stranger.id)],
        reason=REASON,
        allow_partial=True,
    ).json()
    assert [(row["outcome"], row["code"]) for row in bulk["outcomes"]] == [
        ("assigned", ""),
        ("left_out", "NOT_ELIGIBLE"),
    ]
    assert post(browser, f"eligibilities/{made.json()['id']}/end/", reason="Over").status_code == 204


def test_a_seat_passes_on() -> None:
    """The answer is the new seat; the old one stays on record, and the use is the same."""
    one, pool, browser = house()
    seat = fill(one, pool, 10)[0]
    with one.writing():
        [person] = people(one, 1)
    answer = post(browser, f"assignments/{seat.id}/transfer/", person=str(person.id), reason="Another team")
    assert (answer.status_code, answer.json()["person"], answer.json()["source"]) == (200, str(person.id), "api")
    assert browser.get(f"/api/v1/assignments/{seat.id}/").json()["end_reason"] == "Another team"
    assert used(one, pool) == held(one, pool) == 10
    again = post(browser, f"assignments/{seat.id}/transfer/", person=str(person.id), reason="Another team")
    assert (again.status_code, again.json()["code"]) == (409, "SEAT_RELEASED")


@pytest.mark.parametrize("resource", ["reservations", "eligibilities"])
def test_rows_of_others_do_not_exist_and_lists_cost_the_same(resource: str) -> None:
    """404 for another organisation's row; as many queries for one row as for ten; 401 for visitors, 403 for readers."""
    one, pool, browser = house()
    other, theirs, _browser = house()
    make: Callable[[SeatPool], Any] = seats.reservation if resource == "reservations" else seats.eligibility
    with other.writing():
        foreign = make(theirs)
    counts = []
    for more in (1, 9):
        with one.writing():
            for _ in range(more):
                mine = make(pool)
        browser.get(f"/api/v1/{resource}/")
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(f"/api/v1/{resource}/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    for row_id in (foreign.id, NOBODY):
        assert browser.get(f"/api/v1/{resource}/{row_id}/").status_code == 404
        assert post(browser, f"{resource}/{row_id}/end/", reason="x").status_code == 404
    assert Client(HTTP_HOST="127.0.0.1").get(f"/api/v1/{resource}/").status_code == 401
    auditor = signed_in(one, "auditor")
    assert post(auditor, f"{resource}/{mine.id}/end/", reason="x").status_code == 403
    assert post(auditor, f"{resource}/", reason="x").status_code == 403
