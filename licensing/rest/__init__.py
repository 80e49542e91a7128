"""REST of licensing/: each module lists its routes as (resource, viewset)."""

from licensing.rest import (
    bundles,
    catalogue,
    features,
    imports,
    issuing,
    license_types,
    ownership,
    releases,
    rights,
    usage,
)

ROUTES = (
    *catalogue.ROUTES,
    *features.ROUTES,
    *releases.ROUTES,
    *bundles.ROUTES,
    *rights.ROUTES,
    *license_types.ROUTES,
    *issuing.ROUTES,
    *imports.ROUTES,
    *ownership.ROUTES,
    *usage.ROUTES,
)
