"""Writes of identity/."""

from identity.operations.accounts import (
    create_account,
    end_membership,
    grant_membership,
    record_sign_in,
    record_sign_out,
)
from identity.operations.directory import (
    NewPerson,
    add_to_group,
    create_device,
    create_group,
    create_org_unit,
    create_person,
    deactivate_person,
    reactivate_person,
)
from identity.operations.organizations import FirstMember, create_organization

__all__ = [
    "FirstMember",
    "NewPerson",
    "add_to_group",
    "create_account",
    "create_device",
    "create_group",
    "create_org_unit",
    "create_organization",
    "create_person",
    "deactivate_person",
    "end_membership",
    "grant_membership",
    "reactivate_person",
    "record_sign_in",
    "record_sign_out",
]
