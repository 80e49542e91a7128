"""Organisations, the people in their directories, and the accounts that sign in."""

from identity.models.accounts import Account, Membership
from identity.models.api_clients import ApiClient, ClientKind, GrantKind, TokenSigningKey
from identity.models.directory import Device, DirectoryGroup, GroupMember, OrgUnit, Person, PersonEmail
from identity.models.organizations import CredentialRoute, Organization, OrganizationKind, OrganizationOwned

__all__ = [
    "Account",
    "ApiClient",
    "ClientKind",
    "CredentialRoute",
    "Device",
    "DirectoryGroup",
    "GrantKind",
    "GroupMember",
    "Membership",
    "OrgUnit",
    "Organization",
    "OrganizationKind",
    "OrganizationOwned",
    "Person",
    "PersonEmail",
    "TokenSigningKey",
]
