"""REST of identity/: resources and their views; config.api routes them."""

from identity.rest.directory import DeviceViewSet, OrganizationViewSet, PersonViewSet
from identity.rest.provisioning import ProvisioningLogViewSet, ProvisioningTokenViewSet

ROUTES = (
    ("organizations", OrganizationViewSet),
    ("people", PersonViewSet),
    ("devices", DeviceViewSet),
    ("provisioning-tokens", ProvisioningTokenViewSet),
    ("provisioning-log", ProvisioningLogViewSet),
)
