"""REST of seats/: each module lists its routes as (resource, viewset)."""

from seats.rest import assignments, departures, group_rules, pools

ROUTES = (*pools.ROUTES, *assignments.ROUTES, *group_rules.ROUTES, *departures.ROUTES)
