"""REST of licensing/: each module lists its routes as (resource, viewset)."""

from licensing.rest import catalogue, features, imports, issuing, license_types, ownership, rights

ROUTES = (
    *catalogue.ROUTES,
    *rights.ROUTES,
    *license_types.ROUTES,
    *issuing.ROUTES,
    *imports.ROUTES,
    *ownership.ROUTES,
    *features.ROUTES,
)
