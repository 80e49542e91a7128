"""Admin pages of identity/; config.composition registers them."""

from identity.admin.directory import DeviceAdmin, DirectoryGroupAdmin, OrgUnitAdmin, PersonAdmin
from identity.admin.memberships import MembershipAdmin
from identity.admin.provisioning import ProvisioningEntryAdmin, ScimTokenAdmin
from identity.models import Device, DirectoryGroup, Membership, OrgUnit, Person, ProvisioningEntry, ScimToken

PAGES = (
    (Person, PersonAdmin),
    (DirectoryGroup, DirectoryGroupAdmin),
    (OrgUnit, OrgUnitAdmin),
    (Device, DeviceAdmin),
    (Membership, MembershipAdmin),
    (ScimToken, ScimTokenAdmin),
    (ProvisioningEntry, ProvisioningEntryAdmin),
)
