"""Admin pages of identity/; config.composition registers them."""

from identity.admin.api_clients import ApiClientAdmin
from identity.admin.directory import DeviceAdmin, DirectoryGroupAdmin, OrgUnitAdmin, PersonAdmin
from identity.admin.memberships import MembershipAdmin
from identity.models import ApiClient, Device, DirectoryGroup, Membership, OrgUnit, Person

PAGES = (
    (Person, PersonAdmin),
    (DirectoryGroup, DirectoryGroupAdmin),
    (OrgUnit, OrgUnitAdmin),
    (Device, DeviceAdmin),
    (Membership, MembershipAdmin),
    (ApiClient, ApiClientAdmin),
)
