"""REST of licensing/: each module lists its routes as (resource, viewset)."""

from licensing.rest import catalogue, rights

ROUTES = (*catalogue.ROUTES, *rights.ROUTES)
