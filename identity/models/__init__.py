"""Organisations, the people in their directories, and the accounts that sign in."""

from identity.models.access_reviews import AccessReview, AccessReviewItem, ReviewDecision, ReviewerRule
from identity.models.accounts import Account, Membership
from identity.models.directory import Device, DirectoryGroup, GroupMember, OrgUnit, Person, PersonEmail, UnitKind
from identity.models.invitations import Invitation
from identity.models.merges import PersonMerge
from identity.models.organizations import CredentialRoute, Organization, OrganizationKind, OrganizationOwned

__all__ = [
    "AccessReview",
    "AccessReviewItem",
    "Account",
    "CredentialRoute",
    "Device",
    "DirectoryGroup",
    "GroupMember",
    "Invitation",
    "Membership",
    "OrgUnit",
    "Organization",
    "OrganizationKind",
    "OrganizationOwned",
    "Person",
    "PersonEmail",
    "PersonMerge",
    "ReviewDecision",
    "ReviewerRule",
    "UnitKind",
]
