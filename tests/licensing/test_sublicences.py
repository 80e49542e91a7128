"""A sublicence is a part of the right above: counted on it, never beyond it, within its term; also at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.errors import Refusal
from kernel.trail import run_in_trail
from licensing.models import Entitlement, LicenseType
from licensing.operations import (
    NewEntitlement,
    NewLicense,
    create_entitlement,
    issue_license,
    renew_entitlement,
    revoke_entitlement,
)
from licensing.operations.entitlements import ParentRightUnfit
from licensing.operations.licenses import RightsExhausted
from tests.factories import licensing
from tests.factories.moments import NOW, days
from tests.factories.tenants import Tenant, tenant
from tests.plugins.databases import CommittedDatabase


@pytest.fixture
def house(db: None) -> Tenant:
    return tenant("vendor")


def right(house: Tenant, **columns: Any) -> Entitlement:
    """Ten rights of a year."""
    with house.writing():
        return licensing.entitlement(house.organization, **{"quantity": 10, **columns})


def part(above: Entitlement, quantity: int | None = 4) -> NewEntitlement:
    return NewEntitlement(
        product=above.product,
        metric=above.metric,
        model="subscription",
        quantity=quantity,
        starts_at=above.starts_at,
        ends_at=above.ends_at,
        document="sub.pdf",
        parent=above,
    )


def given_on(house: Tenant, wanted: NewEntitlement) -> Entitlement:
    with house.writing() as trail:
        return create_entitlement(entitlement=wanted, trail=trail)


def sublicensed(house: Tenant, above: Entitlement) -> int:
    with house.reading():
        return Entitlement.objects.get(id=above.id).sublicensed


def test_what_is_given_on_is_counted_and_comes_back(house: Tenant) -> None:
    """Two fours of ten fit, a third does not; a revoked one makes room again."""
    above = right(house)
    first, _second = (given_on(house, part(above)) for _ in range(2))
    with pytest.raises(ParentRightUnfit) as refused:
        given_on(house, part(above))
    assert refused.value.details == {"left": 2, "asked": 4}
    assert sublicensed(house, above) == 8
    with house.writing() as trail:
        revoke_entitlement(entitlement_id=first.id, reason="Returned", trail=trail)
    assert sublicensed(house, above) == 4


def test_a_sublicence_lies_within_the_right_above(house: Tenant) -> None:
    """Not longer, not earlier, not of another metric, not unlimited, not under what is no longer active."""
    above = right(house, territory="NO")
    good = replace(part(above), territory="NO")
    with house.writing():
        metric = licensing.metric(house.organization)
    revoked = right(house, state="revoked", revoked_at=NOW, revoked_by="somebody", revoked_reason="Returned")
    for wrong in (
        replace(good, ends_at=days(366)),
        replace(good, starts_at=NOW - timedelta(days=1)),
        replace(good, metric=metric),
        replace(good, quantity=None),
        replace(good, territory="SE"),
        part(revoked),
    ):
        with pytest.raises(ParentRightUnfit):
            given_on(house, wrong)
    assert sublicensed(house, above) == 0
    assert given_on(house, good).parent_id == above.id


def test_a_right_is_handed_on_once(house: Tenant) -> None:
    """What went to a sublicence is not issued as a licence, and the reverse."""
    above = right(house)
    given_on(house, part(above, 7))
    with house.writing():
        kind: LicenseType = licensing.license_type(above.product)
        customer = licensing.party(house.organization, kind="licensee")
    wanted = NewLicense(license_type=kind, licensee=customer, quantity=3, entitlement=above)
    with house.writing() as trail:
        issue_license(license=wanted, trail=trail)
    with pytest.raises(RightsExhausted), house.writing() as trail:
        issue_license(license=replace(wanted, quantity=1), trail=trail)
    with pytest.raises(ParentRightUnfit):
        given_on(house, part(above, 1))
    with pytest.raises(IntegrityError, match="handed_on_within_rights"), house.writing(), transaction.atomic():
        Entitlement.objects.filter(id=above.id).update(issued=4)


def test_a_renewed_sublicence_hangs_on_the_renewal(house: Tenant) -> None:
    """Of the right above, where there is one."""
    above = right(house)
    below = given_on(house, part(above))
    with house.writing() as trail:
        later = renew_entitlement(entitlement=above, quantity=10, ends_at=days(730), document="r.pdf", trail=trail)
        again = renew_entitlement(entitlement=below, quantity=4, ends_at=days(730), document="s.pdf", trail=trail)
    assert again.parent_id == later.id
    assert sublicensed(house, later) == 4


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(quantities=st.lists(st.integers(1, 6), max_size=6))
def test_the_parts_never_exceed_the_whole(house: Tenant, quantities: list[int]) -> None:
    """Whatever is asked for in whatever order, the counter is the sum of what was given on, and at most ten."""
    above = right(house)
    for one in quantities:
        try:
            given_on(house, part(above, one))
        except ParentRightUnfit:
            continue
    with house.reading():
        parts = sum(row.rights or 0 for row in Entitlement.objects.filter(parent=above))
    assert sublicensed(house, above) == parts <= 10


@pytest.fixture(scope="module")
def lumen(committed_db: CommittedDatabase) -> Tenant:
    return tenant("vendor", slug="lumen-parts")


@pytest.mark.postgres
def test_the_parts_never_exceed_the_whole_at_once(lumen: Tenant) -> None:
    """Eight ask for 3 of 10 at the same moment: three succeed, nine are given on."""
    above = right(lumen)

    def ask(_number: int) -> str:
        try:
            run_in_trail(lambda trail: create_entitlement(entitlement=part(above, 3), trail=trail), actor=lumen.actor)
            return "given"
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(ask, range(8)))
    assert sorted(got) == ["ENTITLEMENT_PARENT_UNFIT"] * 5 + ["given"] * 3
    assert sublicensed(lumen, above) == 9
