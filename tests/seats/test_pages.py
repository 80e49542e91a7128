"""The pages of seats: who sees what, finding a holder, giving and releasing a seat, and errors beside the form."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from seats.models import Assignment, SeatPool
from seats.queries import holder_name
from tests.factories import identity, seats
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.seats.books import REASON, fed_pool, fill, held, kinds, people, used

pytestmark = pytest.mark.django_db
LIST = "/it/seats/"
HTMX = {"HX-Request": "true"}


def pool_of(one: Tenant, **columns) -> SeatPool:
    with one.writing():
        return fed_pool(one, **columns)


def text_of(answer) -> str:
    return str(answer.content.decode())


def address(name: str, *ids) -> str:
    return reverse(f"seats:{name}", args=ids)


def test_the_list_shows_the_fullest_pools_first():
    """Over-allocated, then full, then free: with use of the limit and a word for the state."""
    one = tenant()
    fill(one, pool_of(one, name="Half full", bought=4), 2)
    fill(one, pool_of(one, name="Quite full", bought=1), 1)
    with one.writing():
        seats.pool(one.organization, name="Far beyond", capacity=20, used=3)
    page = text_of(signed_in(one, "it_admin").get(LIST))
    assert page.index("Far beyond") < page.index("Quite full") < page.index("Half full")
    for words in ("2 / 4", "1 / 1", "3 / 0", "Over-allocated", "Full", "Seats free"):
        assert words in page


@pytest.mark.parametrize(
    ("asked", "seen"),
    [({"q": "sketch"}, {"Sketcher"}), ({"state": "full"}, {"Sketcher"}), ({"state": "free"}, {"Modeller"}), ({}, None)],
)
def test_the_list_is_searched_and_filtered(asked, seen):
    """By words and by state; a partial update brings the list alone."""
    one = tenant()
    fill(one, pool_of(one, name="Sketcher", bought=1), 1)
    pool_of(one, name="Modeller")
    answer = signed_in(one, "it_admin").get(LIST, asked, headers=HTMX)
    shown = {name for name in ("Sketcher", "Modeller") if name in text_of(answer)}
    assert shown == (seen or {"Sketcher", "Modeller"})
    assert "<html" not in text_of(answer)


def test_an_empty_book_says_what_to_do():
    """No pools: the page tells where they come from."""
    assert "No pools yet" in text_of(signed_in(tenant(), "it_admin").get(LIST))


def test_lists_cost_the_same_for_one_row_and_many():
    """No query per pool, none per holder."""
    one = tenant()
    browser = signed_in(one, "it_admin")
    pool = pool_of(one, bought=100)
    counts: dict[str, list[int]] = {LIST: [], address("pool", pool.id): []}
    for more in (1, 20):
        fill(one, pool, more)
        for _ in range(more):
            pool_of(one)
        for path, found in counts.items():
            browser.get(path)
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(path).status_code == 200
            found.append(len(queries))
    assert all(few == many for few, many in counts.values())


def test_the_page_of_a_pool_shows_as_much_as_the_role_may_see():
    """An IT admin sees holders and the form, an auditor the holders, a viewer the figures alone."""
    one = tenant()
    pool = pool_of(one)
    [row] = fill(one, pool, 1)
    name = holder_name(row)
    seen = {}
    for role in ("it_admin", "auditor", "viewer"):
        page = text_of(signed_in(one, role).get(address("pool", pool.id)))
        seen[role] = (name in page, address("assign", pool.id) in page, address("release", row.id) in page)
        assert "1 / 10" in page or ">1<" in page
    assert seen == {
        "it_admin": (True, True, True),
        "auditor": (True, False, False),
        "viewer": (False, False, False),
    }


def test_the_search_offers_people_and_devices():
    """By name, address or host; who holds a seat is marked; other organisations' people are never found."""
    one, other = tenant(), tenant()
    pool = pool_of(one)
    [row] = fill(one, pool, 1)
    with one.writing():
        ann = identity.person(one.organization, user_name="ann.lindqvist")
        host = identity.device(one.organization, hostname="ANNEX-7")
    with other.writing():
        identity.person(other.organization, user_name="ann.foreign")
    browser, path = signed_in(one, "it_admin"), address("candidates", pool.id)
    found = text_of(browser.get(path, {"search": "ann"}, headers=HTMX))
    assert f"person:{ann.id}" in found
    assert f"device:{host.id}" in found
    assert "foreign" not in found.lower()
    assert "holds a seat" in text_of(browser.get(path, {"search": holder_name(row)}, headers=HTMX))
    assert "Nobody and nothing" in text_of(browser.get(path, {"search": "zzz"}, headers=HTMX))


@pytest.mark.parametrize("by", ["choice", "user name", "outside name"])
def test_a_seat_is_given(by):
    """To the one chosen of those found, to the one named exactly, or to somebody outside the directory."""
    one = tenant()
    pool = pool_of(one)
    with one.writing():
        [person] = people(one, 1)
    holder = {
        "choice": {"search": "x", "holder": f"person:{person.id}"},
        "user name": {"search": person.user_name.upper()},
        "outside name": {"external_holder": "Contractor 7"},
    }[by]
    browser = signed_in(one, "it_admin")
    answer = browser.post(address("assign", pool.id), {**holder, "quantity": 1, "reason": REASON}, follow=True)
    assert "holds a seat now" in text_of(answer)
    assert used(one, pool) == held(one, pool) == 1
    with one.reading():
        row = Assignment.objects.get()
        assert row.external_holder == "Contractor 7" if by == "outside name" else row.person_id == person.id


def test_a_full_pool_refuses_beside_the_form_and_keeps_what_was_typed():
    """409 with the page of the pool: the sentence stands in the form, choice and reason are still there."""
    one = tenant()
    pool = pool_of(one, bought=1)
    fill(one, pool, 1)
    with one.writing():
        [person] = people(one, 1)
    given = {"search": person.user_name, "holder": f"person:{person.id}", "quantity": 1, "reason": REASON}
    answer = signed_in(one, "it_admin").post(address("assign", pool.id), given)
    page = text_of(answer)
    assert answer.status_code == 409
    assert f"{pool.name} is full: 1 of 1 seats are in use." in page
    assert REASON in page
    assert f'value="person:{person.id}" checked' in page
    assert used(one, pool) == held(one, pool) == 1
    assert kinds(one, "seat.") == ["seat.assigned", "seat.refused"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"reason": REASON}, "choose one of the people or devices found"),
        ({"search": "nobody.at.all", "reason": REASON}, "choose one of the people or devices found"),
        ({"holder": "person:x", "reason": REASON}, "choose one of the people or devices found"),
        ({"external_holder": "Ann"}, "This field is required"),
        ({"external_holder": "Ann", "reason": REASON, "quantity": 0}, "greater than or equal to 1"),
        ({"external_holder": "A\x00nn", "reason": REASON}, "Null characters"),
    ],
)
def test_mistakes_stand_beside_their_field(given, words):
    """422, the page with the form, and nothing written."""
    one = tenant()
    pool = pool_of(one)
    answer = signed_in(one, "it_admin").post(address("assign", pool.id), {"quantity": 1, **given})
    assert (answer.status_code, used(one, pool)) == (422, 0)
    assert words in text_of(answer)


def test_a_seat_is_released_after_a_question():
    """The page asks for a reason, and the seat is free."""
    one = tenant()
    pool = pool_of(one)
    [row] = fill(one, pool, 1)
    browser, path = signed_in(one, "it_admin"), address("release", row.id)
    assert holder_name(row) in text_of(browser.get(path))
    assert browser.post(path, {"reason": ""}).status_code == 422
    answer = browser.post(path, {"reason": "Moved to sales"}, follow=True)
    assert "no longer holds a seat" in text_of(answer)
    assert used(one, pool) == held(one, pool) == 0
    assert "it was released on" in text_of(browser.get(path))


PATHS = [
    ("get", LIST),
    ("get", "/it/seats/{pool}/"),
    ("post", "/it/seats/{pool}/assign/"),
    ("get", "/it/seats/{pool}/candidates/"),
    ("get", "/it/seats/assignments/{seat}/release/"),
    ("post", "/it/seats/assignments/{seat}/release/"),
    ("get", "/it/seats/assignments/{seat}/transfer/"),
    ("post", "/it/seats/assignments/{seat}/transfer/"),
    *[
        (method, f"/it/seats/{{pool}}/{step}/")
        for step in ("limits", "cut", "cut/confirm", "cut/cancel", "reserve")
        for method in ("get", "post")
    ],
]


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_visitors_are_led_to_the_sign_in(method, path):
    """And back to where they wanted to go."""
    one = tenant()
    pool = pool_of(one)
    [row] = fill(one, pool, 1)
    answer = getattr(Client(HTTP_HOST="127.0.0.1"), method)(path.format(pool=pool.id, seat=row.id))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/sign-in/?next=/it/seats/")


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_members_without_the_permission_are_refused(method, path):
    """403, and nothing happens."""
    one = tenant()
    pool = pool_of(one)
    [row] = fill(one, pool, 1)
    answer = getattr(signed_in(one, "member"), method)(path.format(pool=pool.id, seat=row.id))
    assert (answer.status_code, used(one, pool)) == (403, 1)


@pytest.mark.parametrize(("method", "path"), PATHS[1:])
def test_another_organisations_rows_do_not_exist(method, path):
    """404 for its pools and seats; its pools stand in no list."""
    one, other = tenant(), tenant()
    pool = pool_of(other)
    [row] = fill(other, pool, 1)
    browser = signed_in(one, "it_admin")
    assert getattr(browser, method)(path.format(pool=pool.id, seat=row.id)).status_code == 404
    assert pool.name not in text_of(browser.get(LIST))
    assert used(other, pool) == 1
