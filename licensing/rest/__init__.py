"""REST of licensing/: each module lists its routes as (resource, viewset)."""

from licensing.rest import (
    activations,
    agreements,
    bundles,
    catalogue,
    certificates,
    features,
    imports,
    issuing,
    license_types,
    ownership,
    parties,
    party_access,
    releases,
    rights,
    signing_keys,
    usage,
)

ROUTES = (
    *catalogue.ROUTES,
    *parties.ROUTES,
    *agreements.ROUTES,
    *party_access.ROUTES,
    *features.ROUTES,
    *releases.ROUTES,
    *bundles.ROUTES,
    *rights.ROUTES,
    *license_types.ROUTES,
    *issuing.ROUTES,
    *activations.ROUTES,
    *certificates.ROUTES,
    *imports.ROUTES,
    *ownership.ROUTES,
    *signing_keys.ROUTES,
    *usage.ROUTES,
)
