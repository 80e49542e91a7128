"""Organisations, the people in their directories, and the accounts that sign in."""

from identity.models.access_reviews import AccessReview, AccessReviewItem, ReviewDecision, ReviewerRule
from identity.models.accounts import Account, Membership
from identity.models.api_clients import ApiClient, ClientKind, GrantKind, TokenSigningKey
from identity.models.directory import Device, DirectoryGroup, GroupMember, OrgUnit, Person, PersonEmail, UnitKind
from identity.models.group_roles import GroupConflict, WithheldRole
from identity.models.invitations import Invitation
from identity.models.merges import PersonMerge
from identity.models.organizations import CredentialRoute, Organization, OrganizationKind, OrganizationOwned
from identity.models.provisioning import ProvisioningEntry, ProvisioningOutcome, ScimToken
from identity.models.saml_traffic import (
    Purpose,
    RefusedMessages,
    SamlConsumedAssertion,
    SamlLink,
    SamlPendingRequest,
    SamlSession,
)
from identity.models.second_factor import RecoveryCode, SecondFactor
from identity.models.sessions import AccountSession, PasswordReset
from identity.models.sign_in_policy import RefusedSignIns, SignInPolicy
from identity.models.single_sign_on import (
    Binding,
    ConnectionState,
    GroupRole,
    IdpCertificate,
    ProvedDomain,
    SamlConnection,
    SpKey,
    SsoPolicy,
)

__all__ = [
    "AccessReview",
    "AccessReviewItem",
    "Account",
    "AccountSession",
    "ApiClient",
    "Binding",
    "ClientKind",
    "ConnectionState",
    "CredentialRoute",
    "Device",
    "DirectoryGroup",
    "GrantKind",
    "GroupConflict",
    "GroupMember",
    "GroupRole",
    "IdpCertificate",
    "Invitation",
    "Membership",
    "OrgUnit",
    "Organization",
    "OrganizationKind",
    "OrganizationOwned",
    "PasswordReset",
    "Person",
    "PersonEmail",
    "PersonMerge",
    "ProvedDomain",
    "ProvisioningEntry",
    "ProvisioningOutcome",
    "Purpose",
    "RecoveryCode",
    "RefusedMessages",
    "RefusedSignIns",
    "ReviewDecision",
    "ReviewerRule",
    "SamlConnection",
    "SamlConsumedAssertion",
    "SamlLink",
    "SamlPendingRequest",
    "SamlSession",
    "ScimToken",
    "SecondFactor",
    "SignInPolicy",
    "SpKey",
    "SsoPolicy",
    "TokenSigningKey",
    "UnitKind",
    "WithheldRole",
]
