"""Assigning many at once: all or a named part, and a preview that says the same beforehand."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.queries import events
from identity.operations import deactivate_person
from kernel.trail import open_trail
from seats.operations import (
    CapacityExceeded,
    PersonInactive,
    PoolNotFound,
    SeatRequest,
    assign_in_pools,
    assign_many,
    preview_assign_many,
)
from tests.factories.moments import NOW
from tests.factories.tenants import tenant
from tests.seats.books import REASON, fed_pool, fill, held, kinds, people, used, writing

pytestmark = pytest.mark.django_db


def wanted(people_) -> list[SeatRequest]:
    return [SeatRequest(person=person, reason=REASON) for person in people_]


def test_all_or_nobody():
    """Twelve on a pool of ten: nobody gets a seat, and the refusal has the figures of the whole."""
    one = tenant()
    with writing(one):
        pool, twelve = fed_pool(one), people(one, 12)
    with pytest.raises(CapacityExceeded) as refused, open_trail(actor=one.actor) as trail:
        assign_many(pool=pool, requests=wanted(twelve), trail=trail)
    assert refused.value.details == {
        "capacity": 10,
        "used": 0,
        "free": 10,
        "requested": 12,
        "next_free_at": None,
        "idle": 0,
        "reserved": 0,
        "reclaim_at": f"/it/seats/{pool.id}/",
    }
    assert used(one, pool) == held(one, pool) == 0
    assert kinds(one, "seat.") == ["seat.refused"]


def test_those_that_fit_and_who_was_left_out():
    """Asked for a part, the first ten get a seat in the order named and the other two are named with the reason."""
    one = tenant()
    with writing(one):
        pool, twelve = fed_pool(one), people(one, 12)
    with writing(one) as trail:
        placement = assign_many(pool=pool, requests=wanted(twelve), partial=True, trail=trail)
    assert [placed.request.person for placed in placement.placed] == twelve[:10]
    assert [(left.request.person, left.refusal.code) for left in placement.left_out] == [
        (person, "CAPACITY_EXCEEDED") for person in twelve[10:]
    ]
    assert used(one, pool) == held(one, pool) == 10
    with one.reading():
        assert '"requests":2' in events().get(kind="seat.refused").body


def test_holders_who_have_a_seat_take_no_second():
    """Somebody who holds a seat, and somebody named twice, count once."""
    one = tenant()
    with writing(one):
        pool, (first, second) = fed_pool(one, bought=2), people(one, 2)
    with writing(one) as trail:
        assign_many(pool=pool, requests=wanted([first]), trail=trail)
    with writing(one) as trail:
        placement = assign_many(pool=pool, requests=wanted([first, second, second]), trail=trail)
    assert [placed.is_new for placed in placement.placed] == [False, True, False]
    assert placement.placed[1].assignment is placement.placed[2].assignment
    assert used(one, pool) == held(one, pool) == 2


def test_one_who_has_left_stops_all_or_is_left_out():
    """In a bulk a leaver refuses the whole, or is named in the part that is left out."""
    one = tenant()
    with writing(one) as trail:
        pool, (stays, left) = fed_pool(one), people(one, 2)
        deactivate_person(person=left, trail=trail)
    with pytest.raises(PersonInactive), writing(one) as trail:
        assign_many(pool=pool, requests=wanted([stays, left]), trail=trail)
    with writing(one) as trail:
        placement = assign_many(pool=pool, requests=wanted([stays, left]), partial=True, trail=trail)
    assert [one_.refusal.code for one_ in placement.left_out] == ["PERSON_INACTIVE"]
    assert used(one, pool) == 1


def test_the_preview_says_what_will_happen_and_writes_nothing():
    """Use before and after, who would get a seat, who has one and who would be left out: the same as the part then
    assigned."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one, bought=3)
    [holder] = [row.person for row in fill(one, pool, 1)]
    with writing(one):
        newcomers = people(one, 3)
    asked = wanted([holder, *newcomers])
    with one.reading():
        preview = preview_assign_many(pool=pool, requests=asked, at=NOW)
    assert (preview.capacity, preview.used_before, preview.used_after) == (3, 1, 3)
    assert (preview.free_before, preview.free_after) == (2, 0)
    assert used(one, pool) == 1
    with writing(one) as trail:
        placement = assign_many(pool=pool, requests=asked, partial=True, trail=trail)
    assert [placed.request for placed in placement.placed if placed.is_new] == list(preview.new)
    assert [placed.request for placed in placement.placed if not placed.is_new] == list(preview.held)
    assert [left.request for left in placement.left_out] == [left.request for left in preview.left_out]


def test_a_bulk_costs_the_same_queries_for_few_and_many():
    """Locks, look-ups, insert and ledger are one statement each, whether five people are named or fifty."""
    one = tenant()
    with writing(one):
        pool, everybody = fed_pool(one, bought=100), people(one, 80)
    fill(one, pool, 1)
    counts = []
    for some in (everybody[:5], everybody[5:55]):
        with CaptureQueriesContext(connection) as queries, writing(one) as trail:
            assign_many(pool=pool, requests=wanted(some), trail=trail)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_several_pools_are_one_decision():
    """Seats of two pools for two people: all four, or none when one pool lacks one, or what fits of each."""
    one = tenant()
    with writing(one):
        wide, narrow, both = fed_pool(one, bought=5), fed_pool(one, bought=1), people(one, 2)
    asked = {wide.id: wanted(both), narrow.id: wanted(both)}
    with pytest.raises(CapacityExceeded), writing(one) as trail:
        assign_in_pools(requests=asked, trail=trail)
    assert (used(one, wide), used(one, narrow)) == (0, 0)
    with writing(one) as trail:
        placements = assign_in_pools(requests=asked, partial=True, trail=trail)
    assert [len(placements[pool.id].placed) for pool in (wide, narrow)] == [2, 1]
    assert (used(one, wide), used(one, narrow)) == (held(one, wide), held(one, narrow)) == (2, 1)


def test_a_foreign_pool_among_them_refuses_all():
    """One pool that is not ours, and nobody gets a seat in any, not even with a part asked for."""
    one, other = tenant(), tenant()
    with writing(other):
        foreign = fed_pool(other)
    with writing(one):
        mine, both = fed_pool(one), people(one, 2)
    with pytest.raises(PoolNotFound), writing(one) as trail:
        assign_in_pools(requests={mine.id: wanted(both), foreign.id: wanted(both)}, partial=True, trail=trail)
    assert used(one, mine) == 0
