"""People who leave: seats go, wait in grace, freeze, or stop; and people who are back."""

from datetime import timedelta
from uuid import UUID

import pytest

from identity.models import Membership, Person
from identity.operations import deactivate_person, reactivate_person
from identity.operations.people import lift_hold, place_hold
from jobs.models import OutboxMessage
from kernel.clock import DatabaseClock, FixedClock
from seats.models import Assignment, Departure, SeatClaim
from seats.operations import (
    DepartureNotFound,
    DepartureReasonRequired,
    LeavingPolicyInvalid,
    assign,
    confirm_departures,
    keep_departures,
    release,
    set_leaving_policy,
)
from seats.sweeping import sweep_seats
from tests.factories import identity
from tests.factories.moments import NOW, days
from tests.factories.tenants import Tenant, member, tenant
from tests.seats.books import REASON, fed_pool, held, kinds, used, writing
from tests.seats.leasing import floating

pytestmark = pytest.mark.django_db


class House:
    """A pool of `bought` seats, and people who leave and come back."""

    def __init__(self, bought: int = 10, **policy) -> None:
        self.one: Tenant = tenant()
        with writing(self.one) as trail:
            self.pool = fed_pool(self.one, bought=bought)
            if policy:
                given = {"grace_days": 0, "return_days": 14, "most_leavers": None, **policy}
                set_leaving_policy(**given, trail=trail)

    def seated(self, **columns) -> Person:
        with writing(self.one) as trail:
            person = identity.person(self.one.organization, **columns)
            assign(pool=self.pool, person=person, reason=REASON, trail=trail)
        return person

    def leaves(self, person: Person, at=NOW) -> None:
        with writing(self.one, at=at) as trail:
            deactivate_person(person=person, trail=trail)

    def returns(self, person: Person, at=NOW) -> None:
        with writing(self.one, at=at) as trail:
            reactivate_person(person=person, trail=trail)

    def sweep(self, at=NOW) -> None:
        sweep_seats(self.one.organization.id, FixedClock(at))

    def state(self, person: Person) -> str:
        with self.one.reading():
            return Departure.objects.filter(person=person).latest("left_at").state

    def has_seat(self, person: Person) -> bool:
        with self.one.reading():
            return Assignment.objects.live().filter(person=person).exists()

    def departure(self, person: Person) -> UUID:
        with self.one.reading():
            return Departure.objects.filter(person=person).latest("left_at").id

    @property
    def used(self) -> int:
        assert used(self.one, self.pool) == held(self.one, self.pool)
        return used(self.one, self.pool)


def test_without_a_grace_the_seat_is_free_at_once():
    """One entry for the seat, and the departure remembers it."""
    house = House()
    person = house.seated()
    house.leaves(person)
    assert (house.used, house.state(person)) == (0, "released")
    assert kinds(house.one, "seat.")[-1] == "seat.released"


def test_in_grace_the_seat_stays_until_the_days_are_over():
    """A day before the end nothing happens, at the end the sweep releases it; twice is once."""
    house = House(grace_days=7)
    person = house.seated()
    house.leaves(person)
    house.sweep(days(6))
    assert (house.used, house.state(person)) == (1, "grace")
    assert kinds(house.one, "seat.kept") == ["seat.kept_for_leaver"]
    for _ in range(2):
        house.sweep(days(7))
    assert (house.used, house.state(person)) == (0, "released")
    assert kinds(house.one, "seat.released") == ["seat.released"]


def test_a_legal_hold_freezes_seats_until_it_is_lifted():
    """Not even after the grace; when it is lifted, the next sweep lets them go."""
    house = House(grace_days=1)
    person = house.seated()
    with writing(house.one) as trail:
        place_hold(person=person, reason="Dispute 7", trail=trail)
    house.leaves(person)
    house.sweep(days(30))
    assert (house.used, house.state(person)) == (1, "held")
    with writing(house.one, at=days(30)) as trail:
        lift_hold(person=person, reason="Settled", trail=trail)
    house.sweep(days(30))
    assert (house.used, house.state(person)) == (0, "released")


def test_a_hold_that_is_placed_in_grace_freezes_as_well():
    """The end of the grace does not count while the hold lasts."""
    house = House(grace_days=3)
    person = house.seated()
    house.leaves(person)
    with writing(house.one, at=days(1)) as trail:
        place_hold(person=person, reason="Dispute 8", trail=trail)
    house.sweep(days(4))
    assert (house.used, house.state(person)) == (1, "held")


def test_back_within_grace_the_same_seat_is_still_there():
    """No seat was given anew and none is waited for."""
    house = House(grace_days=7)
    person = house.seated()
    house.leaves(person)
    house.returns(person, days(3))
    house.sweep(days(8))
    assert (house.used, house.state(person), house.has_seat(person)) == (1, "returned", True)
    assert kinds(house.one, "seat.assigned") == ["seat.assigned"]


def test_back_in_time_a_seat_that_is_still_free_is_given_again():
    """It went at once, and nobody took it."""
    house = House(bought=1)
    person = house.seated()
    house.leaves(person)
    assert house.used == 0
    house.returns(person, days(13))
    assert (house.used, house.has_seat(person)) == (1, True)


def test_back_in_time_a_seat_that_is_taken_is_waited_for():
    """The claim says why, and the sweep gives the seat when it is free: the place in the queue is never lost."""
    house = House(bought=1)
    person = house.seated()
    house.leaves(person)
    other = house.seated()
    house.returns(person, days(1))
    with house.one.reading():
        claim = SeatClaim.objects.get(person=person)
        assert (claim.kind, claim.code, claim.is_waiting) == ("return", "CAPACITY_EXCEEDED", True)
    house.sweep(days(2))
    assert (house.used, house.has_seat(person)) == (1, False)
    with writing(house.one, at=days(2)) as trail:
        release(assignment=Assignment.objects.live().get(person=other), reason="Done", trail=trail)
    house.sweep(days(2))
    assert (house.used, house.has_seat(person)) == (1, True)
    assert kinds(house.one, "seat.awaited") == ["seat.awaited"]


def test_back_too_late_nothing_is_given():
    """Fourteen days are the default."""
    house = House()
    person = house.seated()
    house.leaves(person)
    house.returns(person, days(14))
    house.sweep(days(14))
    assert house.used == 0


@pytest.mark.requirement("REQ-164")
def test_sixty_leavers_wait_for_a_person():
    """Of 100 people with a limit of 10, 60 leave within a day: all of them are inactive at once, and beyond the limit
    their seats wait, in one list; an e-mail asks a person, once; confirming releases them all."""
    house = House(bought=100)
    account, actor = member(house.one, "it_admin")
    with writing(house.one):
        Membership.objects.update(started_at=days(-1))
    people = [house.seated() for _ in range(100)]
    for number, person in enumerate(people[:60]):
        house.leaves(person, NOW + timedelta(minutes=number))
    with house.one.reading():
        assert Person.objects.filter(active=False).count() == 60
        waiting = list(Departure.objects.filter(state="stopped").values_list("id", flat=True))
    assert (len(waiting), house.used) == (50, 90)
    for minute in (61, 62):
        house.sweep(NOW + timedelta(minutes=minute))
    with house.one.reading():
        mails = [row for row in OutboxMessage.objects.all() if row.payload.get("to") == [account.email]]
    assert len(mails) == 1
    with pytest.raises(DepartureReasonRequired), writing(house.one, actor=actor) as trail:
        confirm_departures(departure_ids=waiting, reason=" ", trail=trail)
    with writing(house.one, at=days(1), actor=actor) as trail:
        confirm_departures(departure_ids=waiting, reason="Site closed", trail=trail)
    assert house.used == 40
    assert len(kinds(house.one, "seat.released")) == 60
    with pytest.raises(DepartureNotFound), writing(house.one, actor=actor) as trail:
        confirm_departures(departure_ids=waiting, reason="Site closed", trail=trail)


def test_seats_that_a_person_keeps_stay_until_the_leaver_is_back():
    """A wrong directory: kept seats outlive every sweep, and the returner has them without asking."""
    house = House(most_leavers=1)
    first, second = house.seated(), house.seated()
    house.leaves(first)
    house.leaves(second)
    assert (house.state(first), house.state(second)) == ("released", "stopped")
    stopped = house.departure(second)
    with writing(house.one) as trail:
        keep_departures(departure_ids=[stopped], reason="Wrong export", trail=trail)
    house.sweep(days(100))
    assert (house.state(second), house.has_seat(second)) == ("kept", True)
    house.returns(second, days(101))
    assert (house.state(second), house.has_seat(second)) == ("returned", True)


def test_who_is_back_before_the_decision_keeps_the_seat():
    """Confirming takes nothing from somebody who is active again, whatever way that happened."""
    house = House(most_leavers=1)
    people = [house.seated(), house.seated()]
    for person in people:
        house.leaves(person)
    with writing(house.one):
        Person.objects.filter(id=people[1].id).update(active=True, left_at=None)
    stopped = house.departure(people[1])
    with writing(house.one) as trail:
        confirm_departures(departure_ids=[stopped], reason="All gone", trail=trail)
    assert (house.state(people[1]), house.has_seat(people[1])) == ("returned", True)


@pytest.mark.requirement("REQ-164")
def test_the_sweep_heals_whoever_was_made_inactive_by_sql():
    """Within the minute of the next sweep the seat is free; a second sweep changes nothing."""
    house = House()
    person, stays = house.seated(), house.seated()
    with writing(house.one):
        Person.objects.filter(id=person.id).update(active=False, left_at=NOW)
    assert house.used == 2
    house.sweep()
    assert (house.used, house.has_seat(stays)) == (1, True)
    before = kinds(house.one, "seat.", "departure.")
    house.sweep()
    assert kinds(house.one, "seat.", "departure.") == before


def test_the_sweep_notices_whoever_was_made_active_by_sql():
    """A grace does not run on for somebody who is here."""
    house = House(grace_days=5)
    person = house.seated()
    house.leaves(person)
    with writing(house.one):
        Person.objects.filter(id=person.id).update(active=True, left_at=None)
    house.sweep(days(6))
    assert (house.state(person), house.has_seat(person)) == ("returned", True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"grace_days": -1},
        {"grace_days": 400, "return_days": 400},
        {"grace_days": 5, "return_days": 4},
        {"most_leavers": 0},
    ],
)
def test_a_policy_that_cannot_be_is_refused(wrong):
    """Days in order, and a limit that lets somebody leave."""
    one = tenant()
    with pytest.raises(LeavingPolicyInvalid), writing(one) as trail:
        set_leaving_policy(**{"grace_days": 0, "return_days": 14, "most_leavers": None, **wrong}, trail=trail)


@pytest.mark.parametrize("way", ["operation", "sql"])
def test_the_lease_of_a_leaver_ends_and_the_next_in_the_queue_is_offered(way):
    """In the transaction of the departure, or with the next sweep; a legal hold keeps no session alive."""
    one = floating(seats=1)
    house = one.vendor.house
    with house.writing():
        anna = identity.person(house.organization, user_name="anna@lumen.test", legal_hold=True)
    one.take("anna@lumen.test")
    one.take("berta")
    if way == "sql":
        with house.writing():
            Person.objects.filter(id=anna.id).update(active=False, left_at=NOW)
        sweep_seats(house.organization.id, DatabaseClock())
    else:
        with house.writing() as trail:
            deactivate_person(person=anna, trail=trail)
    states = {row.user: row.state for row in one.rows()}
    assert states == {"anna@lumen.test": "reclaimed", "berta": "offered"}
