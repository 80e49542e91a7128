"""Admin pages of pools and assignments: figures to read, and steps that the operations refuse where they must."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from seats.models import Assignment, SeatPool
from tests.factories import identity
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.seats.books import REASON, fed_pool, fill, held, kinds, people, used

pytestmark = pytest.mark.django_db
POOLS = "/admin/seats/seatpool/"
SEATS = "/admin/seats/assignment/"


def pool_of(one: Tenant, **columns) -> SeatPool:
    with one.writing():
        return fed_pool(one, **columns)


def newcomer(one: Tenant):
    with one.writing():
        return people(one, 1)[0]


def text_of(answer) -> str:
    return str(answer.content.decode())


def test_the_list_shows_use_of_the_limit():
    """Name, use of what is allowed, free seats and a word for the state."""
    one = tenant()
    fill(one, pool_of(one, name="Sketcher", overdraft=2), 4)
    page = text_of(signed_in(one, "it_admin").get(POOLS))
    for words in ("Sketcher", "4 / 12", "Seats free"):
        assert words in page


def test_lists_cost_the_same_for_one_row_and_many():
    """Figures of all rows come at once, holders and pools with their seats."""
    one = tenant()
    browser = signed_in(one, "it_admin")
    counts: dict[str, list[int]] = {POOLS: [], SEATS: []}
    for more in (1, 20):
        for _ in range(more):
            fill(one, pool_of(one), 1)
        for address, found in counts.items():
            browser.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(address).status_code == 200
            found.append(len(queries))
    assert counts[POOLS][0] == counts[POOLS][1]
    assert counts[SEATS][0] == counts[SEATS][1]


def test_the_page_of_a_pool_has_figures_sources_and_steps():
    """What feeds it, what is used, and the two steps for those who may take them."""
    one = tenant()
    pool = pool_of(one)
    fill(one, pool, 3)
    address = f"{POOLS}{pool.id}/change/"
    page = text_of(signed_in(one, "it_admin").get(address))
    with one.reading():
        assert str(pool.sources.get().entitlement) in page
    assert reverse("admin:seats_seatpool_assign", args=[pool.id]) in page
    assert reverse("admin:seats_seatpool_limits", args=[pool.id]) in page
    assert "/assign/" not in text_of(signed_in(one, "auditor").get(address))


def test_the_form_assigns_a_seat():
    """Person and reason, and the seat is held, counted and recorded."""
    one = tenant()
    pool, person = pool_of(one), newcomer(one)
    address = reverse("admin:seats_seatpool_assign", args=[pool.id])
    browser = signed_in(one, "it_admin")
    assert browser.get(address).status_code == 200
    answer = browser.post(address, {"person": person.id, "quantity": 1, "reason": REASON})
    assert (answer.status_code, answer["Location"]) == (302, f"{POOLS}{pool.id}/change/")
    assert used(one, pool) == held(one, pool) == 1
    with one.reading():
        assert Assignment.objects.get().source == "admin"


def test_the_form_refuses_beyond_capacity():
    """A full pool: the page comes back with the sentence, nothing is written but the refusal's entry."""
    one = tenant()
    pool, person = pool_of(one, bought=1), newcomer(one)
    fill(one, pool, 1)
    address = reverse("admin:seats_seatpool_assign", args=[pool.id])
    answer = signed_in(one, "it_admin").post(
        address, {"person": person.id, "quantity": 1, "reason": REASON}, follow=True
    )
    assert answer.request["PATH_INFO"] == address
    assert f"{pool.name} is full: 1 of 1 seats are in use." in text_of(answer)
    assert used(one, pool) == held(one, pool) == 1
    assert kinds(one, "seat.") == ["seat.assigned", "seat.refused"]


@pytest.mark.parametrize(
    "given", [{"reason": REASON}, {"person": "x", "reason": REASON}, {"external_holder": "Ann"}, {"quantity": 0}]
)
def test_the_form_says_what_is_missing(given):
    """No holder, an unknown one, no reason, no quantity: the seat is not given."""
    one = tenant()
    pool = pool_of(one)
    answer = signed_in(one, "it_admin").post(
        reverse("admin:seats_seatpool_assign", args=[pool.id]), {"quantity": 1, **given}, follow=True
    )
    assert answer.status_code == 200
    assert used(one, pool) == 0


def test_a_person_of_another_organisation_cannot_be_chosen():
    """The form rejects a foreign id like one that does not exist."""
    one, other = tenant(), tenant()
    pool, foreign = pool_of(one), newcomer(other)
    answer = signed_in(one, "it_admin").post(
        reverse("admin:seats_seatpool_assign", args=[pool.id]),
        {"person": foreign.id, "quantity": 1, "reason": REASON},
    )
    assert "errorlist" in text_of(answer)
    assert used(one, pool) == 0


def in_each(pools, **given):
    """What the list sends for the action, and with `apply` what the action's own page sends."""
    return {"action": "assign_in_each", "_selected_action": [pool.id for pool in pools], **given}


def test_the_action_gives_a_seat_of_each_pool():
    """First the page with the form, then a seat in each of the chosen pools."""
    one = tenant()
    pools, person = [pool_of(one), pool_of(one)], newcomer(one)
    browser = signed_in(one, "it_admin")
    page = text_of(browser.post(POOLS, in_each(pools)))
    assert all(pool.name in page for pool in pools)
    answer = browser.post(POOLS, in_each(pools, apply="1", person=person.id, reason=REASON))
    assert answer.status_code == 302
    assert [used(one, pool) for pool in pools] == [1, 1]


def test_the_action_refuses_beyond_capacity():
    """One full pool among the chosen: no seat in any of them, and the message names the full one."""
    one = tenant()
    free, full, person = pool_of(one), pool_of(one, bought=1), newcomer(one)
    fill(one, full, 1)
    answer = signed_in(one, "it_admin").post(
        POOLS, in_each([free, full], apply="1", person=person.id, reason=REASON), follow=True
    )
    assert f"{full.name} is full: 1 of 1 seats are in use." in text_of(answer)
    assert (used(one, free), used(one, full)) == (0, 1)
    assert (held(one, free), held(one, full)) == (0, 1)


def test_the_action_releases_seats_with_a_reason():
    """The page asks why; without a reason nothing happens, with one the seats are free."""
    one = tenant()
    pool = pool_of(one)
    rows = fill(one, pool, 3)
    browser = signed_in(one, "it_admin")
    chosen = {"action": "release_seats", "_selected_action": [row.id for row in rows[:2]]}
    assert "Release the seats" in text_of(browser.post(SEATS, chosen))
    assert browser.post(SEATS, {**chosen, "apply": "1", "reason": " "}).status_code == 200
    assert used(one, pool) == 3
    assert browser.post(SEATS, {**chosen, "apply": "1", "reason": "Project over"}).status_code == 302
    assert used(one, pool) == held(one, pool) == 1


def test_capacity_is_set_and_not_below_use():
    """The form changes the figure, and shows the refusal when more seats are held."""
    one = tenant()
    pool = pool_of(one)
    fill(one, pool, 4)
    address = reverse("admin:seats_seatpool_limits", args=[pool.id])
    browser = signed_in(one, "it_admin")
    assert "4 seats are in use" in text_of(browser.post(address, {"capacity": 3, "hard_limit": "hard"}, follow=True))
    assert browser.post(address, {"capacity": 6, "hard_limit": "hard"}).status_code == 302
    with one.reading():
        assert SeatPool.objects.get().capacity == 6


@pytest.mark.parametrize("step", ["assign", "limits", "cut", "confirm", "cancel", "reserve", "restrict", "eligible"])
def test_steps_need_their_permission(step):
    """An auditor may read the pool and take no step, and finds no action in the list."""
    one = tenant()
    pool = pool_of(one)
    browser = signed_in(one, "auditor")
    assert browser.get(reverse(f"admin:seats_seatpool_{step}", args=[pool.id])).status_code == 403
    assert "assign_in_each" not in text_of(browser.get(POOLS))
    assert "release_seats" not in text_of(browser.get(SEATS))


def test_steps_of_another_organisations_pool_do_not_exist():
    """404, and nothing happens."""
    one, other = tenant(), tenant()
    pool, person = pool_of(other), newcomer(other)
    browser = signed_in(one, "it_admin")
    address = reverse("admin:seats_seatpool_assign", args=[pool.id])
    assert browser.get(address).status_code == 404
    assert browser.post(address, {"person": person.id, "quantity": 1, "reason": REASON}).status_code == 404
    assert used(other, pool) == 0


def test_the_search_of_the_form_finds_people_of_the_own_organisation():
    """The autocomplete answers with the directory that the session works in."""
    one, other = tenant(), tenant()
    with one.writing():
        identity.person(one.organization, user_name="ann.lindqvist")
    with other.writing():
        identity.person(other.organization, user_name="ann.foreign")
    answer = signed_in(one, "it_admin").get(
        "/admin/autocomplete/",
        {"term": "ann", "app_label": "seats", "model_name": "assignment", "field_name": "person"},
    )
    assert [row["text"] for row in answer.json()["results"]] == ["Ann.Lindqvist"]
