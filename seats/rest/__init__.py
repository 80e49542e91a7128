"""REST of seats/: each module lists its routes as (resource, viewset)."""

from seats.rest import assignments, leases, pools, shares

ROUTES = (*pools.ROUTES, *assignments.ROUTES, *shares.ROUTES, *leases.ROUTES)
