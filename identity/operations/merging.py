"""Two records of one human become one, and what was done may be undone as far as nothing has happened since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from identity.models import Device, GroupMember, Membership, Person, PersonEmail, PersonMerge
from identity.ports import bindings
from kernel.errors import Conflict, InvalidInput
from kernel.trail import Personal, Trail

MOVED: Mapping[str, type[Any]] = {
    "emails": PersonEmail,
    "groups": GroupMember,
    "devices": Device,
    "memberships": Membership,
}


class MergeOfOne(InvalidInput):
    """A record is merged into another one, not into itself."""

    code = "MERGE_OF_ONE"


class MergeReasonRequired(InvalidInput):
    """Two records are merged with a reason, which stays on record."""

    code = "MERGE_REASON_REQUIRED"


class MergeRefused(Conflict):
    """A record was merged, deleted or erased before or is held, one manages the other, or both have an account here."""

    code = "MERGE_REFUSED"


class MergeUndone(Conflict):
    """The merge was undone already."""

    code = "MERGE_UNDONE"


@dataclass(frozen=True)
class MergePreview:
    """How many rows would move, by table, and how many seats would be given back as the other record holds one too."""

    moves: Mapping[str, int]
    seats: int
    released: int


def preview_merge(*, kept: Person, merged: Person) -> MergePreview:
    """What merge_people would do at this moment, read without locks. Raises MergeOfOne and MergeRefused."""
    _check(kept, merged)
    seats, released = bindings.merge_seats.preview(kept=kept, merged=merged)
    return MergePreview({name: len(_moving(name, kept, merged)) for name in MOVED}, seats, released)


def merge_people(*, kept: Person, merged: Person, reason: str, trail: Trail) -> PersonMerge:
    """Moves everything of `merged` to `kept`; the record of `merged` stays, inactive, and leads to the other one.

    What both have stays with its own record: the same address, the same group. A seat of a pool of which both hold one
    is given back. Raises MergeOfOne, MergeReasonRequired and MergeRefused.
    """
    if not reason.strip():
        raise MergeReasonRequired(_("Say how you know that this is one human."), pointer="/reason")
    kept, merged = _locked(kept, merged)
    _check(kept, merged)
    moved: dict[str, list[str]] = {name: _move(name, kept, merged) for name in MOVED}
    seats = bindings.merge_seats.move(kept=kept, merged=merged, trail=trail)
    moved["seats"] = [str(key) for key in seats]
    moved["was_active"] = ["yes"] if merged.active else []
    now = trail.clock.now()
    merged.active, merged.left_at, merged.merged_into = False, merged.left_at or now, kept
    merged.updated_at, merged.version = now, merged.version + 1
    merged.save(update_fields=["active", "left_at", "merged_into", "updated_at", "version"])
    row = PersonMerge.objects.create(
        organization_id=trail.organization_id,
        kept=kept,
        merged=merged,
        moved=moved,
        reason=reason.strip(),
        merged_at=now,
        merged_by=str(trail.actor.pseudonym),
    )
    counts = {name: len(keys) for name, keys in moved.items() if name != "was_active"}
    trail.record(
        "person.merged",
        subject=kept,
        details={"person": str(kept.pseudonym), "merged": str(merged.pseudonym), "moved": {**counts}},
        personal={"reason": Personal(kept.pseudonym, row.reason)},
    )
    return row


def undo_merge(*, merge: PersonMerge, trail: Trail) -> PersonMerge:
    """Gives back what was moved and still stands where the merge put it; the record is active again if it was.

    Raises MergeUndone.
    """
    row = PersonMerge.objects.select_for_update(no_key=True).get(id=merge.id)
    if row.undone_at is not None:
        raise MergeUndone(_("This merge was undone already."))
    kept, merged = _locked(row.kept, row.merged)
    now = trail.clock.now()
    was_active = bool(row.moved.get("was_active"))
    merged.merged_into, merged.active, merged.left_at = None, was_active, None if was_active else merged.left_at
    merged.updated_at, merged.version = now, merged.version + 1
    merged.save(update_fields=["merged_into", "active", "left_at", "updated_at", "version"])
    back = {
        name: model.objects.filter(id__in=row.moved.get(name, ()), person=kept).update(person=merged)
        for name, model in MOVED.items()
    }
    ids = [UUID(key) for key in row.moved.get("seats", ())]
    back["seats"] = len(bindings.merge_seats.move_back(ids=ids, kept=kept, merged=merged, trail=trail))
    row.undone_at, row.undone_by = now, str(trail.actor.pseudonym)
    row.save(update_fields=["undone_at", "undone_by"])
    trail.record(
        "person.merge_undone",
        subject=kept,
        details={"person": str(kept.pseudonym), "merged": str(merged.pseudonym), "returned": {**back}},
    )
    return row


def _locked(kept: Person, merged: Person) -> tuple[Person, Person]:
    """Both rows locked by ascending id, so that two merges never wait for each other in a circle."""
    rows = Person.objects.select_for_update(no_key=True).filter(id__in=[kept.id, merged.id]).order_by("id")
    found = {row.id: row for row in rows}
    return found[kept.id], found[merged.id]


def _check(kept: Person, merged: Person) -> None:
    if kept.id == merged.id:
        raise MergeOfOne(_("Choose another record; this is the same one."), pointer="/merged")
    for row in (kept, merged):
        if row.merged_into_id or row.deleted_at or row.erased_at:
            raise MergeRefused(_("%(name)s was merged, deleted or erased before.") % {"name": row}, pointer="/merged")
    if merged.legal_hold:
        raise MergeRefused(_("%(name)s is under legal hold and stays as it is.") % {"name": merged}, pointer="/merged")
    if merged.manager_id == kept.id or kept.manager_id == merged.id:
        raise MergeRefused(_("One of the two is the other's manager; that is not one human."), pointer="/merged")
    live = Membership.objects.filter(ended_at__isnull=True)
    if live.filter(person=kept).exists() and live.filter(person=merged).exists():
        raise MergeRefused(_("Both have an account that works here. End one of them first."), pointer="/merged")


def _moving(name: str, kept: Person, merged: Person) -> Sequence[Any]:
    """Rows of one table that would move: not those that the kept record has too."""
    rows = MOVED[name].objects.filter(person=merged)
    if name == "emails":
        rows = rows.exclude(value_lower__in=PersonEmail.objects.filter(person=kept).values("value_lower"))
    if name == "groups":
        rows = rows.exclude(group__in=GroupMember.objects.filter(person=kept).values("group"))
    return list(rows.order_by("id"))


def _move(name: str, kept: Person, merged: Person) -> list[str]:
    ids = [row.id for row in _moving(name, kept, merged)]
    # One address of a person is primary: that of the kept record.
    changes: dict[str, Any] = {"person": kept, **({"primary": False} if name == "emails" else {})}
    MOVED[name].objects.filter(id__in=ids).update(**changes)
    return [str(key) for key in ids]
