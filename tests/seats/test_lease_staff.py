"""Floating seats for staff: REST, GraphQL and the admin show who holds and who waits, and take seats away."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kernel.clock import SystemClock
from kernel.trail import open_trail
from licensing.operations import change_quantity
from seats.models import SeatPool
from seats.operations import recount
from seats.schedules import settle_leases
from tests.factories.tenants import signed_in, tenant
from tests.seats.books import kinds
from tests.seats.leasing import Floating, floating

pytestmark = pytest.mark.django_db
NOBODY = "01900000-0000-7000-8000-000000000000"
TERMS: dict[str, Any] = {
    "lease_seconds": 900, "grace_beats": 2, "offer_seconds": 60, "queues": False, "holding": "user", "borrow_days": 3,
    "low_water_percent": 10,
}  # fmt: skip


@pytest.fixture
def two() -> Floating:
    return floating(seats=2)


def operator(one: Floating) -> Client:
    return signed_in(one.vendor.house, "it_admin")


def post(browser: Client, path: str, **body: Any) -> Any:
    return browser.post(f"/api/v1/{path}", body, content_type="application/json")


def graph(browser: Client, query: str, **variables: Any) -> Any:
    body = {"query": query, "variables": variables}
    return browser.post("/graphql/", body, content_type="application/json").json()


@pytest.mark.requirement("REQ-159")
def test_who_holds_and_who_waits_is_listed_at_once(two: Floating) -> None:
    """The next request after a check-out shows it: holder, state and queue."""
    browser = operator(two)
    for user in ("anna", "ben", "cleo"):
        two.take(user, department="Design")
    rows = browser.get(f"/api/v1/leases/?live=true&pool={two.pool_id}").json()["results"]
    assert {row["user"]: row["state"] for row in rows} == {"anna": "active", "ben": "active", "cleo": "waiting"}
    assert browser.get(f"/api/v1/leases/{rows[0]['id']}/").json() == rows[0]
    found = graph(browser, "{ leases(filter: {live: true}) { nodes { user state pool { used } } } }")
    assert {one["user"] for one in found["data"]["leases"]["nodes"]} == {"anna", "ben", "cleo"}
    assert "anna" in browser.get(reverse("admin:seats_lease_changelist")).content.decode()


def test_a_seat_is_taken_away_with_a_reason(two: Floating) -> None:
    """The session is told at its next sign, the next of the queue is offered, and the reason stays on record."""
    lease, _other, _waiting = two.take("anna"), two.take("ben"), two.take("cleo")
    browser = operator(two)
    assert post(browser, f"leases/{lease['id']}/release/", reason=" ").status_code == 400
    taken = post(browser, f"leases/{lease['id']}/release/", reason="Left for lunch")
    assert (taken.status_code, taken.json()["state"]) == (200, "revoked")
    assert two.ask("heartbeat", lease=lease["id"]).status_code == 410
    assert {row.user: row.state for row in two.rows()}["cleo"] == "offered"
    again = post(browser, f"leases/{lease['id']}/release/", reason="Again")
    assert (again.status_code, again.json()["code"]) == (409, "LEASE_ENDED")
    assert kinds(two.vendor.house, "lease.") == [
        "lease.started", "lease.started", "lease.queued", "lease.ended", "lease.offered",
    ]  # fmt: skip


def test_graphql_and_admin_take_seats_away_as_well(two: Floating) -> None:
    """One operation behind three surfaces."""
    first, second = two.take("anna"), two.take("ben")
    browser = operator(two)
    asked = 'mutation($id: ID!) { releaseLease(input: {id: $id, reason: "Stuck"}) { state } }'
    assert graph(browser, asked, id=first["id"])["data"]["releaseLease"]["state"] == "revoked"
    given = {
        "action": "take_away",
        "_selected_action": [second["id"]],
        "apply": "1",
        "reason": "Stuck",
        "select_across": "0",
    }
    assert browser.post(reverse("admin:seats_lease_changelist"), given).status_code == 302
    assert {row.state for row in two.rows()} == {"revoked"}
    assert two.used() == 0


@pytest.mark.parametrize("path", ["leases/", "leases/{lease}/", "floating-pools/{pool}/", "floating-pools/{pool}/use/"])
def test_reading_needs_a_role_of_the_same_organisation(two: Floating, path: str) -> None:
    """Visitors 401, others without the right 403, another organisation 404 or nothing."""
    address = "/api/v1/" + path.format(lease=two.take()["id"], pool=two.pool_id)
    assert Client().get(address).status_code == 401
    assert signed_in(two.vendor.house, "member").get(address).status_code == 403
    stranger = signed_in(tenant(), "it_admin").get(address)
    assert stranger.status_code == (200 if path == "leases/" else 404)
    assert path != "leases/" or stranger.json()["results"] == []
    assert operator(two).get(address).status_code == 200


def test_writing_needs_its_right(two: Floating) -> None:
    """Who may see leases may not take them away, and who may assign seats may not set terms."""
    lease = two.take()
    auditor = signed_in(two.vendor.house, "auditor")
    assert post(auditor, f"leases/{lease['id']}/release/", reason="No").status_code == 403
    assert post(auditor, f"floating-pools/{two.pool_id}/terms/", **TERMS).status_code == 403
    assert post(operator(two), f"leases/{NOBODY}/release/", reason="No").status_code == 404


def test_terms_are_set_and_hold_from_then_on(two: Floating) -> None:
    """The usual ones until then; afterwards no queue, and users share a seat."""
    browser = operator(two)
    assert browser.get(f"/api/v1/floating-pools/{two.pool_id}/").json()["lease_seconds"] == 600
    assert post(browser, f"floating-pools/{two.pool_id}/terms/", **TERMS).json() == TERMS
    assert browser.get(f"/api/v1/floating-pools/{two.pool_id}/").json() == TERMS
    assert two.take("anna", machine="a")["id"] == two.take("anna", machine="b")["id"]
    wrong = post(browser, f"floating-pools/{two.pool_id}/terms/", **{**TERMS, "borrow_days": 8})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (400, "/borrow_days")


def test_a_priority_is_set_over_rest(two: Floating) -> None:
    """Of a department or a group, one of them; null takes it away."""
    browser = operator(two)
    path = f"floating-pools/{two.pool_id}/priority/"
    assert post(browser, path, department="Design", priority=1).status_code == 200
    two.take("anna"), two.take("ben"), two.take("cleo")
    assert two.take("dan", department="design")["position"] == 1
    assert post(browser, path, department="Design", priority=None).status_code == 200
    assert two.take("eve", department="design")["position"] == 3
    assert post(browser, path, priority=1).json()["code"] == "LEASE_TERMS_INVALID"


@pytest.mark.requirement("REQ-156")
def test_use_is_told_per_user_and_department(two: Floating) -> None:
    """Check-outs, denials and waits by each, and the peak of the hour and the day."""
    two.terms(queues=False)
    first = two.take("anna", department="Design")
    two.take("ben", department="Build")
    assert two.ask("checkout", holder={"user": "cleo", "department": "Build"}).status_code == 409
    two.ask("checkin", lease=first["id"])
    browser = operator(two)
    told = browser.get(f"/api/v1/floating-pools/{two.pool_id}/use/?by=department&span=day&days=1").json()
    assert {one["name"]: (one["check_outs"], one["denials"]) for one in told["use"]} == {
        "Build": (1, 1), "Design": (1, 0),
    }  # fmt: skip
    assert [one["seats"] for one in told["peaks"]] == [2]
    hourly = browser.get(f"/api/v1/floating-pools/{two.pool_id}/use/").json()
    assert {one["name"] for one in hourly["use"]} == {"anna", "ben", "cleo"}
    assert (len(hourly["peaks"]), hourly["peaks"][-1]["seats"]) == (168, 2)
    wrong = browser.get(f"/api/v1/floating-pools/{two.pool_id}/use/?days=32")
    assert wrong.status_code == 400


def test_lists_cost_the_same_for_one_and_for_many(two: Floating) -> None:
    """No query for each row."""
    browser = operator(two)
    costs = []
    for users in (("anna",), ("ben", "cleo", "dan", "eve")):
        for user in users:
            two.take(user)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert browser.get("/api/v1/leases/").status_code == 200
        costs.append(len(captured))
    assert costs[0] == costs[1]


def test_hygiene_ends_what_has_expired(two: Floating) -> None:
    """Each minute, for pools that nobody asks for; a second run finds nothing."""
    lease = two.take()
    two.late(lease["id"], expires_at=SystemClock().now())
    for _again in range(2):
        settle_leases(two.vendor.house.organization.id, SystemClock())
        assert (two.rows()[0].state, two.used()) == ("expired", 0)
    assert kinds(two.vendor.house, "lease.") == ["lease.started", "lease.ended"]


def test_the_recount_counts_leases(two: Floating) -> None:
    """A counter that somebody changed past the operations is set right again."""
    two.take()
    with two.vendor.house.writing():
        SeatPool.objects.filter(id=two.pool_id).update(used=0)
    with two.vendor.house.writing() as trail:
        [found] = recount(trail=trail)
    assert (found.before, found.counted, two.used()) == (0, 1, 1)


def test_a_licence_that_grows_lets_its_pool_grow(two: Floating) -> None:
    """Two seats become three at once; fewer hold from the next check-out on."""
    for quantity, state in ((3, "active"), (1, "waiting")):
        with open_trail(actor=two.vendor.house.actor) as trail:
            change_quantity(license_id=two.license.id, quantity=quantity, reason="More", confirmed=None, trail=trail)
        for number in range(quantity):
            two.take(f"{quantity}-{number}")
        assert two.rows()[-1].state == state
    assert two.used() == 3
