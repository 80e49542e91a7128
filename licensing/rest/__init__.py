"""REST of licensing/: each module lists its routes as (resource, viewset)."""

from licensing.rest import (
    agreements,
    catalogue,
    imports,
    issuing,
    license_types,
    ownership,
    parties,
    party_access,
    rights,
)

ROUTES = (
    *catalogue.ROUTES,
    *parties.ROUTES,
    *agreements.ROUTES,
    *party_access.ROUTES,
    *rights.ROUTES,
    *license_types.ROUTES,
    *issuing.ROUTES,
    *imports.ROUTES,
    *ownership.ROUTES,
)
