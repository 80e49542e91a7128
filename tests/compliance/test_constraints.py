"""Each constraint of compliance/ refuses what it names, on both databases."""

import pytest

from kernel.scope import scope
from tests.constraints import Attempt, constraints_of, refused_by
from tests.factories import compliance, identity, licensing, seats
from tests.factories.moments import NOW, days

pytestmark = pytest.mark.django_db
CONSTRAINTS = constraints_of("compliance")
RESOLVED = {"state": "resolved", "resolved_at": days(1), "resolved_by": "scan", "resolution": "cured"}


def _license(organization):
    return licensing.license(licensing.license_type(licensing.product(organization)))


def _change(organization, **columns):
    return compliance.change_request(_license(organization), **columns)


ATTEMPTS: dict[str, Attempt] = {
    "compliance_violation_number": lambda o: [compliance.violation(o, number="V-X") for _ in range(2)],
    "compliance_violation_one_open": lambda o: [compliance.violation(o, subject_id="7") for _ in range(2)],
    "compliance_violation_resolved_by_somebody": lambda o: compliance.violation(o, **{**RESOLVED, "resolution": ""}),
    "compliance_violation_in_order": lambda o: compliance.violation(o, last_seen_at=days(-1)),
    "compliance_violation_not_negative": lambda o: compliance.violation(o, allowed=-1),
    "compliance_scan_run_not_negative": lambda o: compliance.scan_run(o, opened=-1),
    "compliance_scan_run_in_order": lambda o: compliance.scan_run(o, started_at=NOW, finished_at=days(-1)),
    "compliance_change_request_number": lambda o: [_change(o, number="C-X") for _ in range(2)],
    "compliance_change_request_one_open": lambda o: [
        compliance.change_request(row) for row in [_license(o)] for _ in range(2)
    ],
    "compliance_change_request_asked_by_somebody": lambda o: _change(o, reason=""),
    "compliance_change_request_decided_by_somebody": lambda o: _change(o, state="withdrawn"),
    # The same person, and a decision that no person made.
    "compliance_change_request_two_people": lambda o: _change(
        o,
        state="approved",
        decided_at=NOW,
        decided_by="00000000-0000-4000-8000-000000000001",
        decider=identity.account(),
    ),
    "compliance_change_request_one_open_seat": lambda o: [
        compliance.seat_request(pool) for pool in [seats.pool(o)] for _ in range(2)
    ],
    "compliance_change_request_about_one_thing": lambda o: compliance.seat_request(seats.pool(o), license=_license(o)),
    "compliance_change_request_in_order": lambda o: _change(o, due_at=NOW),
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


def test_a_resolved_violation_may_open_again():
    """The history of a subject holds many resolved violations and at most one open one of a kind."""
    organization = identity.organization()
    with scope(organization.id):
        for columns in (RESOLVED, RESOLVED, {}, {"kind": "expired_use"}):
            row = compliance.violation(organization, subject_id="7", **columns)
        assert type(row).objects.open().count() == 2
