"""Reservations and eligibility: what is kept for whom, and who may have a seat at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.operations.provisioning.groups import delete_group
from kernel.ids import new_id
from seats.models import Eligibility, Reservation, SeatPool
from seats.operations import (
    CapacityExceeded,
    EligibilityInvalid,
    NotEligible,
    ReservationInvalid,
    ReservedBeyondCapacity,
    SeatRequest,
    ShareReasonRequired,
    assign,
    assign_many,
    end_eligibility,
    end_reservation,
    make_eligible,
    restrict_pool,
    set_reservation,
)
from seats.queries import pool_states, pools, reservation_states
from seats.rules.shares import HeldSeat, Promise, drawn, losing, undrawn_for_others
from tests.factories import identity
from tests.factories.moments import NOW
from tests.factories.tenants import tenant
from tests.seats.books import REASON, fed_pool, held, kinds, people, used, writing

WHY = "A new team starts"
pytestmark = pytest.mark.django_db


def house(*, bought: int = 10):
    """A pool of ten, a department with a team below it, and a group."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one, bought=bought)
        department = identity.unit(one.organization)
        team = identity.unit(one.organization, parent=department)
        group = identity.group(one.organization)
    return one, pool, department, team, group


def take(one, pool, **who):
    with writing(one) as trail:
        return assign(pool=pool, reason=REASON, trail=trail, **who)


def reserve(one, pool, quantity, **for_whom):
    with writing(one) as trail:
        return set_reservation(pool=pool, quantity=quantity, reason=WHY, trail=trail, **for_whom)


def state_of(one, pool):
    with one.reading():
        return pool_states(pools().filter(id=pool.id), at=NOW)[0]


def test_reserved_seats_are_refused_to_others_and_given_to_the_department():
    """Ten seats, four kept: six go to anybody, the seventh is refused with the figures, and people of the department
    and of the team below it draw the four."""
    one, pool, department, team, _group = house()
    reserve(one, pool, 4, unit=department)
    with writing(one) as trail:
        placement = assign_many(
            pool=pool,
            requests=[SeatRequest(person=person, reason=REASON) for person in people(one, 7)],
            partial=True,
            trail=trail,
        )
        insiders = [identity.person(one.organization, org_unit=unit) for unit in (department, team, team, department)]
    assert len(placement.placed) == 6
    [left] = placement.left_out
    assert (left.refusal.code, left.refusal.details["free"], left.refusal.details["reserved"]) == (
        "CAPACITY_EXCEEDED",
        0,
        4,
    )
    assert (state_of(one, pool).free, state_of(one, pool).reserved) == (0, 4)
    for person in insiders:
        take(one, pool, person=person)
    assert used(one, pool) == held(one, pool) == 10
    assert state_of(one, pool).reserved == 0


def test_what_its_people_held_before_draws_the_reservation():
    """A reservation counts seats that were there when it was set, and nobody loses one."""
    one, pool, department, _team, _group = house()
    with writing(one):
        insiders = [identity.person(one.organization, org_unit=department) for _ in range(3)]
    for person in insiders:
        take(one, pool, person=person)
    row = reserve(one, pool, 4, unit=department)
    with one.reading():
        [state] = reservation_states([row])
    assert (state.promise.held, state.promise.undrawn) == (3, 1)
    assert state_of(one, pool).free == 6


def test_a_group_and_the_owner_of_a_device_draw_too():
    """Members of the group draw what is kept for it; a device draws what its person may."""
    one, pool, department, _team, group = house(bought=2)
    reserve(one, pool, 1, group=group)
    reserve(one, pool, 1, unit=department)
    with writing(one):
        stranger, member = people(one, 2)
        identity.group_member(group, member)
        owner = identity.person(one.organization, org_unit=department)
        host = identity.device(one.organization, person=owner)
    for who in ({"person": stranger}, {"external_holder": "Contractor 7"}):
        with pytest.raises(CapacityExceeded):
            take(one, pool, **who)
    take(one, pool, person=member)
    take(one, pool, device=host)
    assert used(one, pool) == 2


def test_reservations_together_are_at_most_the_capacity():
    """The eleventh reserved seat of ten is refused; a quantity that changes counts once."""
    one, pool, department, _team, group = house()
    reserve(one, pool, 6, unit=department)
    with pytest.raises(ReservedBeyondCapacity):
        reserve(one, pool, 5, group=group)
    reserve(one, pool, 4, group=group)
    reserve(one, pool, 2, unit=department)
    with one.reading():
        assert SeatPool.objects.get(id=pool.id).reserved == 6
    assert kinds(one, "pool.") == ["pool.reserved"] * 3


def test_a_reservation_ends_with_a_reason():
    """Its seats are free for everybody, and the ledger says why; without a reason it stays."""
    one, pool, department, _team, _group = house()
    row = reserve(one, pool, 10, unit=department)
    with pytest.raises(ShareReasonRequired), writing(one) as trail:
        end_reservation(reservation=row, reason=" ", trail=trail)
    with writing(one) as trail:
        end_reservation(reservation=row, reason="The team is gone", trail=trail)
    assert state_of(one, pool).free == 10
    with one.reading():
        assert not Reservation.objects.exists()


@pytest.mark.parametrize("wanted", [{"quantity": 1}, {"quantity": 0, "unit": True}, {"quantity": 1, "unit": True}])
def test_a_reservation_says_for_whom_and_how_many(wanted):
    """Neither nobody nor nothing can be kept seats for."""
    one, pool, department, _team, group = house()
    for_whom = {"unit": department} if wanted.pop("unit", False) else {}
    if wanted == {"quantity": 1} and for_whom:
        for_whom["group"] = group
    with pytest.raises(ReservationInvalid):
        reserve(one, pool, **wanted, **for_whom)


def test_a_restricted_pool_serves_those_who_are_named():
    """A person by name, a member of a group, and the devices of both; others are told NOT_ELIGIBLE. Who held a seat
    before keeps it."""
    one, pool, _department, _team, group = house()
    with writing(one) as trail:
        before, stranger, named, member = people(one, 4)
        identity.group_member(group, member)
        host, other = (
            identity.device(one.organization, person=named),
            identity.device(one.organization, person=stranger),
        )
    kept = take(one, pool, person=before)
    with writing(one) as trail:
        restrict_pool(pool=pool, restricted=True, reason=WHY, trail=trail)
        make_eligible(pool=pool, person=named, reason=WHY, trail=trail)
        row = make_eligible(pool=pool, group=group, reason=WHY, trail=trail)
    for who in ({"person": stranger}, {"device": other}, {"external_holder": "Contractor 7"}):
        with pytest.raises(NotEligible) as refused:
            take(one, pool, **who)
        assert refused.value.code == "NOT_ELIGIBLE"
    for who in ({"person": named}, {"person": member}, {"device": host}, {"person": before}):
        take(one, pool, **who)
    with one.reading():
        assert pool.assignments.get(id=kept.id).is_live
    with writing(one) as trail:
        end_eligibility(eligibility=row, reason=WHY, trail=trail)
        restrict_pool(pool=pool, restricted=False, reason=WHY, trail=trail)
    take(one, pool, person=stranger)


def test_eligibility_is_one_person_or_one_group():
    """Neither nobody nor two at once."""
    one, pool, _department, _team, group = house()
    with writing(one) as trail, pytest.raises(EligibilityInvalid):
        make_eligible(pool=pool, reason=WHY, trail=trail)
    with writing(one) as trail, pytest.raises(EligibilityInvalid):
        make_eligible(pool=pool, group=group, person=people(one, 1)[0], reason=WHY, trail=trail)


def test_a_group_that_is_deleted_takes_its_words_along():
    """What was kept for it is free, its members are eligible no longer, and the pool stays closed."""
    one, pool, _department, _team, group = house()
    reserve(one, pool, 3, group=group)
    with writing(one) as trail:
        restrict_pool(pool=pool, restricted=True, reason=WHY, trail=trail)
        make_eligible(pool=pool, group=group, reason=WHY, trail=trail)
    with writing(one) as trail:
        delete_group(group_id=group.id, versions=None, trail=trail)
    with one.reading():
        row = SeatPool.objects.get(id=pool.id)
        assert (row.reserved, row.restricted) == (0, True)
        assert not Reservation.objects.exists()
        assert not Eligibility.objects.exists()


promises = st.builds(
    Promise, st.builds(new_id), st.integers(min_value=1, max_value=50), st.integers(min_value=0, max_value=60)
)


@given(st.lists(promises, max_size=6), st.data())
def test_taking_a_seat_never_breaks_the_promise_to_others(listed, data):
    """Whoever is admitted leaves room for what is still promised to everybody else, if there was room before."""
    mine = frozenset(one.id for one in listed if data.draw(st.booleans()))
    quantity = data.draw(st.integers(min_value=1, max_value=20))
    in_use = data.draw(st.integers(min_value=0, max_value=100))
    ceiling = in_use + undrawn_for_others(listed, mine=()) + data.draw(st.integers(min_value=0, max_value=30))
    if in_use + quantity <= ceiling - undrawn_for_others(listed, mine=mine):
        after = drawn(listed, mine=mine, quantity=quantity)
        assert undrawn_for_others(after, mine=mine) == undrawn_for_others(listed, mine=mine)
        others = undrawn_for_others([one for one in after if one.id not in mine], mine=())
        assert in_use + quantity + others <= ceiling
    assert 0 <= undrawn_for_others(listed, mine=mine) <= undrawn_for_others(listed, mine=())


@given(st.lists(st.integers(min_value=1, max_value=9), max_size=20), st.integers(min_value=-3, max_value=60))
def test_a_cut_takes_the_seats_given_last_and_no_more(quantities, excess):
    """As many as are needed, in that order: without the last of them it would not be enough."""
    seats = [HeldSeat(new_id(), quantity) for quantity in quantities]
    chosen = losing(seats, excess=excess)
    assert list(chosen) == [seat.id for seat in seats[: len(chosen)]]
    taken = sum(quantities[: len(chosen)])
    assert taken >= min(excess, sum(quantities))
    assert not chosen or taken - quantities[len(chosen) - 1] < excess
