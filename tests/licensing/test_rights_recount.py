"""The nightly recount of what rights handed on, broken by hand as no operation can."""

from typing import Any

import pytest
from django.db import connection

from audit.queries import events
from licensing.models import Entitlement, License, LicenseType
from licensing.operations import (
    NewEntitlement,
    NewLicense,
    create_entitlement,
    issue_license,
    revoke_entitlement,
    revoke_license,
)
from licensing.operations.rights_recount import RightsMismatch, recount_rights
from tests.factories import licensing
from tests.factories.tenants import Tenant, tenant
from tests.licensing.lives import approved
from tests.seats.books import kinds

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> Tenant:
    return tenant("vendor")


@pytest.fixture
def right(house: Tenant) -> Entitlement:
    """Twenty rights: three and two are issued, two more were and are revoked; four are sublicensed, five were."""
    with house.writing():
        row = licensing.entitlement(house.organization, quantity=10, rights_per_unit=2, state="active", document="a")
        kind: LicenseType = licensing.license_type(row.product)
        party = licensing.party(house.organization, kind="licensee")
    for units in (3, 2, 2):
        with house.writing() as trail:
            wanted = NewLicense(license_type=kind, licensee=party, quantity=units, entitlement=row)
            last = issue_license(license=wanted, trail=trail)
    with house.writing() as trail:
        approval = approved("license.revoke", last.id, reason="returned")
        revoke_license(license_id=last.id, reason="returned", approval=approval, trail=trail)
    for units in (4, 5):
        with house.writing() as trail:
            part = create_entitlement(entitlement=_part(row, units), trail=trail)
    with house.writing() as trail:
        revoke_entitlement(entitlement_id=part.id, reason="returned", trail=trail)
    return row


def _part(above: Entitlement, units: int) -> NewEntitlement:
    return NewEntitlement(
        product=above.product,
        metric=above.metric,
        model="subscription",
        quantity=units,
        starts_at=above.starts_at,
        ends_at=above.ends_at,
        document="sub.pdf",
        parent=above,
    )


def recounted(house: Tenant) -> list[RightsMismatch]:
    with house.writing() as trail:
        return recount_rights(trail=trail)


def figures(house: Tenant, right: Entitlement) -> tuple[int, int]:
    with house.reading():
        row = Entitlement.objects.get(id=right.id)
        return row.issued, row.sublicensed


def broken(house: Tenant, statement: str, *given: Any) -> None:
    """By SQL, round every operation."""
    with house.reading(), connection.cursor() as cursor:
        cursor.execute(statement, given)


def test_what_the_operations_count_is_right(house: Tenant, right: Entitlement) -> None:
    """Issued, revoked, given on and taken back: nothing differs, and no entry is left."""
    assert figures(house, right) == (5, 4)
    assert recounted(house) == []
    assert kinds(house, "entitlement.recounted") == []


@pytest.mark.parametrize(
    ("column", "before"), [("issued", (0, 5)), ("issued", (16, 5)), ("sublicensed", (0, 4)), ("sublicensed", (9, 4))]
)
def test_a_wrong_figure_is_repaired_and_recorded(
    house: Tenant, right: Entitlement, column: str, before: tuple[int, int]
) -> None:
    """Too few or too many: the sums stand again, both figures are in the ledger, and the next night finds nothing."""
    key = right.id.hex if connection.vendor == "sqlite" else right.id
    broken(house, f"UPDATE licensing_entitlement SET {column} = %s WHERE id = %s", before[0], key)
    [found] = recounted(house)
    assert (found.entitlement_id, getattr(found, column), found.repaired) == (right.id, before, True)
    assert figures(house, right) == (5, 4)
    with house.reading():
        assert f'"{column}":[{before[0]},{before[1]}]' in events().get(kind="entitlement.recounted").body
    assert recounted(house) == []


def test_sums_beyond_the_right_are_reported_not_stored(house: Tenant, right: Entitlement) -> None:
    """A licence for more than there is stays a finding, night for night, until somebody cures it."""
    with house.reading():
        row = License.objects.filter(quantity=3).get()
    key = row.id.hex if connection.vendor == "sqlite" else row.id
    broken(house, "UPDATE licensing_license SET quantity = 30 WHERE id = %s", key)
    for _night in range(2):
        [found] = recounted(house)
        assert (found.issued, found.repaired) == ((5, 32), False)
    assert figures(house, right) == (5, 4)
