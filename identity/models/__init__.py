"""Organisations, the people in their directories, and the accounts that sign in."""

from identity.models.accounts import Account, Membership
from identity.models.directory import Device, DirectoryGroup, GroupMember, OrgUnit, Person, PersonEmail
from identity.models.organizations import CredentialRoute, Organization, OrganizationKind, OrganizationOwned
from identity.models.provisioning import ProvisioningEntry, ProvisioningOutcome, ScimToken

__all__ = [
    "Account",
    "CredentialRoute",
    "Device",
    "DirectoryGroup",
    "GroupMember",
    "Membership",
    "OrgUnit",
    "Organization",
    "OrganizationKind",
    "OrganizationOwned",
    "Person",
    "PersonEmail",
    "ProvisioningEntry",
    "ProvisioningOutcome",
    "ScimToken",
]
