"""Each constraint of seats/ refuses what it names, on both databases."""

import pytest

from kernel.scope import scope
from tests.constraints import Attempt, constraints_of, refused_by
from tests.factories import identity, licensing, seats
from tests.factories.moments import NOW, days

pytestmark = pytest.mark.django_db
CONSTRAINTS = constraints_of("seats")


def _two_pools(organization, *, edition: bool, scope_unit: bool):
    product, metric = licensing.product(organization), licensing.metric(organization)
    same = {
        "product": product,
        "metric": metric,
        "edition": licensing.edition(product) if edition else None,
        "scope_unit": identity.unit(organization) if scope_unit else None,
    }
    return lambda: [seats.pool(organization, **same) for _ in range(2)]


def _two_assignments(organization, **holder):
    pool = seats.pool(organization)
    return [seats.assignment(pool, **holder) for _ in range(2)]


def _source_twice(organization, **right):
    return [seats.source(seats.pool(organization), **right) for _ in range(2)]


def _assignment(organization, **columns):
    return seats.assignment(seats.pool(organization), **columns)


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
    "seats_pool_once": lambda o: _two_pools(o, edition=True, scope_unit=True)(),
    "seats_pool_once_no_edition": lambda o: _two_pools(o, edition=False, scope_unit=True)(),
    "seats_pool_once_no_scope_unit": lambda o: _two_pools(o, edition=True, scope_unit=False)(),
    "seats_pool_once_no_edition_no_scope_unit": lambda o: _two_pools(o, edition=False, scope_unit=False)(),
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
    "seats_assignment_external_once": lambda o: _two_assignments(o, external_holder="Contractor 7"),
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
