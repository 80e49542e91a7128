"""Writes of usage: events come in, days are summed, old receipts go."""

from licensing.usage.operations.recording import (
    MOST_EVENTS,
    RowResult,
    RowStatus,
    UsageBatchInvalid,
    record_usage,
)
from licensing.usage.operations.rolling_up import forget_receipts, roll_up, sweep
from licensing.usage.operations.storing import NewUsage

__all__ = [
    "MOST_EVENTS",
    "NewUsage",
    "RowResult",
    "RowStatus",
    "UsageBatchInvalid",
    "forget_receipts",
    "record_usage",
    "roll_up",
    "sweep",
]
