"""REST of identity/: resources and their views; config.api routes them."""

from identity.rest.access_reviews import ItemViewSet, ReviewViewSet
from identity.rest.directory import DeviceViewSet, OrganizationViewSet, PersonViewSet
from identity.rest.members import InvitationViewSet, MembershipViewSet, RoleViewSet

ROUTES = (
    ("organizations", OrganizationViewSet),
    ("people", PersonViewSet),
    ("devices", DeviceViewSet),
    ("roles", RoleViewSet),
    ("memberships", MembershipViewSet),
    ("invitations", InvitationViewSet),
    ("access-reviews", ReviewViewSet),
    ("access-review-items", ItemViewSet),
)
