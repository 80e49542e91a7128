"""Reads of seats/."""

from seats.queries.holders import (
    DIRECT_SOURCES,
    Candidate,
    candidates,
    holder_name,
    holder_named,
    holders,
    holders_named,
    is_direct_grant,
    live_holders,
)
from seats.queries.pools import (
    Ceiling,
    PoolState,
    SourceState,
    ceilings,
    facts_of,
    most_rights,
    planned_ends,
    pool_for,
    pool_states,
    pools,
    sources_of,
)

__all__ = [
    "DIRECT_SOURCES",
    "Candidate",
    "Ceiling",
    "PoolState",
    "SourceState",
    "candidates",
    "ceilings",
    "facts_of",
    "holder_name",
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
    "sources_of",
]
