"""The ledger's tables: plain ids, no foreign keys, so that everything can record and nothing blocks an erasure."""

from audit.models.evidence import (
    AccessEvent,
    Checkpoint,
    ConsumedRequest,
    Destination,
    Hold,
    Segment,
    TelemetryBatch,
)
from audit.models.ledger import Chain, DataKey, Event, Opening, SigningKey

__all__ = [
    "AccessEvent",
    "Chain",
    "Checkpoint",
    "ConsumedRequest",
    "DataKey",
    "Destination",
    "Event",
    "Hold",
    "Opening",
    "Segment",
    "SigningKey",
    "TelemetryBatch",
]
