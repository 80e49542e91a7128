"""Departments and cost centres: where they stand in the tree, and who decides and pays for them."""

from uuid import UUID

from django.utils.translation import gettext as _

from identity.models import OrgUnit, Person
from kernel.errors import Conflict
from kernel.trail import Trail


class UnitCycle(Conflict):
    """A unit would stand below itself."""

    code = "ORG_UNIT_CYCLE"


def arrange_unit(
    *,
    unit: OrgUnit,
    kind: str,
    parent: OrgUnit | None,
    approver: Person | None,
    finance_owner: Person | None,
    trail: Trail,
) -> OrgUnit:
    """Sets all four; the same again changes nothing. Raises UnitCycle."""
    row = OrgUnit.objects.select_for_update(no_key=True).get(id=unit.id)
    wanted = {"kind": kind, "parent": parent, "approver": approver, "finance_owner": finance_owner}
    names = [name for name, value in wanted.items() if getattr(row, name) != value]
    if not names:
        return row
    if parent is not None and row.id in _above(parent):
        raise UnitCycle(_("%(unit)s cannot stand below itself.") % {"unit": row}, pointer="/parent")
    for name, value in wanted.items():
        setattr(row, name, value)
    row.save(update_fields=list(wanted))
    trail.record("org_unit.updated", subject=row, details={"fields": sorted(names)})
    return row


def _above(unit: OrgUnit) -> set[object]:
    """The unit and everything above it."""
    parents = dict(OrgUnit.objects.values_list("id", "parent_id"))
    found: set[object] = set()
    here: UUID | None = unit.id
    while here is not None and here not in found:
        found.add(here)
        here = parents.get(here)
    return found
