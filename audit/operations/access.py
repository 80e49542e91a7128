"""Reads of personal data: noted as they happen, closed in batches that the ledger vouches for, deleted in time."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from audit.models import AccessEvent, TelemetryBatch
from audit.operations.telemetry import TelemetrySource, close_batch, last_closed
from audit.rules.access import line_of
from kernel.principal import Principal
from kernel.trail import Trail

SOURCE = "access_event"
CHUNK = 2_000


def note_read(
    *, actor: Principal, subject_type: str, purpose: str, at: datetime, subject_id: str = "", count: int = 1
) -> None:
    """Notes that `actor` read data of `count` people: one INSERT, in the scope or trail that is open. Nothing read,
    nothing noted; a task of the system reads in nobody's interest but its own and is not noted either."""
    if count < 1 or actor.is_system:
        return
    AccessEvent.objects.create(
        organization_id=actor.organization_id,
        at=at,
        actor=str(actor.pseudonym),
        subject_type=subject_type,
        subject_id=subject_id,
        purpose=purpose,
        count=count,
    )


def access_lines(start: datetime | None, end: datetime) -> Iterator[tuple[datetime, bytes]]:
    """The noted reads of the open scope in [start, end), for the digest of their batch."""
    rows = AccessEvent.objects.filter(at__lt=end).order_by("at", "id")
    for row in (rows if start is None else rows.filter(at__gte=start)).iterator(chunk_size=CHUNK):
        yield (
            row.at,
            line_of(row.id, row.at, row.actor, row.subject_type, row.subject_id, row.purpose, row.count),
        )


READS = TelemetrySource(SOURCE, access_lines)


def close_access_batch(*, until: datetime, trail: Trail) -> TelemetryBatch | None:
    """Closes the batch of reads since the last one, up to but not at `until`; None when there was none."""
    return close_batch(source=READS, until=until, trail=trail)


def drop_access_events(*, at: datetime, keep: timedelta) -> int:
    """Deletes the events that are older than `keep` and stand in a closed batch; returns how many."""
    closed = last_closed(SOURCE)
    if closed is None:
        return 0
    gone, _by_model = AccessEvent.objects.filter(at__lt=at - keep, at__lte=closed).delete()
    return gone
