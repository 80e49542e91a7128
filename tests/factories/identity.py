"""Organisations, accounts and the directory."""

from itertools import count
from typing import Any

from identity.models import (
    Account,
    Device,
    DirectoryGroup,
    GroupMember,
    Membership,
    Organization,
    OrgUnit,
    Person,
    PersonEmail,
    WithheldRole,
)
from tests.factories.moments import NOW

_next = count(1)


def organization(**columns: Any) -> Organization:
    n = next(_next)
    values = {"slug": f"house-{n}", "name": f"House {n}", "kind": "buyer", "created_at": NOW, **columns}
    return Organization.objects.create(**values)


def account(**columns: Any) -> Account:
    email = columns.pop("email", f"someone{next(_next)}@example.org")
    return Account.objects.create(email=email, email_lower=email.lower(), created_at=NOW, **columns)


def membership(organization: Organization, account: Account, **columns: Any) -> Membership:
    values = {"roles": ["viewer"], "started_at": NOW, **columns}
    return Membership.objects.create(organization=organization, account=account, **values)


def withheld_role(membership: Membership, role: str = "finance") -> WithheldRole:
    """A role that somebody took away and that no group gives back."""
    return WithheldRole.objects.create(
        organization_id=membership.organization_id,
        membership=membership,
        role=role,
        withheld_at=NOW,
        withheld_by="somebody",
    )


def person(organization: Organization, **columns: Any) -> Person:
    name = columns.pop("user_name", f"person{next(_next)}")
    values = {"display_name": name.title(), "created_at": NOW, "updated_at": NOW, **columns}
    return Person.objects.create(organization=organization, user_name=name, user_name_lower=name.lower(), **values)


def device(organization: Organization, **columns: Any) -> Device:
    name = columns.pop("hostname", f"host{next(_next)}")
    values = {"created_at": NOW, **columns}
    return Device.objects.create(organization=organization, hostname=name, hostname_lower=name.lower(), **values)


def unit(organization: Organization, **columns: Any) -> OrgUnit:
    n = next(_next)
    return OrgUnit.objects.create(organization=organization, **{"code": f"U{n}", "name": f"Unit {n}", **columns})


def email(person: Person, **columns: Any) -> PersonEmail:
    value = columns.pop("value", f"{person.user_name}@example.org")
    return PersonEmail.objects.create(
        organization=person.organization, person=person, value=value, value_lower=value.lower(), **columns
    )


def group(organization: Organization, **columns: Any) -> DirectoryGroup:
    name = columns.pop("display_name", f"Group {next(_next)}")
    values = {"created_at": NOW, "updated_at": NOW, **columns}
    return DirectoryGroup.objects.create(
        organization=organization, display_name=name, display_name_lower=name.lower(), **values
    )


def group_member(group: DirectoryGroup, person: Person) -> GroupMember:
    return GroupMember.objects.create(organization=group.organization, group=group, person=person, since=NOW)
