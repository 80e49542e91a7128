"""Units: where they stand in the tree, and who decides and pays for them."""

from typing import Any

import pytest

from audit.queries import events
from identity.operations.units import UnitCycle, arrange_unit
from tests.factories import identity
from tests.factories.tenants import tenant

pytestmark = pytest.mark.django_db


def test_a_unit_is_arranged_once_and_never_below_itself():
    """Kind, parent, approver and finance owner in one entry; the same again leaves none; a circle is refused."""
    one = tenant()
    with one.writing():
        top, below = identity.unit(one.organization), identity.unit(one.organization)
        boss = identity.person(one.organization)
    facts: dict[str, Any] = {"kind": "cost_centre", "approver": boss, "finance_owner": boss}
    for _ in range(2):
        with one.writing() as opened:
            row = arrange_unit(unit=below, parent=top, trail=opened, **facts)
    assert (row.parent_id, row.approver_id, row.finance_owner_id, row.kind) == (top.id, boss.id, boss.id, "cost_centre")
    with one.reading():
        assert events().filter(kind="org_unit.updated").count() == 1
    for parent in (below, top):
        with pytest.raises(UnitCycle), one.writing() as opened:
            arrange_unit(unit=top, parent=parent, trail=opened, **facts)
