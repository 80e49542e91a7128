"""GraphQL of seats/: types, root fields and mutations; config.schema puts them together."""

from seats.graphql.leases import LeaseNode, LeasesMutation, LeasesQuery
from seats.graphql.leaving import LeavingMutation, LeavingQuery
from seats.graphql.mutations import SeatsMutation
from seats.graphql.pools import AssignmentNode, PoolNode, SeatsQuery
from seats.graphql.reclamation import ReclamationMutation, ReclamationQuery
from seats.graphql.shares import SharesMutation, SharesQuery

__all__ = [
    "AssignmentNode",
    "LeaseNode",
    "LeasesMutation",
    "LeasesQuery",
    "LeavingMutation",
    "LeavingQuery",
    "PoolNode",
    "ReclamationMutation",
    "ReclamationQuery",
    "SeatsMutation",
    "SeatsQuery",
    "SharesMutation",
    "SharesQuery",
]
