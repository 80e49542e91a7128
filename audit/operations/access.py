"""Reads of personal data: noted as they happen, closed in batches that the ledger vouches for, deleted in time."""

import hashlib
from datetime import datetime, timedelta

from audit.models import AccessEvent, TelemetryBatch
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


def close_access_batch(*, until: datetime, trail: Trail) -> TelemetryBatch | None:
    """Puts the events since the last batch, up to but not at `until`, under one digest that stands in the ledger.

    None when there was none. Whoever has the events can compute the digest again, in the order of their ids.
    """
    last = TelemetryBatch.objects.filter(source=SOURCE).order_by("-last_at").first()
    rows = AccessEvent.objects.filter(at__lt=until).order_by("at", "id")
    if last is not None:
        rows = rows.filter(at__gt=last.last_at)
    digest, count, first_at, last_at = hashlib.sha256(), 0, None, None
    for row in rows.iterator(chunk_size=CHUNK):
        digest.update(line_of(row.id, row.at, row.actor, row.subject_type, row.subject_id, row.purpose, row.count))
        first_at, last_at, count = first_at or row.at, row.at, count + 1
    if first_at is None or last_at is None:
        return None
    batch = TelemetryBatch.objects.create(
        organization_id=trail.organization_id,
        source=SOURCE,
        first_at=first_at,
        last_at=last_at,
        count=count,
        digest=digest.digest(),
    )
    trail.record(
        "telemetry.batch_closed",
        subject=batch,
        details={
            "source": SOURCE,
            "count": count,
            "first_at": first_at.isoformat(),
            "last_at": last_at.isoformat(),
            "sha256": digest.hexdigest(),
        },
    )
    return batch


def drop_access_events(*, at: datetime, keep: timedelta) -> int:
    """Deletes the events that are older than `keep` and stand in a closed batch; returns how many."""
    last = TelemetryBatch.objects.filter(source=SOURCE).order_by("-last_at").first()
    if last is None:
        return 0
    gone, _by_model = AccessEvent.objects.filter(at__lt=at - keep, at__lte=last.last_at).delete()
    return gone
