"""REST of licensing/: each module lists its routes as (resource, viewset)."""

from licensing.rest import (
    activations,
    catalogue,
    certificates,
    imports,
    issuing,
    license_types,
    ownership,
    rights,
    signing_keys,
)

ROUTES = (
    *catalogue.ROUTES,
    *rights.ROUTES,
    *license_types.ROUTES,
    *issuing.ROUTES,
    *activations.ROUTES,
    *certificates.ROUTES,
    *imports.ROUTES,
    *ownership.ROUTES,
    *signing_keys.ROUTES,
)
