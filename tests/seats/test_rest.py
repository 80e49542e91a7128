"""REST of pools and assignments: works, visitor, wrong role, other organisation, bad input, constant cost."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import identity
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.seats.books import REASON, fed_pool, fill, held, kinds, people, used

pytestmark = pytest.mark.django_db
NOBODY = "01900000-0000-7000-8000-000000000000"


def pool_of(one: Tenant, **columns):
    with one.writing():
        return fed_pool(one, **columns)


def post(browser: Client, path: str, **body):
    return browser.post(f"/api/v1/{path}", body, content_type="application/json")


def test_pools_are_listed_with_their_figures():
    """Capacity, cover, limit, use, free seats and the moment that they hold for."""
    one = tenant()
    pool = pool_of(one, bought=10, overdraft=2)
    fill(one, pool, 4)
    browser = signed_in(one, "it_admin")
    [row] = browser.get("/api/v1/pools/").json()["results"]
    figures = {name: row[name] for name in ("capacity", "covered", "limit", "used", "free", "excess")}
    assert figures == {"capacity": 10, "covered": 10, "limit": 12, "used": 4, "free": 8, "excess": 0}
    single = browser.get(f"/api/v1/pools/{pool.id}/").json()
    assert single.pop("as_of") >= row.pop("as_of")
    assert single == row


def test_a_seat_is_assigned_once():
    """201 with the seat and the number of its ledger entry; the same again is 200 with the same seat."""
    one = tenant()
    pool = pool_of(one)
    browser = signed_in(one, "it_admin")
    with one.writing():
        [person] = people(one, 1)
    answers = [post(browser, f"pools/{pool.id}/assign/", person=str(person.id), reason=REASON) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["direct_grant"] is True
    assert (answers[0].json()["source"], answers[0].json()["person"]) == ("api", str(person.id))
    assert "Ledger-Entry" in answers[0]
    assert "Ledger-Entry" not in answers[1]
    assert used(one, pool) == 1


def test_a_device_and_an_external_holder_take_their_quantity():
    """A host of 24 cores is one row of 24."""
    one = tenant()
    pool = pool_of(one, bought=32)
    with one.writing():
        host = identity.device(one.organization)
    browser = signed_in(one, "it_admin")
    assert post(browser, f"pools/{pool.id}/assign/", device=str(host.id), quantity=24, reason=REASON).status_code == 201
    assert post(browser, f"pools/{pool.id}/assign/", external_holder="Contractor 7", reason=REASON).status_code == 201
    assert used(one, pool) == held(one, pool) == 25


def test_a_full_pool_answers_409_with_the_figures():
    """CAPACITY_EXCEEDED carries capacity, used, free and next_free_at, and stands in the ledger."""
    one = tenant()
    pool = pool_of(one, bought=1)
    fill(one, pool, 1)
    with one.writing():
        [person] = people(one, 1)
    answer = post(signed_in(one, "it_admin"), f"pools/{pool.id}/assign/", person=str(person.id), reason=REASON)
    body = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert {name: body[name] for name in ("code", "capacity", "used", "free", "requested", "next_free_at")} == {
        "code": "CAPACITY_EXCEEDED",
        "capacity": 1,
        "used": 1,
        "free": 0,
        "requested": 1,
        "next_free_at": None,
    }
    assert kinds(one, "seat.") == ["seat.assigned", "seat.refused"]


def test_a_preview_writes_nothing_and_the_commit_does_the_same():
    """Twelve on a pool of ten: previewed, refused as a whole, and carried out as far as they fit."""
    one = tenant()
    pool = pool_of(one)
    with one.writing():
        ids = [str(person.id) for person in people(one, 12)]
    browser, path = signed_in(one, "it_admin"), f"pools/{pool.id}/assign-many/"
    preview = post(browser, path, people=ids, reason=REASON, preview=True).json()
    assert (preview["preview"], preview["capacity"], preview["used"], preview["free"]) == (True, 10, 10, 0)
    assert used(one, pool) == 0
    whole = post(browser, path, people=ids, reason=REASON)
    assert (whole.status_code, whole.json()["code"], whole.json()["requested"]) == (409, "CAPACITY_EXCEEDED", 12)
    assert used(one, pool) == 0
    part = post(browser, path, people=ids, reason=REASON, allow_partial=True).json()
    assert (part["preview"], part["used"], part["free"]) == (False, 10, 0)
    outcomes = {
        name: [row["person"] for row in part["outcomes"] if row["outcome"] == name] for name in ("assigned", "left_out")
    }
    assert outcomes == {"assigned": ids[:10], "left_out": ids[10:]}
    assert [(row["person"], row["outcome"], row["code"]) for row in part["outcomes"]] == [
        (row["person"], row["outcome"], row["code"]) for row in preview["outcomes"]
    ]
    assert used(one, pool) == held(one, pool) == 10


def test_a_seat_is_released_with_a_reason():
    """The answer shows the end; the list of live seats loses it, the list of all keeps it."""
    one = tenant()
    pool = pool_of(one)
    row, _other = fill(one, pool, 2)
    browser = signed_in(one, "it_admin")
    assert post(browser, f"assignments/{row.id}/release/").json()["errors"][0]["pointer"] == "/reason"
    answer = post(browser, f"assignments/{row.id}/release/", reason="Moved to sales")
    assert (answer.status_code, answer.json()["end_reason"]) == (200, "Moved to sales")
    assert used(one, pool) == 1
    live = browser.get(f"/api/v1/assignments/?live=true&pool={pool.id}").json()["results"]
    assert len(live) == 1
    assert len(browser.get("/api/v1/assignments/").json()["results"]) == 2
    assert browser.get(f"/api/v1/assignments/{row.id}/").json()["released_at"] is not None


CALLS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("get", "pools/", {}),
    ("get", "pools/{pool}/", {}),
    ("post", "pools/{pool}/assign/", {"external_holder": "Ann", "reason": REASON}),
    ("post", "pools/{pool}/assign-many/", {"people": [NOBODY], "reason": REASON}),
    ("get", "assignments/", {}),
    ("get", "assignments/{seat}/", {}),
    ("post", "assignments/{seat}/release/", {"reason": REASON}),
    ("post", "assignments/{seat}/transfer/", {"external_holder": "Ann", "reason": REASON}),
    ("post", "pools/{pool}/limits/", {"overdraft": 1}),
    ("get", "pools/{pool}/cut/", {}),
    ("post", "pools/{pool}/plan-cut/", {"capacity": 1, "reason": REASON}),
    ("post", "pools/{pool}/confirm-cut/", {"losers": []}),
    ("post", "pools/{pool}/cancel-cut/", {}),
    ("post", "pools/{pool}/restrict/", {"restricted": True, "reason": REASON}),
)


def called(browser: Client, method: str, path: str, body: dict[str, object], **ids):
    address = path.format(**ids)
    return browser.get(f"/api/v1/{address}") if method == "get" else post(browser, address, **body)


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_visitors_are_asked_to_sign_in(method, path, body):
    """401 with a stable code, whatever is asked for."""
    answer = called(Client(HTTP_HOST="127.0.0.1"), method, path, body, pool=NOBODY, seat=NOBODY)
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_IN_REQUIRED")


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_members_without_the_permission_are_refused(method, path, body):
    """403, and nothing is written."""
    one = tenant()
    pool = pool_of(one)
    [row] = fill(one, pool, 1)
    answer = called(signed_in(one, "member"), method, path, body, pool=pool.id, seat=row.id)
    assert (answer.status_code, answer.json()["code"]) == (403, "PERMISSION_DENIED")
    assert used(one, pool) == 1


@pytest.mark.parametrize(("method", "path", "body"), [call for call in CALLS if call[0] == "post"])
def test_readers_cannot_write(method, path, body):
    """An auditor sees seats and changes none."""
    one = tenant()
    pool = pool_of(one)
    [row] = fill(one, pool, 1)
    assert called(signed_in(one, "auditor"), method, path, body, pool=pool.id, seat=row.id).status_code == 403
    assert used(one, pool) == 1


@pytest.mark.parametrize(("method", "path", "body"), [call for call in CALLS if "{" in call[1]])
def test_another_organisations_rows_do_not_exist(method, path, body):
    """404, the same as for an id that nobody has; lists do not show them."""
    one, other = tenant(), tenant()
    pool = pool_of(other)
    [row] = fill(other, pool, 1)
    browser = signed_in(one, "it_admin")
    foreign = called(browser, method, path, body, pool=pool.id, seat=row.id)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "NOT_FOUND")
    assert foreign.json() == called(browser, method, path, body, pool=NOBODY, seat=NOBODY).json()
    assert (
        browser.get("/api/v1/pools/").json()["results"] == browser.get("/api/v1/assignments/").json()["results"] == []
    )
    assert used(other, pool) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"person": NOBODY, "reason": REASON}, "/person"),
        ({"person": "Ann", "reason": REASON}, "/person"),
        ({"reason": REASON}, "/person"),
        ({"external_holder": "Ann"}, "/reason"),
        ({"external_holder": "Ann", "reason": REASON, "quantity": 0}, "/quantity"),
        ({"external_holder": "Ann", "reason": REASON, "quantity": "many"}, "/quantity"),
        ({"external_holder": "Ann", "reason": REASON, "until": "2001-01-01T00:00:00Z"}, "/until"),
        ({"external_holder": "A" * 201, "reason": REASON}, "/external_holder"),
        ({"external_holder": "Ann", "reason": "a\x00b"}, "/reason"),
    ],
)
def test_bad_input_points_at_the_mistake(body, pointer):
    """400 with a JSON pointer; nothing is half-written."""
    one = tenant()
    pool = pool_of(one)
    answer = post(signed_in(one, "it_admin"), f"pools/{pool.id}/assign/", **body)
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (400, [pointer])
    assert used(one, pool) == held(one, pool) == 0


def test_unknown_people_in_a_bulk_are_pointed_at():
    """Ids of another organisation are as unknown as invented ones; each is named by its place."""
    one, other = tenant(), tenant()
    pool = pool_of(one)
    with one.writing():
        [mine] = people(one, 1)
    with other.writing():
        [foreign] = people(other, 1)
    answer = post(
        signed_in(one, "it_admin"),
        f"pools/{pool.id}/assign-many/",
        people=[str(mine.id), str(foreign.id), NOBODY],
        reason=REASON,
        allow_partial=True,
    )
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/people/1", "/people/2"]
    assert used(one, pool) == 0


@pytest.mark.parametrize("path", ["pools/", "assignments/"])
def test_lists_cost_the_same_for_one_row_and_fifty(path):
    """No query per row."""
    one = tenant()
    browser = signed_in(one, "it_admin")
    counts = []
    for more in (1, 49):
        for _ in range(more):
            fill(one, pool_of(one), 1)
        browser.get(f"/api/v1/{path}")
        with CaptureQueriesContext(connection) as queries:
            assert len(browser.get(f"/api/v1/{path}").json()["results"]) in {1, 50}
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_interface_describes_itself():
    """The OpenAPI document lists the routes with what they take and answer."""
    one = tenant()
    paths = signed_in(one, "it_admin").get("/api/v1/openapi.json").json()["paths"]
    assign = paths["/api/v1/pools/{id}/assign/"]["post"]
    assert set(assign["responses"]) == {"200", "201", "409"}
    assert "/api/v1/assignments/{id}/release/" in paths
