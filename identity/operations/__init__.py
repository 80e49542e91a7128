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
)
from identity.operations.granting import LastOwner
from identity.operations.invitations import (
    InvitationNotFound,
    NewInvitation,
    accept_invitation,
    invite_member,
    withdraw_invitation,
)
from identity.operations.memberships import MembershipNotFound, change_roles, link_person
from identity.operations.organizations import FirstMember, create_organization

__all__ = [
    "FirstMember",
    "InvitationNotFound",
    "LastOwner",
    "MembershipNotFound",
    "NewInvitation",
    "NewPerson",
    "accept_invitation",
    "add_to_group",
    "change_roles",
    "create_account",
    "create_device",
    "create_group",
    "create_org_unit",
    "create_organization",
    "create_person",
    "deactivate_person",
    "end_membership",
    "grant_membership",
    "invite_member",
    "link_person",
    "record_sign_in",
    "record_sign_out",
    "withdraw_invitation",
]
