"""GraphQL of seats/: types, root fields and mutations; config.schema puts them together."""

from seats.graphql.mutations import SeatsMutation
from seats.graphql.pools import AssignmentNode, PoolNode, SeatsQuery
from seats.graphql.reclamation import ReclamationMutation, ReclamationQuery

__all__ = ["AssignmentNode", "PoolNode", "ReclamationMutation", "ReclamationQuery", "SeatsMutation", "SeatsQuery"]
