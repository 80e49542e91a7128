"""REST of licensing/: each module lists its routes as (resource, viewset)."""

from licensing.rest import catalogue, imports, issuing, license_types, ownership, parties, rights

ROUTES = (
    *catalogue.ROUTES,
    *parties.ROUTES,
    *rights.ROUTES,
    *license_types.ROUTES,
    *issuing.ROUTES,
    *imports.ROUTES,
    *ownership.ROUTES,
)
