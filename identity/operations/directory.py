"""The directory: people, groups and devices. Names stand in the ledger as commitments only."""

import uuid
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from identity.models import Device, DirectoryGroup, GroupMember, OrgUnit, Person, PersonEmail
from identity.ports import bindings
from kernel.errors import Conflict
from kernel.trail import Personal, Trail


class PersonExists(Conflict):
    """Somebody in this organisation has the user name or external id."""

    code = "PERSON_EXISTS"


class GroupExists(Conflict):
    """A group of this organisation has the name."""

    code = "GROUP_EXISTS"


class DeviceExists(Conflict):
    """A device of this organisation has the host name or serial number."""

    code = "DEVICE_EXISTS"


@dataclass(frozen=True)
class NewPerson:
    """What is known of a person when the record is made; `user_name` is unique whatever its case."""

    user_name: str
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    department: str = ""
    title: str = ""
    employee_number: str = ""
    external_id: str = ""
    territory: str = ""


def create_person(*, person: NewPerson, trail: Trail) -> Person:
    """Adds a person to the directory. Raises PersonExists."""
    now = trail.clock.now()
    row = Person(
        organization_id=trail.organization_id,
        pseudonym=uuid.uuid4(),
        user_name=person.user_name,
        user_name_lower=person.user_name.lower(),
        given_name=person.given_name,
        family_name=person.family_name,
        display_name=f"{person.given_name} {person.family_name}".strip(),
        department=person.department,
        title=person.title,
        employee_number=person.employee_number,
        external_id=person.external_id,
        territory=person.territory,
        created_at=now,
        updated_at=now,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            if person.email:
                PersonEmail.objects.create(
                    organization_id=trail.organization_id,
                    person=row,
                    value=person.email,
                    value_lower=person.email.lower(),
                    primary=True,
                )
    except IntegrityError as error:
        raise PersonExists(
            _("Somebody with this user name or external id is in the directory already."), pointer="/user_name"
        ) from error
    trail.record(
        "person.created",
        subject=row,
        details={"person": str(row.pseudonym)},
        personal={
            "user_name": Personal(row.pseudonym, row.user_name),
            "name": Personal(row.pseudonym, row.display_name),
        },
    )
    return row


def deactivate_person(*, person: Person, trail: Trail) -> Person:
    """Marks somebody as gone, and gives back what the person holds; twice changes nothing. Returns the row as it is.

    Holds the person's row, as assigning does, so that no seat is given to somebody who leaves at the same moment.
    """
    row = Person.objects.select_for_update(no_key=True).get(id=person.id)
    if not row.active:
        return row
    now = trail.clock.now()
    row.active, row.active_stated, row.left_at, row.updated_at = False, True, now, now
    row.version += 1
    row.save(update_fields=["active", "active_stated", "left_at", "updated_at", "version"])
    trail.record("person.deactivated", subject=row, details={"person": str(row.pseudonym)})
    bindings.departure(person=row, trail=trail)
    return row


def reactivate_person(*, person: Person, trail: Trail) -> Person:
    """Somebody who had left is back, and gets back what is free of what was held before, within the days that the
    organisation set; twice changes nothing. Returns the row as it is."""
    row = Person.objects.select_for_update(no_key=True).get(id=person.id)
    if row.active:
        return row
    row.updated_at, row.version, owed = trail.clock.now(), row.version + 1, row.left_behind
    row.save(update_fields=[*mark_returned(person=row), "updated_at", "version"])
    trail.record("person.reactivated", subject=row, details={"person": str(row.pseudonym)})
    if owed:
        bindings.comeback(person=row, trail=trail)
    return row


def mark_returned(*, person: Person) -> list[str]:
    """Sets what says that somebody is back, and returns the names of these fields; the caller saves and records."""
    person.active, person.active_stated, person.left_at, person.left_behind = True, True, None, False
    return ["active", "active_stated", "left_at", "left_behind"]


def create_group(*, display_name: str, trail: Trail, external_id: str = "") -> DirectoryGroup:
    """Adds a group. Raises GroupExists."""
    now = trail.clock.now()
    try:
        with transaction.atomic():
            row = DirectoryGroup.objects.create(
                organization_id=trail.organization_id,
                display_name=display_name,
                display_name_lower=display_name.lower(),
                external_id=external_id,
                created_at=now,
                updated_at=now,
            )
    except IntegrityError as error:
        raise GroupExists(
            _("A group with this name or external id exists already."), pointer="/display_name"
        ) from error
    trail.record("group.created", subject=row, details={})
    return row


def add_to_group(*, group: DirectoryGroup, people: list[Person], trail: Trail) -> int:
    """Adds people who are not members yet and returns how many were added."""
    present = set(GroupMember.objects.filter(group=group, person__in=people).values_list("person_id", flat=True))
    added = [person for person in people if person.id not in present]
    GroupMember.objects.bulk_create(
        [
            GroupMember(organization_id=trail.organization_id, group=group, person=person, since=trail.clock.now())
            for person in added
        ]
    )
    if added:
        trail.record(
            "group.members_added", subject=group, details={"people": [str(person.pseudonym) for person in added]}
        )
        bindings.group_change(group=group, joined=[person.id for person in added], left=(), trail=trail)
    return len(added)


def create_device(
    *,
    hostname: str,
    trail: Trail,
    serial: str = "",
    cores: int | None = None,
    platform: str = "",
    person: Person | None = None,
    source: str = "",
) -> Device:
    """Adds a device. Raises DeviceExists."""
    try:
        with transaction.atomic():
            row = Device.objects.create(
                organization_id=trail.organization_id,
                hostname=hostname,
                hostname_lower=hostname.lower(),
                serial=serial,
                cores=cores,
                platform=platform,
                person=person,
                source=source,
                created_at=trail.clock.now(),
            )
    except IntegrityError as error:
        raise DeviceExists(
            _("A device with this host name or serial number exists already."), pointer="/hostname"
        ) from error
    trail.record("device.created", subject=row, details={"source": source})
    return row


def create_org_unit(*, code: str, name: str, trail: Trail) -> OrgUnit:
    """The department or cost centre with this code, added when it is not there yet."""
    row, created = OrgUnit.objects.get_or_create(
        organization_id=trail.organization_id, code=code, defaults={"name": name}
    )
    if created:
        trail.record("org_unit.created", subject=row, details={"code": code})
    return row
