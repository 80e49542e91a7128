"""A seat passes from one holder to another in one transaction, and the pool's use stays the same."""

import pytest

from seats.models import Assignment
from seats.operations import (
    CapacityExceeded,
    DeviceRetired,
    HolderHasSeat,
    HolderUnclear,
    NotEligible,
    PersonInactive,
    SeatReleased,
    TransferReasonRequired,
    make_eligible,
    release,
    restrict_pool,
    set_reservation,
    transfer,
)
from tests.factories import identity
from tests.factories.moments import NOW, days
from tests.factories.tenants import tenant
from tests.seats.books import fed_pool, fill, held, kinds, used, writing

WHY = "Moved to another team"
pytestmark = pytest.mark.django_db


def house(bought: int = 1):
    """A full pool."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one, bought=bought)
    return one, pool, fill(one, pool, bought)


def pass_on(one, seat, reason=WHY, **to):
    with writing(one) as trail:
        return transfer(assignment=seat, reason=reason, trail=trail, **to)


def newcomer(one, **columns):
    with writing(one):
        return identity.person(one.organization, **columns)


def test_a_seat_of_a_full_pool_passes_on():
    """One is used before and after; the old holder's seat ended with the reason, the new one's began at that moment,
    and each has one line of history."""
    one, pool, [seat] = house()
    person = newcomer(one)
    made = pass_on(one, seat, person=person)
    assert (made.person_id, made.since, made.reason) == (person.id, NOW, WHY)
    with one.reading():
        old = Assignment.objects.get(id=seat.id)
    assert (old.released_at, old.end_reason) == (NOW, WHY)
    assert used(one, pool) == held(one, pool) == 1
    assert kinds(one, "seat.")[1:] == ["seat.passed_on", "seat.taken_over"]


def test_quantity_and_planned_end_stay():
    """What passes on is the same seat: 24 cores until the same day, here to a device and on to somebody outside."""
    one, pool, [seat] = house()
    with writing(one):
        Assignment.objects.filter(id=seat.id).update(until=days(30))
        host = identity.device(one.organization)
    made = pass_on(one, seat, device=host)
    again = pass_on(one, made, external_holder="Contractor 7")
    assert (made.quantity, made.until, again.until) == (seat.quantity, days(30), days(30))
    assert used(one, pool) == held(one, pool) == 1


def test_who_may_not_hold_a_seat_gets_none():
    """Somebody who left, a retired device, nobody, two at once, whoever has it already; without a reason nobody."""
    one, pool, [seat, other] = house(2)
    with writing(one):
        gone = identity.person(one.organization, active=False, left_at=NOW)
        retired = identity.device(one.organization, retired_at=NOW)
    fresh = newcomer(one)
    for refusal, to in (
        (PersonInactive, {"person": gone}),
        (DeviceRetired, {"device": retired}),
        (HolderUnclear, {}),
        (HolderUnclear, {"person": fresh, "external_holder": "Ann"}),
        (HolderHasSeat, {"person": seat.person}),
        (HolderHasSeat, {"person": other.person}),
        (TransferReasonRequired, {"person": fresh, "reason": " "}),
    ):
        with pytest.raises(refusal):
            pass_on(one, seat, **to)
    assert used(one, pool) == held(one, pool) == 2


def test_a_released_seat_does_not_pass_on():
    """It is somebody else's by now, perhaps."""
    one, _pool, [seat] = house()
    with writing(one) as trail:
        release(assignment=seat, reason="Left", trail=trail)
    with pytest.raises(SeatReleased):
        pass_on(one, seat, person=newcomer(one))


def test_a_restricted_pool_stays_restricted():
    """A seat passes on to those alone who may have one."""
    one, pool, [seat] = house()
    person = newcomer(one)
    with writing(one) as trail:
        restrict_pool(pool=pool, restricted=True, reason=WHY, trail=trail)
    with pytest.raises(NotEligible):
        pass_on(one, seat, person=person)
    with writing(one) as trail:
        make_eligible(pool=pool, person=person, reason=WHY, trail=trail)
    assert pass_on(one, seat, person=person).is_live


def test_a_reserved_seat_stays_with_its_department():
    """Two seats, one reserved and drawn: it passes on within the department, and not out of a full pool."""
    one, pool, [seat] = house()
    with writing(one) as trail:
        unit = identity.unit(one.organization)
        seat.person.org_unit = unit
        seat.person.save(update_fields=["org_unit"])
        set_reservation(pool=pool, unit=unit, quantity=1, reason=WHY, trail=trail)
    with pytest.raises(CapacityExceeded) as refused:
        pass_on(one, seat, person=newcomer(one))
    assert refused.value.details["reserved"] == 1
    assert pass_on(one, seat, person=newcomer(one, org_unit=unit)).is_live
    assert used(one, pool) == held(one, pool) == 1
