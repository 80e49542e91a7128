"""Pages of limits, cuts, reservations and transfers, and the same steps in the administration."""

import pytest
from django.urls import reverse

from seats.models import Assignment, Eligibility, Reservation, SeatPool
from tests.factories import identity
from tests.factories.tenants import signed_in, tenant
from tests.seats.books import REASON, fed_pool, fill, held, people, used

pytestmark = pytest.mark.django_db
STEP = "admin:seats_seatpool_{}"


def house(filled: int = 8, **columns):
    one = tenant()
    with one.writing():
        pool = fed_pool(one, **columns)
    return one, pool, fill(one, pool, filled), signed_in(one, "it_admin")


def row_of(one, pool) -> SeatPool:
    with one.reading():
        return SeatPool.objects.get(id=pool.id)


def text_of(answer) -> str:
    return str(answer.content.decode())


def page(name: str, *ids) -> str:
    return reverse(f"seats:{name}", args=ids)


def test_limits_are_set_and_a_refusal_stands_in_the_form():
    """Overdraft and kind at once; below the use the page comes back with the sentence."""
    one, pool, _seats, browser = house()
    path = page("limits", pool.id)
    assert 'value="10"' in text_of(browser.get(path))
    browser.post(path, {"capacity": 9, "overdraft": 1, "hard_limit": "soft"})
    row = row_of(one, pool)
    assert (row.capacity, row.overdraft, row.hard_limit) == (9, 1, False)
    refused = browser.post(path, {"capacity": 5, "overdraft": 1, "hard_limit": "soft"})
    assert refused.status_code == 409
    assert "8 seats are in use" in text_of(refused)


def test_a_cut_shows_who_would_lose_and_takes_exactly_these():
    """The plan leads to the list; the button sends the list back; the pool's page says that a cut waits."""
    one, pool, seats, browser = house()
    shown = browser.post(page("cut", pool.id), {"capacity": 6, "reason": "Smaller contract"}, follow=True)
    losers = sorted(seats, key=lambda row: row.id)[-2:]
    assert all(str(row.person) in text_of(shown) for row in losers)
    assert "A cut to 6 waits" in text_of(browser.get(page("pool", pool.id)))
    path = page("confirm_cut", pool.id)
    assert browser.post(path, {"losers": "nonsense"}).status_code == 422
    assert browser.post(path, {"losers": str(losers[0].id)}).status_code == 409
    done = browser.post(path, {"losers": " ".join(str(row.id) for row in losers)}, follow=True)
    assert "The cut is carried out" in text_of(done)
    assert (row_of(one, pool).capacity, used(one, pool), held(one, pool)) == (6, 6, 6)
    assert "No cut of this pool waits" in text_of(browser.get(path))


def test_a_cut_is_called_off():
    """After a question; the capacity is what it was."""
    one, pool, _seats, browser = house()
    browser.post(page("cut", pool.id), {"capacity": 6, "reason": "Smaller contract"})
    assert browser.get(page("cancel_cut", pool.id)).status_code == 200
    browser.post(page("cancel_cut", pool.id))
    assert (row_of(one, pool).capacity, row_of(one, pool).pending_capacity) == (10, None)


def test_seats_are_reserved_and_shown():
    """The pool's page lists for whom, how many, how many are drawn, and why."""
    one, pool, _seats, browser = house(0)
    with one.writing():
        unit = identity.unit(one.organization, name="Design")
    shown = browser.post(page("reserve", pool.id), {"unit": unit.id, "quantity": 4, "reason": REASON}, follow=True)
    for words in ("Design", REASON, "4 reserved and not drawn"):
        assert words in text_of(shown)
    assert row_of(one, pool).reserved == 4


def test_a_seat_passes_on_from_the_list_of_holders():
    """The search finds the new holder; a refusal stands beside what was typed."""
    one, pool, seats, browser = house(10)
    with one.writing():
        [person] = people(one, 1)
    path = page("transfer", seats[0].id)
    assert path in text_of(browser.get(page("pool", pool.id)))
    refused = browser.post(path, {"search": seats[1].person.user_name, "reason": REASON})
    assert refused.status_code == 409
    assert "has a seat of this pool already" in text_of(refused)
    assert browser.post(path, {"search": person.user_name, "reason": ""}).status_code == 422
    done = browser.post(path, {"search": person.user_name, "reason": REASON}, follow=True)
    assert "holds the seat now" in text_of(done)
    assert used(one, pool) == held(one, pool) == 10
    assert "The seat was released" in text_of(browser.get(path))


def test_the_administration_plans_confirms_and_cancels_a_cut():
    """The same operations behind steps; a list that changed is shown again."""
    one, pool, seats, browser = house()
    change = reverse("admin:seats_seatpool_change", args=[pool.id])
    step = {name: reverse(STEP.format(name), args=[pool.id]) for name in ("cut", "confirm", "cancel")}
    assert step["cut"] in text_of(browser.get(change))
    browser.post(step["cut"], {"capacity": 6, "reason": "Smaller contract"})
    page_now = text_of(browser.get(change))
    assert step["confirm"] in page_now
    assert step["cut"] not in page_now
    losers = sorted(seats, key=lambda row: row.id)[-2:]
    assert all(str(row.id) in text_of(browser.get(step["confirm"])) for row in losers)
    refused = browser.post(step["confirm"], {"loser": [str(losers[0].id), "nonsense"]}, follow=True)
    assert "Look at the list again" in text_of(refused)
    browser.post(step["cancel"], {"sure": "1"})
    assert row_of(one, pool).pending_capacity is None
    browser.post(step["cut"], {"capacity": 6, "reason": "Smaller contract"})
    browser.post(step["confirm"], {"loser": [str(row.id) for row in losers]})
    assert (row_of(one, pool).capacity, used(one, pool)) == (6, 6)


def test_the_administration_reserves_restricts_and_names():
    """Reservations and eligibility have lists of their own, where they end with a reason."""
    one, pool, _seats, browser = house(0)
    with one.writing():
        group, [person] = identity.group(one.organization), people(one, 1)
    for name, given in (
        ("reserve", {"group": group.id, "quantity": 3}),
        ("restrict", {"restricted": "on"}),
        ("eligible", {"person": person.id}),
    ):
        answer = browser.post(reverse(STEP.format(name), args=[pool.id]), {**given, "reason": REASON})
        assert answer.status_code == 302, name
    row = row_of(one, pool)
    assert (row.reserved, row.restricted) == (3, True)
    for model in (Reservation, Eligibility):
        with one.reading():
            made = model.objects.get()
        path = reverse(f"admin:seats_{model._meta.model_name}_changelist")
        assert pool.name in text_of(browser.get(path))
        assert browser.get(reverse(f"admin:seats_{model._meta.model_name}_change", args=[made.id])).status_code == 200
        chosen = {"action": "end", "_selected_action": [made.id]}
        assert pool.name in text_of(browser.post(path, chosen))
        assert browser.post(path, {**chosen, "apply": "1", "reason": "Over"}).status_code == 302
        with one.reading():
            assert not model.objects.exists()


def test_the_administration_passes_a_seat_on():
    """One seat at a time; the list says so for two."""
    one, pool, seats, browser = house(10)
    with one.writing():
        [person] = people(one, 1)
    path = "/admin/seats/assignment/"
    both = {"action": "transfer_seat", "_selected_action": [row.id for row in seats[:2]]}
    assert "Choose one seat" in text_of(browser.post(path, both, follow=True))
    chosen = {"action": "transfer_seat", "_selected_action": [seats[0].id]}
    assert str(seats[0].person) in text_of(browser.post(path, chosen))
    browser.post(path, {**chosen, "apply": "1", "person": person.id, "reason": REASON})
    with one.reading():
        assert Assignment.objects.live().filter(person=person).exists()
    assert used(one, pool) == held(one, pool) == 10
