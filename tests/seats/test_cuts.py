"""A capacity below what is held waits, says who would lose, and nobody loses a seat silently."""

import pytest

from seats.models import SeatPool
from seats.operations import (
    CapacityBelowReserved,
    CapacityBelowUse,
    CapacityExceeded,
    CutChanged,
    CutIsNone,
    CutNotPending,
    CutReasonRequired,
    assign,
    cancel_cut,
    confirm_cut,
    cut_of,
    plan_cut,
    recount,
    release,
    release_many,
    set_limits,
    set_reservation,
)
from tests.factories import identity
from tests.factories.tenants import tenant
from tests.seats.books import REASON, fed_pool, fill, held, kinds, people, used, writing

WHY = "The contract is smaller"
pytestmark = pytest.mark.django_db


def house(seats: int = 8, **columns):
    one = tenant()
    with writing(one):
        pool = fed_pool(one, **columns)
    return one, pool, fill(one, pool, seats)


def plan(one, pool, capacity, reason=WHY):
    with writing(one) as trail:
        return plan_cut(pool=pool, capacity=capacity, reason=reason, trail=trail)


def row_of(one, pool) -> SeatPool:
    with one.reading():
        return SeatPool.objects.get(id=pool.id)


def test_a_cut_waits_and_gives_no_seat_meanwhile():
    """Eight of ten held, cut to five: the capacity stays ten, nobody loses a seat, and nobody gets one."""
    one, pool, _seats = house()
    plan(one, pool, 5)
    row = row_of(one, pool)
    assert (row.capacity, row.pending_capacity, row.pending_reason) == (10, 5, WHY)
    with pytest.raises(CapacityExceeded) as refused, writing(one) as trail:
        assign(pool=pool, person=people(one, 1)[0], reason=REASON, trail=trail)
    assert (refused.value.details["capacity"], refused.value.details["used"]) == (5, 8)
    assert used(one, pool) == held(one, pool) == 8


def test_it_becomes_the_capacity_when_the_use_has_fallen():
    """The third seat given back carries it out, in the same transaction."""
    one, pool, seats = house()
    plan(one, pool, 5)
    with writing(one) as trail:
        release_many(assignments=seats[:2], reason="Left", trail=trail)
    assert row_of(one, pool).capacity == 10
    with writing(one) as trail:
        release(assignment=seats[2], reason="Left", trail=trail)
    row = row_of(one, pool)
    assert (row.capacity, row.pending_capacity, row.pending_since, row.used) == (5, None, None, 5)
    assert kinds(one, "pool.")[-2:] == ["pool.cut_planned", "pool.capacity_changed"]


def test_confirming_takes_exactly_the_seats_that_were_shown():
    """Those given last, named to whoever confirms; each has its history line, and the capacity is cut."""
    one, pool, seats = house()
    plan(one, pool, 5)
    with one.reading():
        cut = cut_of(pool)
    assert cut is not None
    assert {row.id for row in cut.losers} == {row.id for row in sorted(seats, key=lambda row: row.id)[-3:]}
    with writing(one) as trail:
        gone = confirm_cut(pool=pool, losers=[row.id for row in cut.losers], trail=trail)
    assert {row.id for row in gone} == {row.id for row in cut.losers}
    assert all(WHY in row.end_reason for row in gone)
    row = row_of(one, pool)
    assert (row.capacity, row.used, row.pending_capacity) == (5, 5, None)
    assert kinds(one, "seat.released") == ["seat.released"] * 3


def test_a_list_that_changed_is_not_carried_out():
    """Somebody gave a seat back meanwhile: the confirmed list would take too many, so it is shown again."""
    one, pool, seats = house()
    plan(one, pool, 5)
    with one.reading():
        cut = cut_of(pool)
    assert cut is not None
    with writing(one) as trail:
        release(assignment=seats[0], reason="Left", trail=trail)
    with pytest.raises(CutChanged), writing(one) as trail:
        confirm_cut(pool=pool, losers=[row.id for row in cut.losers], trail=trail)
    assert used(one, pool) == 7


def test_a_cut_can_be_called_off():
    """The pool gives seats again; there is nothing left to confirm."""
    one, pool, _seats = house()
    plan(one, pool, 5)
    with writing(one) as trail:
        cancel_cut(pool=pool, trail=trail)
        assign(pool=pool, person=people(one, 1)[0], reason=REASON, trail=trail)
    for work in (
        lambda trail: cancel_cut(pool=pool, trail=trail),
        lambda t: confirm_cut(pool=pool, losers=[], trail=t),
    ):
        with pytest.raises(CutNotPending), writing(one) as trail:
            work(trail)


def test_a_cut_that_takes_nobodys_seat_is_done_at_once():
    """Eight of ten held, cut to nine."""
    one, pool, _seats = house()
    assert (plan(one, pool, 9).capacity, row_of(one, pool).pending_capacity) == (9, None)


@pytest.mark.parametrize(
    ("capacity", "reason", "refusal"),
    [(10, WHY, CutIsNone), (11, WHY, CutIsNone), (5, " ", CutReasonRequired), (3, WHY, CapacityBelowReserved)],
)
def test_what_is_no_cut_is_refused(capacity, reason, refusal):
    """Not lower, without a reason, or below what is reserved."""
    one, pool, _seats = house()
    with writing(one) as trail:
        set_reservation(pool=pool, quantity=4, unit=identity.unit(one.organization), reason=WHY, trail=trail)
    with pytest.raises(refusal):
        plan(one, pool, capacity, reason)


def test_the_recount_carries_out_what_nothing_else_did():
    """A use that fell by other ways than a release is noticed at night."""
    one, pool, _seats = house()
    plan(one, pool, 5)
    with writing(one) as trail:
        pool.assignments.filter(id__in=[row.id for row in _seats[:3]]).update(
            released_at=_seats[0].since, released_by="somebody", end_reason="by hand"
        )
    with writing(one) as trail:
        found = recount(trail=trail)
    assert [(one.before, one.counted, one.repaired) for one in found] == [(8, 5, True)]
    assert (row_of(one, pool).capacity, row_of(one, pool).pending_capacity) == (5, None)


def test_overdraft_and_kind_of_limit():
    """A hard pool turns soft and gets an allowance; it turns hard again only when what is held fits."""
    one, pool, _seats = house(10)
    with writing(one) as trail:
        set_limits(pool=pool, overdraft=2, trail=trail)
        [eleventh, _twelfth] = [
            assign(pool=pool, person=person, reason=REASON, trail=trail) for person in people(one, 2)
        ]
        assert not eleventh.over_limit
    with pytest.raises(CapacityBelowUse), writing(one) as trail:
        set_limits(pool=pool, overdraft=1, trail=trail)
    with writing(one) as trail:
        set_limits(pool=pool, hard_limit=False, trail=trail)
        assert assign(pool=pool, person=people(one, 1)[0], reason=REASON, trail=trail).over_limit
    with pytest.raises(CapacityBelowUse), writing(one) as trail:
        set_limits(pool=pool, hard_limit=True, trail=trail)
    assert kinds(one, "pool.limits_changed") == ["pool.limits_changed"] * 2
