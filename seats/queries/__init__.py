"""Reads of seats/."""

from seats.queries.holders import (
    DIRECT_SOURCES,
    Candidate,
    candidates,
    holder_named,
    holders,
    holders_named,
    is_direct_grant,
    live_holders,
)
from seats.queries.pools import PoolState, facts_of, most_rights, planned_ends, pool_for, pool_states, pools

__all__ = [
    "DIRECT_SOURCES",
    "Candidate",
    "PoolState",
    "candidates",
    "facts_of",
    "holder_named",
    "holders",
    "holders_named",
    "is_direct_grant",
    "live_holders",
    "most_rights",
    "planned_ends",
    "pool_for",
    "pool_states",
    "pools",
]
