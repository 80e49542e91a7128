"""GraphQL of seats/: types, root fields and mutations; config.schema puts them together."""

from seats.graphql.mutations import SeatsMutation
from seats.graphql.pools import AssignmentNode, PoolNode, SeatsQuery

__all__ = ["AssignmentNode", "PoolNode", "SeatsMutation", "SeatsQuery"]
