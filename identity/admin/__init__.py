"""Admin pages of identity/; config.composition registers them."""

from identity.admin.access import AccessReviewAdmin, AccessReviewItemAdmin, InvitationAdmin
from identity.admin.api_clients import ApiClientAdmin
from identity.admin.directory import DeviceAdmin, DirectoryGroupAdmin, OrgUnitAdmin, PersonAdmin
from identity.admin.memberships import MembershipAdmin
from identity.admin.provisioning import ProvisioningEntryAdmin, ScimTokenAdmin
from identity.admin.single_sign_on import ProvedDomainAdmin, SamlConnectionAdmin, SamlLinkAdmin
from identity.models import (
    AccessReview,
    AccessReviewItem,
    ApiClient,
    Device,
    DirectoryGroup,
    Invitation,
    Membership,
    OrgUnit,
    Person,
    ProvedDomain,
    ProvisioningEntry,
    SamlConnection,
    SamlLink,
    ScimToken,
)

PAGES = (
    (Person, PersonAdmin),
    (DirectoryGroup, DirectoryGroupAdmin),
    (OrgUnit, OrgUnitAdmin),
    (Device, DeviceAdmin),
    (Membership, MembershipAdmin),
    (ApiClient, ApiClientAdmin),
    (SamlConnection, SamlConnectionAdmin),
    (SamlLink, SamlLinkAdmin),
    (ProvedDomain, ProvedDomainAdmin),
    (Invitation, InvitationAdmin),
    (AccessReview, AccessReviewAdmin),
    (AccessReviewItem, AccessReviewItemAdmin),
    (ScimToken, ScimTokenAdmin),
    (ProvisioningEntry, ProvisioningEntryAdmin),
)
