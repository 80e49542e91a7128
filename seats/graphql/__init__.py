"""GraphQL of seats/: types, root fields and mutations; config.schema puts them together."""

from seats.graphql.leases import LeaseNode, LeasesMutation, LeasesQuery
from seats.graphql.mutations import SeatsMutation
from seats.graphql.pools import AssignmentNode, PoolNode, SeatsQuery

__all__ = ["AssignmentNode", "LeaseNode", "LeasesMutation", "LeasesQuery", "PoolNode", "SeatsMutation", "SeatsQuery"]
