"""Groups of the directory that bring seats: joining, waiting, leaving, grace, and what the sweep mends."""

import pytest

from identity.models import DirectoryGroup, GroupMember, Person
from identity.operations import deactivate_person, reactivate_person
from identity.operations.group_members import change_members
from identity.operations.provisioning.groups import delete_group
from jobs.models import OutboxMessage
from kernel.clock import FixedClock
from seats.models import Assignment, GroupRule, SeatClaim, SeatPool
from seats.operations import (
    GroupRuleExists,
    GroupRuleInvalid,
    GroupRuleNotFound,
    assign,
    change_group_rule,
    create_group_rule,
    end_group_rule,
    release,
    withdraw_claim,
)
from seats.sweeping import sweep_seats
from tests.factories import identity
from tests.factories.moments import NOW, days
from tests.factories.tenants import Tenant, tenant
from tests.seats.books import REASON, fed_pool, held, kinds, used, writing

pytestmark = pytest.mark.django_db


class House:
    """A group that brings seats of a pool."""

    def __init__(self, bought: int = 10, **rule) -> None:
        self.one: Tenant = tenant()
        with writing(self.one) as trail:
            self.pool = fed_pool(self.one, bought=bought)
            self.group = identity.group(self.one.organization)
            self.rule: GroupRule = create_group_rule(group=self.group, pool=self.pool, trail=trail, **rule)

    def person(self) -> Person:
        with writing(self.one):
            return identity.person(self.one.organization)

    def member(self, group: DirectoryGroup | None = None) -> Person:
        person = self.person()
        self.moves(person, joins=True, group=group)
        return person

    def moves(self, person: Person, *, joins: bool, at=NOW, group: DirectoryGroup | None = None) -> None:
        moving = {"joining": [person.id]} if joins else {"leaving": [person.id]}
        with writing(self.one, at=at) as trail:
            change_members(group=group or self.group, trail=trail, **moving)

    def sweep(self, at=NOW) -> None:
        sweep_seats(self.one.organization.id, FixedClock(at))

    def has_seat(self, person: Person, pool: SeatPool | None = None) -> bool:
        with self.one.reading():
            return Assignment.objects.live().filter(person=person, pool=pool or self.pool).exists()

    def claim(self, person: Person) -> SeatClaim:
        with self.one.reading():
            return SeatClaim.objects.filter(person=person).latest("created_at")

    @property
    def used(self) -> int:
        assert used(self.one, self.pool) == held(self.one, self.pool)
        return used(self.one, self.pool)


@pytest.mark.requirement("REQ-160")
def test_joining_brings_a_seat_and_leaving_takes_it_back():
    """The seat is of the directory; twice is once."""
    house = House()
    person = house.member()
    house.moves(person, joins=True)
    with house.one.reading():
        assert Assignment.objects.live().get(person=person).source == "directory"
    assert house.used == 1
    house.moves(person, joins=False)
    assert (house.used, house.claim(person).end_reason) == (0, "left_group")


def test_leaving_takes_only_what_the_rule_gave():
    """A seat that was there before stays, and so does one of another pool."""
    house = House()
    person = house.person()
    with writing(house.one) as trail:
        assign(pool=house.pool, person=person, reason=REASON, trail=trail)
    house.moves(person, joins=True)
    assert (house.used, house.claim(person).code) == (1, "HELD_ALREADY")
    house.moves(person, joins=False)
    assert (house.used, house.has_seat(person)) == (1, True)


def test_two_groups_give_one_seat_which_stays_until_both_are_left():
    """The claim of the second group takes the seat over."""
    house = House()
    with writing(house.one) as trail:
        second = identity.group(house.one.organization)
        create_group_rule(group=second, pool=house.pool, trail=trail)
    person = house.member()
    house.moves(person, joins=True, group=second)
    house.moves(person, joins=False)
    assert house.used == 1
    house.moves(person, joins=False, group=second)
    assert house.used == 0


@pytest.mark.requirement("REQ-160")
def test_a_full_pool_gives_no_seat_and_forgets_nobody():
    """Who joins waits with the reason; when a seat is free the sweep gives it by priority and age, one at a time."""
    house = House(bought=1)
    first = house.member()
    with writing(house.one) as trail:
        urgent = identity.group(house.one.organization)
        create_group_rule(group=urgent, pool=house.pool, priority=1, trail=trail)
    waits = house.member()
    prior = house.member(urgent)
    for person in (waits, prior):
        assert (house.claim(person).code, house.claim(person).is_waiting) == ("CAPACITY_EXCEEDED", True)
    before = kinds(house.one, "seat.")
    house.sweep()
    assert (house.used, kinds(house.one, "seat.")) == (1, before)
    house.moves(first, joins=False)
    house.sweep()
    assert (house.used, house.has_seat(prior), house.has_seat(waits)) == (1, True, False)
    house.moves(prior, joins=False, group=urgent)
    house.sweep()
    assert house.has_seat(waits)


@pytest.mark.requirement("REQ-160")
def test_with_a_grace_the_seat_stays_and_a_notice_is_sent():
    """Loss of the group → notice by e-mail → reclaimed after the grace; who is back in time keeps it."""
    house = House(grace_days=5)
    gone, back = house.member(), house.member()
    with writing(house.one):
        identity.email(gone, value="gone@example.org")
    for person in (gone, back):
        house.moves(person, joins=False, at=days(1))
    house.moves(back, joins=True, at=days(2))
    with house.one.reading():
        [mail] = OutboxMessage.objects.filter(channel="email")
    assert mail.payload["to"] == ["gone@example.org"]
    house.sweep(days(5))
    assert house.used == 2
    house.sweep(days(6))
    assert (house.used, house.has_seat(back), house.has_seat(gone)) == (1, True, False)


def test_a_rule_serves_who_is_in_the_group_already():
    """Members of today get their seats with the rule; those who do not fit wait."""
    one = tenant()
    with writing(one) as trail:
        pool, group = fed_pool(one, bought=2), identity.group(one.organization)
        people = [identity.person(one.organization) for _ in range(3)]
        change_members(group=group, joining=[person.id for person in people], trail=trail)
        create_group_rule(group=group, pool=pool, trail=trail)
    assert used(one, pool) == held(one, pool) == 2
    with one.reading():
        assert [claim.code for claim in SeatClaim.objects.filter(assignment=None)] == ["CAPACITY_EXCEEDED"]


@pytest.mark.parametrize("release_seats", [True, False])
def test_ending_a_rule_takes_its_seats_or_leaves_them(release_seats):
    """Whoever ends it says which; afterwards the group brings nothing."""
    house = House()
    person = house.member()
    with writing(house.one) as trail:
        end_group_rule(rule_id=house.rule.id, release_seats=release_seats, trail=trail)
    assert house.has_seat(person) is not release_seats
    later = house.member()
    house.sweep()
    assert not house.has_seat(later)
    with pytest.raises(GroupRuleNotFound), writing(house.one) as trail:
        end_group_rule(rule_id=house.rule.id, release_seats=release_seats, trail=trail)


def test_a_group_that_is_removed_takes_its_seats_and_ends_its_rules():
    """The rule stays on record with the name of the group."""
    house = House()
    house.member()
    with writing(house.one) as trail:
        delete_group(group_id=house.group.id, versions=None, trail=trail)
    assert house.used == 0
    with house.one.reading():
        row = GroupRule.objects.get(id=house.rule.id)
        assert (row.group, row.group_name) == (None, house.group.display_name)
        assert row.ended_at is not None


def test_members_who_leave_the_house_get_their_seats_again_when_they_are_back():
    """Still in the group, the rule owes them one."""
    house = House()
    person = house.member()
    with writing(house.one) as trail:
        deactivate_person(person=person, trail=trail)
    assert (house.used, house.claim(person).code) == (0, "PERSON_INACTIVE")
    with writing(house.one, at=days(100)) as trail:
        reactivate_person(person=person, trail=trail)
    house.sweep(days(100))
    assert house.has_seat(person)


def test_a_seat_that_was_given_back_is_not_given_again_by_the_same_rule():
    """Nor by any sweep; leaving and joining again is a new wish."""
    house = House()
    person = house.member()
    with writing(house.one, at=days(1)) as trail:
        release(assignment=Assignment.objects.live().get(person=person), reason="Not needed", trail=trail)
    for _ in range(2):
        house.sweep(days(1))
    assert (house.used, house.claim(person).end_reason) == (0, "given_back")
    house.moves(person, joins=False, at=days(2))
    house.moves(person, joins=True, at=days(3))
    assert house.used == 1


def test_the_sweep_follows_groups_that_changed_by_sql():
    """Who was put in gets a seat, who was taken out loses it."""
    house = House()
    out, into = house.member(), house.person()
    with writing(house.one):
        GroupMember.objects.filter(person=out).delete()
        GroupMember.objects.create(organization=house.one.organization, group=house.group, person=into, since=NOW)
    house.sweep()
    assert (house.used, house.has_seat(into), house.has_seat(out)) == (1, True, False)


def test_a_claim_is_withdrawn_for_good():
    """It waits no longer and the sweep makes no new one."""
    house = House(bought=1)
    house.member()
    waits = house.member()
    waiting = house.claim(waits).id
    with writing(house.one, at=days(1)) as trail:
        withdraw_claim(claim_id=waiting, trail=trail)
    house.sweep(days(1))
    assert (house.claim(waits).end_reason, house.claim(waits).is_waiting) == ("withdrawn", False)


def test_rules_that_cannot_be_are_refused():
    """Twice the same, a priority of nothing, a grace without end; a change of both figures moves the queue."""
    house = House(bought=1)
    house.member()
    waits = house.member()
    for figures in ({"priority": 0}, {"priority": 1001}, {"grace_days": -1}, {"grace_days": 91}):
        with pytest.raises(GroupRuleInvalid), writing(house.one) as trail:
            change_group_rule(rule_id=house.rule.id, **{"priority": 5, "grace_days": 5, **figures}, trail=trail)
    with pytest.raises(GroupRuleExists), writing(house.one) as trail:
        create_group_rule(group=house.group, pool=house.pool, trail=trail)
    with writing(house.one) as trail:
        change_group_rule(rule_id=house.rule.id, priority=5, grace_days=2, trail=trail)
    assert house.claim(waits).priority == 5
