"""The first-run checklist: what is done is read from the own organisation's rows, and from no other's."""

import pytest

from jobs.models import Schedule
from reporting.queries.setup import house
from tests.factories import compliance, licensing
from tests.factories.tenants import Tenant, member, tenant

pytestmark = pytest.mark.django_db
STEPS = ("catalogue", "rights", "scanned", "colleagues", "scheduled")


def set_up(one: Tenant) -> None:
    """Every step of the checklist, for a buyer as for a vendor."""
    for _ in range(2):
        member(one, "viewer")
    with one.writing():
        product = licensing.product(one.organization)
        licensing.license_type(product)
        licensing.entitlement(one.organization, product=product, state="active")
        compliance.scan_run(one.organization)


def done(one: Tenant) -> set[str]:
    with one.reading():
        found = house(one.organization.id)
    assert (found.last_scan_at is not None) == found.setup.scanned
    return {step for step in STEPS if getattr(found.setup, step)}


@pytest.mark.parametrize("kind", ["buyer", "vendor"])
def test_each_step_is_done_by_the_own_rows_alone(kind: str):
    """Beside a house that has set everything up, a new one that switched its schedules off has done nothing."""
    bare, busy = tenant(kind), tenant(kind)
    with bare.writing():
        Schedule.objects.update(enabled=False)
    set_up(busy)
    assert (done(bare), done(busy)) == (set(), set(STEPS))
