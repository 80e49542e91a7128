"""Reads for directory services: who and what they may see, and their tokens."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import BooleanField, QuerySet, TextField, Value
from django.urls import reverse

from identity.models import DirectoryGroup, GroupMember, Membership, Person, PersonEmail, ProvisioningEntry, ScimToken
from identity.rules.provisioning import COLUMNS, Address, PersonAttributes

TOKEN_MARK = "slscim_"  # noqa: S105  # a mark, no secret
"""What provisioning tokens begin with, so that they are told from access tokens, and found by secret scanners."""
CREDENTIAL = "scim_token"
"""The kind of their credential routes."""


@dataclass(frozen=True)
class Membered:
    """A group that a person is in, or a person who is in a group."""

    id: UUID
    name: str


def visible_people() -> QuerySet[Person]:
    """People whom a directory service sees: those who left too, those who were deleted or erased not."""
    return Person.objects.filter(deleted_at__isnull=True, erased_at__isnull=True)


def visible_groups() -> QuerySet[DirectoryGroup]:
    return DirectoryGroup.objects.all()


def emails_of(people: Collection[UUID]) -> dict[UUID, list[PersonEmail]]:
    """Addresses per person, the oldest first; one query."""
    found: dict[UUID, list[PersonEmail]] = defaultdict(list)
    for row in PersonEmail.objects.filter(person_id__in=people).order_by("id") if people else ():
        found[row.person_id].append(row)
    return found


def groups_of(people: Collection[UUID]) -> dict[UUID, list[Membered]]:
    """Groups per person; one query."""
    rows = GroupMember.objects.filter(person_id__in=people).order_by("group__display_name_lower")
    found: dict[UUID, list[Membered]] = defaultdict(list)
    for person, group, name in rows.values_list("person_id", "group_id", "group__display_name") if people else ():
        found[person].append(Membered(group, name))
    return found


def emails_and_groups_of(person: Person) -> tuple[list[PersonEmail], list[Membered]]:
    """What `emails_of` and `groups_of` say of one person, in the same order; one query for both."""
    emails = PersonEmail.objects.filter(person=person).values_list(
        "id", "value", "value_lower", "kind", "primary", Value(False, BooleanField())
    )
    groups = GroupMember.objects.filter(person=person).values_list(
        "group_id",
        "group__display_name",
        "group__display_name_lower",
        Value("", TextField()),
        Value(False, BooleanField()),
        Value(True, BooleanField()),
    )
    found: list[PersonEmail] = []
    memberships: list[Membered] = []
    for key, text, lower, kind, primary, is_group in emails.union(groups, all=True).order_by("value_lower"):
        if is_group:
            memberships.append(Membered(key, text))
        else:
            row = PersonEmail(id=key, organization_id=person.organization_id, person=person, kind=kind, primary=primary)
            row.value, row.value_lower = text, lower
            found.append(row)
    return sorted(found, key=lambda row: row.id), memberships


def members_of(groups: Collection[UUID]) -> dict[UUID, list[Membered]]:
    """Members per group, the oldest first; one query."""
    rows = GroupMember.objects.filter(group_id__in=groups, person__deleted_at__isnull=True).order_by("id")
    columns = ("group_id", "person_id", "person__display_name", "person__user_name")
    found: dict[UUID, list[Membered]] = defaultdict(list)
    for group, person, display, user_name in rows.values_list(*columns) if groups else ():
        found[group].append(Membered(person, display or user_name))
    return found


def attributes_of(row: Person, emails: Sequence[PersonEmail]) -> PersonAttributes:
    """The stored state of a person in the words of a directory service."""
    return PersonAttributes(
        **{name: getattr(row, name) for name in COLUMNS},
        emails=tuple(Address(one.value, one.kind, one.primary) for one in emails),
        active=row.active,
    )


def token_with(digest: bytes, *, at: datetime) -> ScimToken | None:
    """The token of the open organisation with this digest, if it works at `at`."""
    row = ScimToken.objects.filter(digest=digest, revoked_at__isnull=True).first()
    return row if row is not None and row.expires_at > at else None


def tokens() -> QuerySet[ScimToken]:
    """Newest first."""
    return ScimToken.objects.select_related("rotated_from").order_by("-id")


def provisioning_log() -> QuerySet[ProvisioningEntry]:
    """Newest first, with the names of the tokens."""
    return ProvisioningEntry.objects.select_related("token").order_by("-id")


def person_of_account(account_id: UUID) -> UUID | None:
    """The directory record to which an account of the open organisation is linked."""
    rows = Membership.objects.filter(account_id=account_id, ended_at__isnull=True, person__isnull=False)
    return rows.values_list("person_id", flat=True).first()


def base_url() -> str:
    """What an administrator enters at the directory service: where SCIM is mounted, without a slash at the end."""
    return str(settings.BASE_URL) + reverse("scim:root").rstrip("/")
