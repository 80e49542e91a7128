"""What people of the house settle about a person by hand: the unit, and a legal hold."""

from django.utils.translation import gettext as _

from audit.models import Hold
from identity.models import OrgUnit, Person
from kernel.errors import InvalidInput
from kernel.trail import Personal, Trail


class HoldReasonRequired(InvalidInput):
    """A legal hold is placed and lifted with a reason, which stays on record."""

    code = "HOLD_REASON_REQUIRED"


def place_person(*, person: Person, org_unit: OrgUnit | None, territory: str, trail: Trail) -> Person:
    """Puts a person into a unit and a territory; the same again changes nothing. Returns the row as it is."""
    row = Person.objects.select_for_update(no_key=True).get(id=person.id)
    wanted = {"org_unit_id": org_unit.id if org_unit else None, "territory": territory.upper()}
    names = [name for name, value in wanted.items() if getattr(row, name) != value]
    if not names:
        return row
    row.org_unit, row.territory = org_unit, territory.upper()
    row.updated_at, row.version = trail.clock.now(), row.version + 1
    row.save(update_fields=["org_unit", "territory", "updated_at", "version"])
    attributes = sorted(name.removesuffix("_id") for name in names)
    trail.record("person.updated", subject=row, details={"person": str(row.pseudonym), "attributes": [*attributes]})
    return row


def place_hold(*, person: Person, reason: str, trail: Trail) -> Person:
    """Nothing of the person is erased or purged while the hold lasts; placing twice changes nothing.

    Raises HoldReasonRequired.
    """
    row = _held(person, reason)
    if row.legal_hold:
        return row
    now, actor = trail.clock.now(), str(trail.actor.pseudonym)
    Hold.objects.create(organization_id=trail.organization_id, person=row.pseudonym, placed_at=now, placed_by=actor)
    return _set(row, True, "person.hold_placed", reason, trail)


def lift_hold(*, person: Person, reason: str, trail: Trail) -> Person:
    """Ends the hold; lifting twice changes nothing. Raises HoldReasonRequired."""
    row = _held(person, reason)
    if not row.legal_hold:
        return row
    now, actor = trail.clock.now(), str(trail.actor.pseudonym)
    Hold.objects.filter(person=row.pseudonym, lifted_at__isnull=True).update(lifted_at=now, lifted_by=actor)
    return _set(row, False, "person.hold_lifted", reason, trail)


def _held(person: Person, reason: str) -> Person:
    if not reason.strip():
        raise HoldReasonRequired(_("Say why."), pointer="/reason")
    return Person.objects.select_for_update(no_key=True).get(id=person.id)


def _set(row: Person, hold: bool, kind: str, reason: str, trail: Trail) -> Person:
    row.legal_hold, row.updated_at = hold, trail.clock.now()
    row.save(update_fields=["legal_hold", "updated_at"])
    trail.record(
        kind,
        subject=row,
        details={"person": str(row.pseudonym)},
        personal={"reason": Personal(row.pseudonym, reason.strip())},
    )
    return row
