"""Each constraint of reporting/ refuses what it names, on both databases."""

from datetime import date

import pytest

from kernel.scope import scope
from tests.constraints import Attempt, constraints_of, refused_by
from tests.factories import identity, reporting
from tests.factories.moments import NOW

pytestmark = pytest.mark.django_db
CONSTRAINTS = constraints_of("reporting")

ATTEMPTS: dict[str, Attempt] = {
    "reporting_audit_package_number": lambda o: [reporting.package(o, number="P-X") for _ in range(2)],
    "reporting_audit_package_period_in_order": lambda o: reporting.package(o, period_end=date(2025, 10, 1)),
    "reporting_audit_package_ready_has_time": lambda o: reporting.package(o, built_at=NOW),
    "reporting_audit_package_ready_has_digests": lambda o: reporting.package(
        o, **{**reporting.BUILT, "manifest_sha256": ""}
    ),
    "reporting_audit_package_error_when_failed": lambda o: reporting.package(o, error_code="NO_SPACE"),
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


def test_a_built_package_is_stored():
    """With its digests, sizes and the ledger's cut-off, a package is ready."""
    organization = identity.organization()
    with scope(organization.id):
        assert reporting.package(organization, **reporting.BUILT).state == "ready"
