"""REST of seats/: each module lists its routes as (resource, viewset)."""

from seats.rest import assignments, pools, shares

ROUTES = (*pools.ROUTES, *assignments.ROUTES, *shares.ROUTES)
