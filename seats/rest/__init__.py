"""REST of seats/: each module lists its routes as (resource, viewset)."""

from seats.rest import assignments, leases, pools

ROUTES = (*pools.ROUTES, *assignments.ROUTES, *leases.ROUTES)
