"""Reads of the directory for its pages: people, one of them with what belongs to the record, groups with figures."""

from uuid import UUID

from django.db.models import Count, Q, QuerySet

from identity.models import DirectoryGroup, GroupMember, Membership, Person
from identity.queries.provisioning import visible_people


def people() -> QuerySet[Person]:
    """Everybody in the directory, those who left included, with unit and manager."""
    return visible_people().select_related("org_unit", "manager")


def people_like(rows: QuerySet[Person], text: str) -> QuerySet[Person]:
    """Those whose user name, name, address or employee number contains or begins with the text."""
    wanted = text.strip()
    named = Q(user_name_lower__contains=wanted.lower()) | Q(display_name__icontains=wanted)
    known = Q(emails__value_lower__startswith=wanted.lower()) | Q(employee_number=wanted)
    return rows.filter(named | known).distinct()


def person_with(person_id: UUID) -> Person | None:
    """One person, also one that was merged into another: the page then leads to that one."""
    return Person.objects.select_related("org_unit", "manager", "merged_into").filter(id=person_id).first()


def person_of_account(account_id: UUID | None) -> Person | None:
    """The active person of the directory to whom the account is linked here."""
    if account_id is None:
        return None
    rows = Membership.objects.filter(account_id=account_id, ended_at__isnull=True, person__active=True)
    row = rows.select_related("person").first()
    return row.person if row is not None else None


def memberships_of_person(person: Person) -> QuerySet[Membership]:
    return Membership.objects.filter(person=person).select_related("account").order_by("-started_at")


def groups_of(person: Person) -> QuerySet[GroupMember]:
    return GroupMember.objects.filter(person=person).select_related("group").order_by("group__display_name_lower")


def groups() -> QuerySet[DirectoryGroup]:
    """All groups with the number of their members as `count`."""
    return DirectoryGroup.objects.annotate(count=Count("members")).order_by("display_name_lower")


def members_of(group: DirectoryGroup) -> QuerySet[GroupMember]:
    return GroupMember.objects.filter(group=group).select_related("person").order_by("person__user_name_lower", "id")


def is_kept_by_directory(row: Person | DirectoryGroup) -> bool:
    """A directory service gave it its key, and says what is true of it."""
    return bool(row.external_id)
