"""Groups as a directory service provisions them: members come and go as changes, a large group is never loaded."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from identity.models import DirectoryGroup, GroupMember
from identity.operations.directory import GroupExists
from identity.operations.provisioning.people import AttributeInvalid
from identity.operations.provisioning.preconditions import check_version
from identity.ports import bindings
from identity.queries.provisioning import visible_people
from identity.rules.provisioning import GroupAttributes, MemberChanges, too_long
from kernel.errors import InvalidInput, NotFound
from kernel.trail import Trail

PER_ENTRY = 500
"""People in one ledger entry; a large change leaves several."""


class GroupUnknown(NotFound):
    """No group of this organisation has the id."""

    code = "GROUP_NOT_FOUND"


class MemberUnknown(InvalidInput):
    """Somebody who shall join a group is not in the directory."""

    code = "MEMBER_NOT_FOUND"


@dataclass(frozen=True)
class ProvisionedGroup:
    """A group's row, and which attributes the operation changed."""

    row: DirectoryGroup
    changed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _People:
    """Ids and pseudonyms of people who joined or left."""

    ids: Sequence[UUID] = ()
    pseudonyms: Sequence[str] = ()


def provision_group(*, attributes: GroupAttributes, members: Sequence[UUID], trail: Trail) -> ProvisionedGroup:
    """Adds a group with its members. Raises GroupExists, MemberUnknown and AttributeInvalid."""
    _check(attributes)
    now = trail.clock.now()
    row = DirectoryGroup(
        organization_id=trail.organization_id,
        display_name=attributes.display_name,
        display_name_lower=attributes.display_name.lower(),
        external_id=attributes.external_id,
        created_at=now,
        updated_at=now,
    )
    _save(row)
    trail.record("group.created", subject=row, details={})
    changes = MemberChanges()
    changes.add(members)
    names = [name for name in ("display_name", "external_id") if getattr(attributes, name)]
    return ProvisionedGroup(row, [*names, *_move(row, changes, trail)])


def change_group(
    *,
    group_id: UUID,
    change: Callable[[GroupAttributes], GroupAttributes],
    members: MemberChanges,
    versions: Collection[int] | None,
    trail: Trail,
) -> ProvisionedGroup:
    """Locks a group, lets `change` say what shall be, moves members, and writes what differs.

    Raises GroupUnknown, VersionDiffers, GroupExists, MemberUnknown and AttributeInvalid.
    """
    row = _locked(group_id)
    check_version(row.version, versions)
    before = GroupAttributes(row.display_name, row.external_id)
    wanted = change(before)
    _check(wanted)
    names = [name for name in ("display_name", "external_id") if getattr(before, name) != getattr(wanted, name)]
    moved = _move(row, members, trail)
    if names or moved:
        row.display_name, row.external_id = wanted.display_name, wanted.external_id
        row.display_name_lower = wanted.display_name.lower()
        row.updated_at, row.version = trail.clock.now(), row.version + 1
        _save(row, ["display_name", "display_name_lower", "external_id", "updated_at", "version"])
    if names:
        trail.record("group.updated", subject=row, details={"attributes": list(names)})
    return ProvisionedGroup(row, [*names, *moved])


def delete_group(*, group_id: UUID, versions: Collection[int] | None, trail: Trail) -> DirectoryGroup:
    """Removes a group; its members stay in the directory. Raises GroupUnknown and VersionDiffers."""
    row = _locked(group_id)
    check_version(row.version, versions)
    left = list(GroupMember.objects.filter(group=row).values_list("person_id", flat=True))
    trail.record("group.deleted", subject=row, details={"members": len(left)})
    if left:
        bindings.group_change(group=row, joined=(), left=left, trail=trail)
    bindings.group_deletion(group=row, trail=trail)
    GroupMember.objects.filter(group=row).delete()
    DirectoryGroup.objects.filter(id=row.id).delete()
    return row


def _locked(group_id: UUID) -> DirectoryGroup:
    row = DirectoryGroup.objects.select_for_update(no_key=True).filter(id=group_id).first()
    if row is None:
        raise GroupUnknown(_("There is no such group in your directory."))
    return row


def _check(wanted: GroupAttributes) -> None:
    if not wanted.display_name.strip():
        raise AttributeInvalid(_("A group needs a name."), pointer="/display_name")
    name = too_long({"display_name": wanted.display_name, "external_id": wanted.external_id})
    if name:
        raise AttributeInvalid(_("The text is longer than a record takes."), pointer=f"/{name}")


def _save(row: DirectoryGroup, fields: Sequence[str] | None = None) -> None:
    try:
        with transaction.atomic():
            row.save(update_fields=fields) if fields else row.save(force_insert=True)
    except IntegrityError as error:
        raise GroupExists(
            _("A group with this name or external id exists already."), pointer="/display_name"
        ) from error


def _move(row: DirectoryGroup, changes: MemberChanges, trail: Trail) -> list[str]:
    """Carries the changes out and returns ["members"] when somebody joined or left."""
    left = _leaving(row, changes)
    joined = _joining(row, changes)
    if left.ids:
        GroupMember.objects.filter(group=row, person_id__in=left.ids).delete()
    if joined.ids:
        now = trail.clock.now()
        GroupMember.objects.bulk_create(
            [
                GroupMember(organization_id=trail.organization_id, group=row, person_id=one, since=now)
                for one in joined.ids
            ],
            ignore_conflicts=True,
        )
    _record("group.members_removed", row, left, trail)
    _record("group.members_added", row, joined, trail)
    if not (left.ids or joined.ids):
        return []
    bindings.group_change(group=row, joined=joined.ids, left=left.ids, trail=trail)
    return ["members"]


def _leaving(row: DirectoryGroup, changes: MemberChanges) -> _People:
    """Members who are removed, or who are not among those that a replacement names."""
    rows = GroupMember.objects.filter(group=row)
    if changes.cleared:
        found = [pair for pair in rows.values_list("person_id", "person__pseudonym") if pair[0] not in changes.added]
    elif changes.removed:
        found = list(rows.filter(person_id__in=list(changes.removed)).values_list("person_id", "person__pseudonym"))
    else:
        return _People()
    return _People([one for one, _name in found], [str(name) for _one, name in found])


def _joining(row: DirectoryGroup, changes: MemberChanges) -> _People:
    """Those to be added who are no members yet. Raises MemberUnknown when one is not in the directory."""
    if not changes.added:
        return _People()
    inside = Exists(GroupMember.objects.filter(group=row, person=OuterRef("id")))
    found = {
        person: (pseudonym, member)
        for person, pseudonym, member in visible_people()
        .filter(id__in=list(changes.added))
        .annotate(member=inside)
        .values_list("id", "pseudonym", "member")
    }
    if len(found) < len(changes.added):
        raise MemberUnknown(_("A member is not in the directory; add the person first."), pointer="/members")
    new = [person for person in changes.added if not found[person][1]]
    return _People(new, [str(found[person][0]) for person in new])


def _record(kind: str, row: DirectoryGroup, people: _People, trail: Trail) -> None:
    for start in range(0, len(people.ids), PER_ENTRY):
        trail.record(kind, subject=row, details={"people": list(people.pseudonyms[start : start + PER_ENTRY])})
