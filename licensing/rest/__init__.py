"""REST of licensing/: each module lists its routes as (resource, viewset)."""

from licensing.rest import activations, catalogue, imports, issuing, license_types, ownership, rights

ROUTES = (
    *catalogue.ROUTES,
    *rights.ROUTES,
    *license_types.ROUTES,
    *issuing.ROUTES,
    *activations.ROUTES,
    *imports.ROUTES,
    *ownership.ROUTES,
)
