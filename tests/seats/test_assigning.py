"""Assigning: who gets a seat, who does not and why, and that nobody takes a second one."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from audit.queries import events
from identity.operations import deactivate_person
from kernel.trail import open_trail
from seats.models import Assignment, SeatPool
from seats.operations import (
    CapacityExceeded,
    DeviceRetired,
    HolderNotFound,
    HolderUnclear,
    PersonInactive,
    PoolNotFound,
    QuantityDiffers,
    QuantityInvalid,
    ReasonRequired,
    SeatTermInvalid,
    assign,
)
from tests.factories import identity, seats
from tests.factories.moments import NOW, days
from tests.factories.tenants import tenant
from tests.seats.books import REASON, fed_pool, fill, held, kinds, people, right, used, writing

pytestmark = pytest.mark.django_db


def test_a_seat_is_held_counted_and_recorded():
    """One call gives the seat, counts it and leaves one ledger entry, in which the reason stands as a commitment."""
    one = tenant()
    with writing(one) as trail:
        pool, person = fed_pool(one), identity.person(one.organization)
        row = assign(pool=pool, person=person, reason=REASON, trail=trail)
    with one.reading():
        entry = events().get(kind="seat.assigned")
        assert (row.since, row.source, row.quantity, row.reason) == (NOW, "admin", 1, REASON)
        assert entry.subject_id == str(row.id)
        assert str(person.pseudonym) in entry.body
        assert REASON not in entry.body
    assert used(one, pool) == held(one, pool) == 1


@pytest.mark.parametrize("kind", ["person", "device", "external_holder"])
def test_the_same_holder_twice_takes_no_second_seat(kind):
    """The second call returns the first seat, writes nothing and leaves no entry; names in any case are one name."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one)
        person, device = identity.person(one.organization), identity.device(one.organization)
    asked: list[dict[str, Any]] = [{"external_holder": name} for name in ("Contractor 7", "CONTRACTOR 7 ")]
    if kind != "external_holder":
        asked = [{kind: person if kind == "person" else device}] * 2
    rows = []
    for holder in asked:
        with writing(one) as trail:
            rows.append(assign(pool=pool, reason=REASON, trail=trail, **holder))
    assert rows[0].id == rows[1].id
    assert used(one, pool) == held(one, pool) == 1
    assert kinds(one, "seat.") == ["seat.assigned"]


def test_the_seat_after_the_last_is_refused_with_the_figures():
    """A full pool refuses and says its capacity, what is used and when a seat is planned to become free; the refusal
    stands in the ledger although everything else was rolled back."""
    one = tenant()
    with writing(one) as trail:
        pool, newcomer = fed_pool(one, bought=2), identity.person(one.organization)
        for until in (days(9), None):
            assign(pool=pool, person=identity.person(one.organization), until=until, reason=REASON, trail=trail)
    with pytest.raises(CapacityExceeded) as refused, open_trail(actor=one.actor) as trail:
        assign(pool=pool, person=newcomer, reason=REASON, trail=trail)
    assert refused.value.details["capacity"] == refused.value.details["used"] == 2
    assert (refused.value.details["free"], refused.value.details["requested"]) == (0, 1)
    assert kinds(one, "seat.") == ["seat.assigned", "seat.assigned", "seat.refused"]
    assert used(one, pool) == held(one, pool) == 2


def test_a_refusal_names_the_next_planned_end():
    """`next_free_at` is the first planned end at which the quantity fits."""
    one = tenant()
    with writing(one) as trail:
        pool = fed_pool(one, bought=2)
        for until in (days(30), days(9)):
            assign(pool=pool, person=identity.person(one.organization), until=until, reason=REASON, trail=trail)
    for quantity, expected in ((1, days(9)), (2, days(30)), (3, None)):
        with pytest.raises(CapacityExceeded) as refused, writing(one) as trail:
            assign(pool=pool, device=identity.device(one.organization), quantity=quantity, reason=REASON, trail=trail)
        assert refused.value.details["next_free_at"] == (expected.isoformat() if expected else None)


def test_rights_are_read_again_under_the_lock():
    """Capacity 120 with 100 valid rights admits 100: what ended yesterday gives no seat, though the capacity stays."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one, bought=3, capacity=5)
        right(one, pool, quantity=2, model="subscription", starts_at=days(-366), ends_at=days(-1))
    fill(one, pool, 3)
    with pytest.raises(CapacityExceeded) as refused:
        fill(one, pool, 1)
    assert refused.value.details["capacity"] == 3


def test_a_right_counts_up_to_not_at_its_end():
    """A second before its end the right gives a seat, at its end it does not."""
    one = tenant()
    with writing(one):
        pool, (early, late) = seats.pool(one.organization, capacity=2), people(one, 2)
        right(one, pool, quantity=2, model="subscription", starts_at=days(-10), ends_at=NOW)
    with writing(one, at=NOW - timedelta(seconds=1)) as trail:
        assign(pool=pool, person=early, reason=REASON, trail=trail)
    with pytest.raises(CapacityExceeded), writing(one, at=NOW) as trail:
        assign(pool=pool, person=late, reason=REASON, trail=trail)


def test_overdraft_admits_beyond_the_rights_and_no_further():
    """A fixed allowance counts in a hard pool too."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one, bought=2, overdraft=1)
    fill(one, pool, 3)
    with pytest.raises(CapacityExceeded):
        fill(one, pool, 1)


def test_a_soft_pool_admits_more_with_a_reason_and_flags_it():
    """Beyond the limit of a soft pool a seat needs a reason and is marked; the ones within are not."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one, bought=1, hard_limit=False)
    fill(one, pool, 2)
    with one.reading():
        assert list(Assignment.objects.order_by("id").values_list("over_limit", flat=True)) == [False, True]
    with pytest.raises(ReasonRequired), writing(one) as trail:
        assign(pool=pool, person=identity.person(one.organization), source="import", trail=trail)


def test_unlimited_pools_admit_any_number_while_a_right_is_valid():
    """A site licence gives seats without a number, until it ends."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one, bought=1, capacity=None, unlimited=True)
        right(one, pool, quantity=None, unlimited=True, ends_at=days(1))
    fill(one, pool, 3)
    with pytest.raises(CapacityExceeded) as refused, writing(one, at=days(1)) as trail:
        assign(pool=pool, person=identity.person(one.organization), reason=REASON, trail=trail)
    assert refused.value.details["capacity"] == 1, "the counted right of one seat still holds"


def test_who_has_left_gets_no_seat():
    """The person is read again under the lock: a stale object that says active does not help."""
    one = tenant()
    with writing(one) as trail:
        pool, person = fed_pool(one), identity.person(one.organization)
        deactivate_person(person=person, trail=trail)
    assert person.active
    with pytest.raises(PersonInactive), open_trail(actor=one.actor) as trail:
        assign(pool=pool, person=person, reason=REASON, trail=trail)
    assert kinds(one, "seat.") == ["seat.refused"]
    assert used(one, pool) == 0


def test_a_retired_device_gets_no_seat():
    """What is out of use holds no new seat."""
    one = tenant()
    with pytest.raises(DeviceRetired), writing(one) as trail:
        assign(
            pool=fed_pool(one),
            device=identity.device(one.organization, retired_at=NOW),
            reason=REASON,
            trail=trail,
        )


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({}, HolderUnclear),
        ({"external_holder": "  "}, HolderUnclear),
        ({"external_holder": "Ann", "quantity": 0}, QuantityInvalid),
        ({"external_holder": "Ann", "quantity": -3}, QuantityInvalid),
        ({"external_holder": "Ann", "since": days(1)}, SeatTermInvalid),
        ({"external_holder": "Ann", "until": NOW}, SeatTermInvalid),
        ({"external_holder": "Ann", "reason": " "}, ReasonRequired),
        ({"external_holder": "Ann", "reason": "", "source": "api"}, ReasonRequired),
    ],
)
def test_requests_that_make_no_sense_are_refused(given, refusal):
    """No holder, no quantity, a start to come, an end that is past, no reason for a direct grant: each has its code."""
    one = tenant()
    with pytest.raises(refusal), writing(one) as trail:
        assign(pool=fed_pool(one), trail=trail, **{"reason": REASON, **given})


def test_two_kinds_of_holder_are_refused():
    """A seat has one holder."""
    one = tenant()
    with writing(one):
        pool, person, device = fed_pool(one), identity.person(one.organization), identity.device(one.organization)
    with pytest.raises(HolderUnclear), writing(one) as trail:
        assign(pool=pool, person=person, device=device, reason=REASON, trail=trail)


def test_seats_without_a_direct_decision_need_no_reason():
    """An import, a directory and a request bring their own grounds."""
    one = tenant()
    with writing(one) as trail:
        pool, people_ = fed_pool(one), people(one, 3)
        for person, source, request in zip(
            people_, ("import", "directory", "admin"), (None, None, pool.id), strict=True
        ):
            assign(pool=pool, person=person, source=source, request_id=request, trail=trail)
    assert used(one, pool) == 3


def test_another_quantity_for_the_same_holder_is_refused():
    """A host that grew is released and assigned again; a second row would count it twice."""
    one = tenant()
    with writing(one) as trail:
        pool, host = fed_pool(one, bought=64), identity.device(one.organization)
        assign(pool=pool, device=host, quantity=24, reason=REASON, trail=trail)
    with pytest.raises(QuantityDiffers) as refused, writing(one) as trail:
        assign(pool=pool, device=host, quantity=32, reason=REASON, trail=trail)
    assert refused.value.details == {"held": 24}
    assert used(one, pool) == 24


def test_rows_of_another_organisation_do_not_exist():
    """A foreign pool and a foreign person are refused like ones that never were."""
    one, other = tenant(), tenant()
    with writing(other):
        foreign_pool, foreign_person = fed_pool(other), identity.person(other.organization)
    with writing(one):
        pool, person = fed_pool(one), identity.person(one.organization)
    with pytest.raises(PoolNotFound), writing(one) as trail:
        assign(pool=foreign_pool, person=person, reason=REASON, trail=trail)
    with pytest.raises(HolderNotFound), writing(one) as trail:
        assign(pool=pool, person=foreign_person, reason=REASON, trail=trail)


def test_the_operation_lets_the_constraint_surface(monkeypatch):
    """Were the rule wrong, the database's own error would show, not a friendly refusal that hides the mistake."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one, bought=2, used=2)
        SeatPool.objects.filter(id=pool.id).update(used=0)
        stale = SeatPool.objects.get(id=pool.id)
        SeatPool.objects.filter(id=pool.id).update(used=2)
    monkeypatch.setattr("seats.operations.assigning.locked_pools", lambda _ids: [stale])
    with pytest.raises(IntegrityError, match="seats_pool_within_capacity"), writing(one) as trail:
        assign(pool=pool, person=identity.person(one.organization), reason=REASON, trail=trail)
