"""REST of seats/: each module lists its routes as (resource, viewset)."""

from seats.rest import assignments, departures, group_rules, leases, pools, reclamation, shares

ROUTES = (
    *pools.ROUTES,
    *assignments.ROUTES,
    *shares.ROUTES,
    *leases.ROUTES,
    *group_rules.ROUTES,
    *departures.ROUTES,
    *reclamation.ROUTES,
)
