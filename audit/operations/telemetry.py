"""Rows of high volume, closed in batches: the ledger vouches for each batch by one digest, not for each row."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from audit.models import TelemetryBatch
from kernel.trail import Trail

INSTANT = timedelta(microseconds=1)
"""PostgreSQL and Python both count time in these."""

Lines = Callable[[datetime | None, datetime], Iterator[tuple[datetime, bytes]]]


@dataclass(frozen=True)
class TelemetrySource:
    """One kind of rows. `lines(start, end)` yields the moment and the canonical line of each row of the open scope in
    [start, end), in the order of moment and id; a start of None is the first row. `kept` is how long rows stay; None:
    for ever."""

    name: str
    lines: Lines
    kept: timedelta | None = None


def close_batch(*, source: TelemetrySource, until: datetime, trail: Trail) -> TelemetryBatch | None:
    """Puts the rows since the last batch, up to but not at `until`, under one digest that stands in the ledger.

    None when there was none. Whoever has the rows can compute the digest again.
    """
    closed = last_closed(source.name)
    digest, count, first_at, last_at = hashlib.sha256(), 0, None, None
    for at, line in source.lines(closed + INSTANT if closed else None, until):
        digest.update(line)
        first_at, last_at, count = first_at or at, at, count + 1
    if first_at is None or last_at is None:
        return None
    batch = TelemetryBatch.objects.create(
        organization_id=trail.organization_id,
        source=source.name,
        first_at=first_at,
        last_at=last_at,
        count=count,
        digest=digest.digest(),
    )
    trail.record(
        "telemetry.batch_closed",
        subject=batch,
        details={
            "source": source.name,
            "count": count,
            "first_at": first_at.isoformat(),
            "last_at": last_at.isoformat(),
            "sha256": digest.hexdigest(),
        },
    )
    return batch


def last_closed(source: str) -> datetime | None:
    """The moment of the last row that stands in a closed batch."""
    return TelemetryBatch.objects.filter(source=source).order_by("-last_at").values_list("last_at", flat=True).first()
