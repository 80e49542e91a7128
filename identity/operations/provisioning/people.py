"""People as a directory service provisions them. Attributes stand in the ledger by name, never by value."""

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, F
from django.utils.translation import gettext as _

from identity.models import DirectoryGroup, GroupMember, Person, PersonEmail
from identity.operations.directory import PersonExists, deactivate_person, mark_returned
from identity.operations.provisioning.preconditions import check_version
from identity.ports import bindings
from identity.queries.provisioning import Membered, attributes_of, emails_and_groups_of, visible_people
from identity.rules.provisioning import (
    COLUMNS,
    MOST_ADDRESSES,
    PersonAttributes,
    changed,
    merged,
    named,
    replaced,
    too_long,
)
from kernel.errors import InvalidInput, JsonValue, NotFound
from kernel.trail import Personal, Trail

ON_ROW = frozenset(COLUMNS)


class PersonUnknown(NotFound):
    """No person of this organisation has the id, or not any more."""

    code = "PERSON_NOT_FOUND"


class ManagerUnknown(InvalidInput):
    """The manager is not in the directory."""

    code = "MANAGER_NOT_FOUND"


class AttributeInvalid(InvalidInput):
    """An attribute of a person or group is missing, longer than a record takes, or given more often than it may be."""

    code = "ATTRIBUTE_INVALID"


@dataclass(frozen=True)
class ProvisionedPerson:
    """A person's row with its addresses and groups, and which attributes the operation changed."""

    row: Person
    emails: Sequence[PersonEmail]
    changed: list[str] = field(default_factory=list)
    groups: Sequence[Membered] = ()


def provision_person(*, attributes: PersonAttributes, trail: Trail) -> ProvisionedPerson:
    """Adds a person. Raises PersonExists, ManagerUnknown and AttributeInvalid."""
    wanted = _checked(named(attributes))
    _find_manager(wanted.manager_id)
    now = trail.clock.now()
    row = Person(
        organization_id=trail.organization_id,
        pseudonym=uuid.uuid4(),
        user_name_lower=wanted.user_name.lower(),
        active=wanted.active,
        left_at=None if wanted.active else now,
        created_at=now,
        updated_at=now,
        **{name: getattr(wanted, name) for name in COLUMNS},
    )
    _save(row)
    emails = PersonEmail.objects.bulk_create(_new_emails(row, wanted))
    given = [name for name in changed(PersonAttributes(user_name=""), wanted) if name != "active"]
    trail.record(
        "person.created",
        subject=row,
        details={"person": str(row.pseudonym), "attributes": list(given)},
        personal={
            "user_name": Personal(row.pseudonym, row.user_name),
            "name": Personal(row.pseudonym, row.display_name),
        },
    )
    return ProvisionedPerson(row, emails, given)


def change_person(
    *,
    person_id: UUID,
    change: Callable[[PersonAttributes], PersonAttributes],
    versions: Collection[int] | None,
    trail: Trail,
) -> ProvisionedPerson:
    """Locks a person, lets `change` say what shall be, and writes what differs; nothing when nothing does.

    Becoming inactive is a departure. Five queries at most, a departure aside. Raises PersonUnknown, VersionDiffers,
    PersonExists, ManagerUnknown and AttributeInvalid.
    """
    row = _locked(person_id)
    check_version(row.version, versions)
    stored, groups = emails_and_groups_of(row)
    before = attributes_of(row, stored)
    wanted = _checked(change(before))
    names = changed(before, wanted)
    if not names:
        return ProvisionedPerson(row, stored, groups=groups)
    leaves = "active" in names and not wanted.active
    emails = _write(row, wanted, names, stored, trail) if names != ["active"] or not leaves else stored
    if leaves:
        row = deactivate_person(person=row, trail=trail)
    return ProvisionedPerson(row, emails, names, groups)


def delete_person(*, person_id: UUID, versions: Collection[int] | None, trail: Trail) -> Person:
    """Takes a person out of the directory: a departure, out of every group, and the id answers no more.

    The row stays for the record. Raises PersonUnknown and VersionDiffers.
    """
    row = _locked(person_id)
    check_version(row.version, versions)
    row = deactivate_person(person=row, trail=trail)
    row.deleted_at = trail.clock.now()
    _leave_groups(row, trail, row.deleted_at)
    row.save(update_fields=["deleted_at"])
    trail.record("person.deleted", subject=row, details={"person": str(row.pseudonym)})
    return row


def _leave_groups(row: Person, trail: Trail, now: datetime) -> None:
    groups = list(DirectoryGroup.objects.filter(members__person=row).order_by("id"))
    GroupMember.objects.filter(person=row).delete()
    DirectoryGroup.objects.filter(id__in=[group.id for group in groups]).update(
        version=F("version") + 1, updated_at=now
    )
    for group in groups:
        trail.record("group.members_removed", subject=group, details={"people": [str(row.pseudonym)]})
        bindings.group_change(group=group, joined=(), left=[row.id], trail=trail)


def _locked(person_id: UUID) -> Person:
    row = visible_people().select_for_update(no_key=True).filter(id=person_id).first()
    if row is None:
        raise PersonUnknown(_("There is no such person in your directory."))
    return row


def _find_manager(manager_id: UUID | None) -> None:
    if manager_id is not None and not visible_people().filter(id=manager_id).exists():
        raise _manager_unknown()


def _manager_unknown() -> ManagerUnknown:
    return ManagerUnknown(_("The manager is not in the directory; add that person first."), pointer="/manager")


def _checked(wanted: PersonAttributes) -> PersonAttributes:
    if not wanted.user_name.strip():
        raise AttributeInvalid(_("A person needs a user name."), pointer="/user_name")
    wanted = replaced(wanted, emails=merged(wanted.emails))
    texts = {name: getattr(wanted, name) for name in COLUMNS}
    name = too_long(texts) or too_long({f"emails/{i}": one.value for i, one in enumerate(wanted.emails)})
    if name or any(len(one.value) > 320 or len(one.kind) > 64 for one in wanted.emails):
        raise AttributeInvalid(_("The text is longer than a record takes."), pointer=f"/{name or 'emails'}")
    if len(wanted.emails) > MOST_ADDRESSES or sum(one.primary for one in wanted.emails) > 1:
        raise AttributeInvalid(
            _("A person has at most %(count)s e-mail addresses, one of them primary.") % {"count": MOST_ADDRESSES},
            pointer="/emails",
        )
    return wanted


def _save(row: Person, fields: Sequence[str] = (), *, manager: UUID | None = None) -> None:
    """Adds the row, or writes these fields of it, which the caller has locked; where a `manager` is named, only if that
    person is in the directory: one statement asks and writes. Raises PersonExists and ManagerUnknown."""
    rows = Person.objects.filter(id=row.id)
    if manager is not None:
        rows = rows.filter(Exists(visible_people().filter(id=manager)))
    try:
        with transaction.atomic():
            if not fields:
                row.save(force_insert=True)
            elif not rows.update(**{name: getattr(row, name) for name in fields}):
                raise _manager_unknown()
    except IntegrityError as error:
        raise PersonExists(
            _("Somebody with this user name or external id is in the directory already."), pointer="/user_name"
        ) from error


def _write(
    row: Person, wanted: PersonAttributes, names: list[str], emails: Sequence[PersonEmail], trail: Trail
) -> Sequence[PersonEmail]:
    """Writes all that differs but a departure; who is back is so in the same statement."""
    columns = [name for name in names if name in ON_ROW]
    for name in columns:
        setattr(row, name, getattr(wanted, name))
    row.user_name_lower = row.user_name.lower()
    row.updated_at, row.version = trail.clock.now(), row.version + 1
    returns, owed = "active" in names and wanted.active, row.left_behind
    if returns:
        columns += mark_returned(person=row)
    manager = row.manager_id if "manager_id" in names else None
    _save(row, [*dict.fromkeys(columns), "user_name_lower", "updated_at", "version"], manager=manager)
    if "emails" in names:
        emails = _replace_emails(row, wanted, emails)
    _record_change(row, names, trail)
    if returns:
        trail.record("person.reactivated", subject=row, details={"person": str(row.pseudonym)})
        if owed:
            bindings.comeback(person=row, trail=trail)
    return emails


def _record_change(row: Person, names: list[str], trail: Trail) -> None:
    told: list[JsonValue] = [name for name in names if name != "active"]
    if told:
        personal = {"user_name": Personal(row.pseudonym, row.user_name)} if "user_name" in names else {}
        details: dict[str, JsonValue] = {"person": str(row.pseudonym), "attributes": told}
        trail.record("person.updated", subject=row, details=details, personal=personal)


def _replace_emails(row: Person, wanted: PersonAttributes, emails: Sequence[PersonEmail]) -> list[PersonEmail]:
    """Keeps the rows that say what is wanted and writes the others over with what is missing, in one statement.

    A row of the same address is written over with that address, and the primary one comes last: no two rows are alike
    or primary in between, which the table refuses. Rows that are too many go first.
    """
    asked = {(one.value, one.kind, one.primary) for one in wanted.emails}
    kept = [one for one in emails if (one.value, one.kind, one.primary) in asked]
    present = {(one.value, one.kind, one.primary) for one in kept}
    missing = sorted(_new_emails(row, wanted, present), key=lambda one: one.primary)
    free = {(one.value_lower, one.kind): one.id for one in emails if one not in kept}
    alike = {key: free.pop(key) for one in missing if (key := (one.value_lower, one.kind)) in free}
    others = list(free.values())
    for one in missing:
        one.id = alike.get((one.value_lower, one.kind)) or (others.pop(0) if others else one.id)
    if others:
        PersonEmail.objects.filter(id__in=others).delete()
    if missing:
        columns = ["value", "value_lower", "kind", "primary"]
        PersonEmail.objects.bulk_create(missing, update_conflicts=True, unique_fields=["id"], update_fields=columns)
    return sorted([*kept, *missing], key=lambda one: one.id)


def _new_emails(
    row: Person, wanted: PersonAttributes, present: Collection[tuple[str, str, bool]] = ()
) -> list[PersonEmail]:
    """The rows that are missing, not stored yet."""
    missing = [one for one in wanted.emails if (one.value, one.kind, one.primary) not in present]
    return [
        PersonEmail(
            organization_id=row.organization_id,
            person=row,
            value=one.value,
            value_lower=one.value.lower(),
            kind=one.kind,
            primary=one.primary,
        )
        for one in missing
    ]
