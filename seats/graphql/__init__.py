"""GraphQL of seats/: types, root fields and mutations; config.schema puts them together."""

from seats.graphql.leaving import LeavingMutation, LeavingQuery
from seats.graphql.mutations import SeatsMutation
from seats.graphql.pools import AssignmentNode, PoolNode, SeatsQuery

__all__ = ["AssignmentNode", "LeavingMutation", "LeavingQuery", "PoolNode", "SeatsMutation", "SeatsQuery"]
