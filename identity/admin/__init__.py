"""Admin pages of identity/; config.composition registers them."""

from identity.admin.access import AccessReviewAdmin, AccessReviewItemAdmin, InvitationAdmin
from identity.admin.directory import DeviceAdmin, DirectoryGroupAdmin, OrgUnitAdmin, PersonAdmin
from identity.admin.memberships import MembershipAdmin
from identity.models import (
    AccessReview,
    AccessReviewItem,
    Device,
    DirectoryGroup,
    Invitation,
    Membership,
    OrgUnit,
    Person,
)

PAGES = (
    (Person, PersonAdmin),
    (DirectoryGroup, DirectoryGroupAdmin),
    (OrgUnit, OrgUnitAdmin),
    (Device, DeviceAdmin),
    (Membership, MembershipAdmin),
    (Invitation, InvitationAdmin),
    (AccessReview, AccessReviewAdmin),
    (AccessReviewItem, AccessReviewItemAdmin),
)
