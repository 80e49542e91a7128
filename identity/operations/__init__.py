"""Writes of identity/."""

from identity.operations.access_tokens import (
    forget_ended_tokens,
    record_consent,
    record_refresh_replayed,
    record_token_issued,
    record_token_revoked,
)
from identity.operations.accounts import (
    create_account,
    end_membership,
    grant_membership,
    record_sign_in,
    record_sign_out,
)
from identity.operations.api_clients import (
    IssuedClient,
    NewApiClient,
    create_api_client,
    revoke_api_client,
    rotate_client_secret,
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
from identity.operations.token_keys import ensure_token_key, rotate_token_key

__all__ = [
    "FirstMember",
    "InvitationNotFound",
    "IssuedClient",
    "LastOwner",
    "MembershipNotFound",
    "NewApiClient",
    "NewInvitation",
    "NewPerson",
    "accept_invitation",
    "add_to_group",
    "change_roles",
    "create_account",
    "create_api_client",
    "create_device",
    "create_group",
    "create_org_unit",
    "create_organization",
    "create_person",
    "deactivate_person",
    "end_membership",
    "ensure_token_key",
    "forget_ended_tokens",
    "grant_membership",
    "invite_member",
    "link_person",
    "record_consent",
    "record_refresh_replayed",
    "record_sign_in",
    "record_sign_out",
    "record_token_issued",
    "record_token_revoked",
    "revoke_api_client",
    "rotate_client_secret",
    "rotate_token_key",
    "withdraw_invitation",
]
