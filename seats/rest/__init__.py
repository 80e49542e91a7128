"""REST of seats/: each module lists its routes as (resource, viewset)."""

from seats.rest import assignments, pools, reclamation

ROUTES = (*pools.ROUTES, *assignments.ROUTES, *reclamation.ROUTES)
