"""REST of identity/: resources and their views; config.api routes them."""

from identity.rest.access_reviews import ItemViewSet, ReviewViewSet
from identity.rest.api_clients import ApiClientViewSet
from identity.rest.directory import DeviceViewSet, OrganizationViewSet, PersonViewSet
from identity.rest.groups import GroupViewSet
from identity.rest.members import InvitationViewSet, MembershipViewSet, RoleViewSet
from identity.rest.provisioning import ProvisioningLogViewSet, ProvisioningTokenViewSet
from identity.rest.single_sign_on import SsoConnectionViewSet

ROUTES = (
    ("organizations", OrganizationViewSet),
    ("people", PersonViewSet),
    ("devices", DeviceViewSet),
    ("api-clients", ApiClientViewSet),
    ("groups", GroupViewSet),
    ("roles", RoleViewSet),
    ("memberships", MembershipViewSet),
    ("invitations", InvitationViewSet),
    ("sso-connections", SsoConnectionViewSet),
    ("access-reviews", ReviewViewSet),
    ("access-review-items", ItemViewSet),
    ("provisioning-tokens", ProvisioningTokenViewSet),
    ("provisioning-log", ProvisioningLogViewSet),
)
