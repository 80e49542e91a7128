"""Each constraint of seats/ refuses what it names, on both databases."""

import pytest

from kernel.scope import scope
from tests.constraints import Attempt, constraints_of, refused_by
from tests.factories import identity, licensing, seats
from tests.factories.moments import NOW, days

pytestmark = pytest.mark.django_db
CONSTRAINTS = constraints_of("seats")


def _two_pools(organization, *, edition: bool, scope_unit: bool, license: bool = False):
    product, metric = licensing.product(organization), licensing.metric(organization)
    same = {
        "product": product,
        "metric": metric,
        "edition": licensing.edition(product) if edition else None,
        "scope_unit": identity.unit(organization) if scope_unit else None,
        "license": licensing.license(licensing.license_type(product)) if license else None,
    }
    return lambda: [seats.pool(organization, **same) for _ in range(2)]


def _two_assignments(organization, **holder):
    pool = seats.pool(organization)
    return [seats.assignment(pool, **holder) for _ in range(2)]


def _twice(organization, make, **columns):
    pool = seats.pool(organization)
    return [make(pool, **columns) for _ in range(2)]


def _source_twice(organization, **right):
    return [seats.source(seats.pool(organization), **right) for _ in range(2)]


def _two_rules(organization):
    group, pool = identity.group(organization), seats.pool(organization)
    return [seats.group_rule(organization, group=group, pool=pool) for _ in range(2)]


def _two_claims(organization, **columns):
    pool, person = seats.pool(organization), identity.person(organization)
    return [seats.claim(pool, person=person, **columns) for _ in range(2)]


def _two_departures(organization):
    person = identity.person(organization)
    return [seats.departure(organization, person=person, state="stopped") for _ in range(2)]


def _assignment(organization, **columns):
    return seats.assignment(seats.pool(organization), **columns)


def _reservation(organization, **columns):
    return seats.reservation(seats.pool(organization), **columns)


def _eligibility(organization, **columns):
    return seats.eligibility(seats.pool(organization), **columns)


def _rule(organization, **columns):
    return seats.reclamation_rule(seats.pool(organization), **columns)


def _candidate(organization, **columns):
    return seats.removal_candidate(_assignment(organization), **columns)


def _asked_back_twice(organization):
    seat = _assignment(organization)
    return [seats.removal_candidate(seat) for _ in range(2)]


ATTEMPTS: dict[str, Attempt] = {
    "seats_pool_within_capacity": lambda o: seats.pool(o, capacity=10, overdraft=2, used=13),
    "seats_pool_capacity_unless_unlimited": lambda o: seats.pool(o, capacity=None),
    "seats_pool_allowances_not_negative": lambda o: seats.pool(o, overdraft=-1),
    "seats_pool_reserved_within_capacity": lambda o: seats.pool(o, capacity=10, overdraft=2, reserved=11),
    "seats_pool_pending_cut_explained": lambda o: seats.pool(o, pending_capacity=5),
    "seats_pool_pending_cut_is_lower": lambda o: seats.pool(
        o, capacity=10, pending_capacity=10, pending_since=NOW, pending_by="somebody", pending_reason="Budget"
    ),
    "seats_pool_once": lambda o: _two_pools(o, edition=True, scope_unit=True, license=True)(),
    "seats_pool_once_no_edition": lambda o: _two_pools(o, edition=False, scope_unit=True, license=True)(),
    "seats_pool_once_no_scope_unit": lambda o: _two_pools(o, edition=True, scope_unit=False, license=True)(),
    "seats_pool_once_no_edition_no_scope_unit": lambda o: _two_pools(
        o, edition=False, scope_unit=False, license=True
    )(),
    "seats_pool_once_no_license": lambda o: _two_pools(o, edition=True, scope_unit=True)(),
    "seats_pool_once_no_edition_no_license": lambda o: _two_pools(o, edition=False, scope_unit=True)(),
    "seats_pool_once_no_scope_unit_no_license": lambda o: _two_pools(o, edition=True, scope_unit=False)(),
    "seats_pool_once_no_edition_no_scope_unit_no_license": lambda o: _two_pools(o, edition=False, scope_unit=False)(),
    "seats_pool_source_one_right": lambda o: seats.source(seats.pool(o)),
    "seats_pool_source_entitlement_once": lambda o: _source_twice(o, entitlement=licensing.entitlement(o)),
    "seats_pool_source_license_once": lambda o: _source_twice(
        o, license=licensing.license(licensing.license_type(licensing.product(o)))
    ),
    "seats_assignment_one_holder": lambda o: _assignment(o, person=identity.person(o), device=identity.device(o)),
    "seats_assignment_of_something": lambda o: _assignment(o, quantity=0),
    "seats_assignment_in_order": lambda o: _assignment(o, until=NOW),
    "seats_assignment_released_after_start": lambda o: _assignment(
        o, released_at=days(-1), released_by="somebody", end_reason="left"
    ),
    "seats_assignment_released_by_somebody": lambda o: _assignment(o, released_at=days(1), end_reason="left"),
    "seats_assignment_person_once": lambda o: _two_assignments(o, person=identity.person(o)),
    "seats_assignment_device_once": lambda o: _two_assignments(o, device=identity.device(o)),
    "seats_lease_holder_once": lambda o: _twice(o, seats.lease, holder_key="a" * 64),
    "seats_lease_ticket_once": lambda o: _twice(o, seats.lease, ticket=1),
    "seats_lease_of_something": lambda o: seats.lease(seats.pool(o), quantity=0),
    "seats_lease_times_of_state": lambda o: seats.lease(seats.pool(o), acquired_at=None),
    "seats_lease_ended_by_somebody": lambda o: seats.lease(seats.pool(o), state="released"),
    "seats_lease_revoked_with_reason": lambda o: seats.lease(
        seats.pool(o), state="revoked", released_at=NOW, ended_by="somebody"
    ),
    "seats_lease_borrowed_by_certificate": lambda o: seats.lease(seats.pool(o), borrowed_until=days(1)),
    "seats_lease_policy_times": lambda o: seats.lease_policy(seats.pool(o), lease_seconds=2),
    "seats_lease_policy_borrowing": lambda o: seats.lease_policy(seats.pool(o), borrow_days=8),
    "seats_lease_priority_of_somebody": lambda o: seats.lease_priority(seats.pool(o)),
    "seats_lease_priority_one_to_nine": lambda o: seats.lease_priority(seats.pool(o), department="it", priority=10),
    "seats_lease_priority_department_once": lambda o: _twice(o, seats.lease_priority, department="it"),
    "seats_lease_priority_group_once": lambda o: _twice(o, seats.lease_priority, group=identity.group(o)),
    "seats_lease_denial_of_something": lambda o: seats.lease_denial(seats.pool(o), quantity=0),
    "seats_assignment_external_once": lambda o: _two_assignments(o, external_holder="Contractor 7"),
    "seats_reservation_for_one": lambda o: _reservation(o, unit=identity.unit(o), group=identity.group(o)),
    "seats_reservation_of_something": lambda o: _reservation(o, quantity=0),
    "seats_reservation_by_somebody_for_a_reason": lambda o: _reservation(o, reason=""),
    "seats_reservation_unit_once": lambda o: _twice(o, seats.reservation, unit=identity.unit(o)),
    "seats_reservation_group_once": lambda o: _twice(o, seats.reservation, group=identity.group(o)),
    "seats_eligibility_of_one": lambda o: _eligibility(o, person=identity.person(o), group=identity.group(o)),
    "seats_eligibility_by_somebody_for_a_reason": lambda o: _eligibility(o, added_by=""),
    "seats_eligibility_person_once": lambda o: _twice(o, seats.eligibility, person=identity.person(o)),
    "seats_eligibility_group_once": lambda o: _twice(o, seats.eligibility, group=identity.group(o)),
    "seats_group_rule_once": lambda o: _two_rules(o),
    "seats_group_rule_figures": lambda o: seats.group_rule(o, priority=0),
    "seats_group_rule_ended_by_somebody": lambda o: seats.group_rule(o, ended_at=NOW),
    "seats_group_rule_has_group": lambda o: seats.group_rule(o, group=None, group_name="gone"),
    "seats_claim_of_a_rule": lambda o: seats.claim(seats.pool(o), kind="rule"),
    "seats_claim_ended_for_a_reason": lambda o: seats.claim(seats.pool(o), ended_at=NOW),
    "seats_claim_leaves_a_seat": lambda o: seats.claim(seats.pool(o), leaves_at=NOW),
    "seats_claim_of_something": lambda o: seats.claim(seats.pool(o), quantity=0),
    "seats_claim_rule_once": lambda o: _two_claims(o, kind="rule", rule=seats.group_rule(o)),
    "seats_claim_return_once": lambda o: _two_claims(o),
    "seats_leaving_policy_one": lambda o: [seats.leaving_policy(o) for _ in range(2)],
    "seats_leaving_policy_days": lambda o: seats.leaving_policy(o, grace_days=20, return_days=10),
    "seats_departure_one_open": lambda o: _two_departures(o),
    "seats_departure_grace_has_end": lambda o: seats.departure(o, state="grace"),
    "seats_departure_decided_by_somebody": lambda o: seats.departure(o, state="kept"),
    "seats_departure_in_order": lambda o: seats.departure(o, return_until=days(-1)),
    "seats_reclamation_rule_name": lambda o: [_rule(o, name="Unused") for _ in range(2)],
    "seats_reclamation_rule_one_target": lambda o: _rule(o, product=licensing.product(o)),
    "seats_reclamation_rule_limit_of_use": lambda o: _rule(o, use_limit=5),
    "seats_reclamation_rule_days": lambda o: _rule(o, notice_days=0),
    "seats_reclamation_rule_reminders": lambda o: _rule(o, reminders=6),
    "seats_removal_candidate_one_open": _asked_back_twice,
    "seats_removal_candidate_ended": lambda o: _candidate(o, state="completed"),
    "seats_removal_candidate_due": lambda o: _candidate(o, due_at=NOW),
    "seats_removal_candidate_can_answer": lambda o: _candidate(o, state="awaiting_user", asked_at=NOW, due_at=days(1)),
    "seats_removal_candidate_restored": lambda o: _candidate(o, state="undone", ended_at=NOW),
    "seats_removal_candidate_money": lambda o: _candidate(o, currency="EUR"),
    "seats_removal_candidate_reminders": lambda o: _candidate(o, reminders_sent=-1),
    "seats_exemption_one_subject": lambda o: seats.exemption(o, person=identity.person(o), pool=seats.pool(o)),
    "seats_exemption_has_reason": lambda o: seats.exemption(o, reason=""),
    "seats_exemption_in_order": lambda o: seats.exemption(o, ends_at=NOW),
    "seats_exemption_ended_by_somebody": lambda o: seats.exemption(o, ended_at=NOW),
}


@pytest.mark.parametrize("name", sorted(CONSTRAINTS))
def test_each_constraint_refuses_what_it_names(name):
    """A write that breaks the promise fails, whoever sends it."""
    organization = identity.organization()
    with scope(organization.id), refused_by(CONSTRAINTS[name]):
        ATTEMPTS[name](organization)


def test_no_attempt_is_left_without_a_constraint():
    """A constraint that was removed takes its attempt with it."""
    assert set(ATTEMPTS) == set(CONSTRAINTS)


@pytest.mark.parametrize(
    "columns",
    [
        {"capacity": 10, "overdraft": 2, "used": 12},
        {"capacity": 0, "used": 0},
        {"capacity": None, "unlimited": True, "used": 500},
        {"capacity": 10, "hard_limit": False, "used": 11},
    ],
)
def test_pools_up_to_their_limit_are_stored(columns):
    """Full pools, empty ones, unlimited ones and soft ones beyond their limit are all legal."""
    organization = identity.organization()
    with scope(organization.id):
        assert seats.pool(organization, **columns).used == columns["used"]


@pytest.mark.parametrize("columns", [{"used": -1}, {"used": -1, "capacity": None, "unlimited": True}])
def test_use_is_never_negative(columns):
    """A seat released twice cannot create room, in an unlimited pool either."""
    organization = identity.organization()
    with scope(organization.id), refused_by(CONSTRAINTS["seats_pool_within_capacity"]):
        seats.pool(organization, **columns)


def test_a_released_holder_may_come_back():
    """One live row per holder: the past does not count."""
    organization = identity.organization()
    with scope(organization.id):
        pool, person = seats.pool(organization), identity.person(organization)
        seats.assignment(pool, person=person, released_at=days(1), released_by="somebody", end_reason="left")
        assert seats.assignment(pool, person=person).is_live
        assert list(pool.assignments.live().values_list("person", flat=True)) == [person.id]
