"""Organisations, the people in their directories, and the accounts that sign in."""

from identity.models.accounts import Account, Membership
from identity.models.directory import Device, DirectoryGroup, GroupMember, OrgUnit, Person, PersonEmail
from identity.models.organizations import CredentialRoute, Organization, OrganizationKind, OrganizationOwned
from identity.models.second_factor import RecoveryCode, SecondFactor
from identity.models.sessions import AccountSession, PasswordReset
from identity.models.sign_in_policy import RefusedSignIns, SignInPolicy

__all__ = [
    "Account",
    "AccountSession",
    "CredentialRoute",
    "Device",
    "DirectoryGroup",
    "GroupMember",
    "Membership",
    "OrgUnit",
    "Organization",
    "OrganizationKind",
    "OrganizationOwned",
    "PasswordReset",
    "Person",
    "PersonEmail",
    "RecoveryCode",
    "RefusedSignIns",
    "SecondFactor",
    "SignInPolicy",
]
