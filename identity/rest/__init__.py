"""REST of identity/: resources and their views; config.api routes them."""

from identity.rest.directory import DeviceViewSet, OrganizationViewSet, PersonViewSet
from identity.rest.single_sign_on import SsoConnectionViewSet

ROUTES = (
    ("organizations", OrganizationViewSet),
    ("people", PersonViewSet),
    ("devices", DeviceViewSet),
    ("sso-connections", SsoConnectionViewSet),
)
