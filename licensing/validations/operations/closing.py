"""Closing batches of validations and usage each hour, and letting go of what is past its time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from audit.operations import trail
from audit.operations.telemetry import TelemetrySource, close_batch, last_closed
from audit.rules.canonical import canonical
from kernel.clock import Clock
from kernel.database import is_postgresql
from kernel.principal import system
from kernel.scope import scope
from licensing.models import UsageEvent, ValidationEvent
from licensing.partitions import drop_partitions, ensure_partitions

SETTLED = timedelta(minutes=5)
"""A row that was made so long ago is in the table, whatever buffered or delayed it."""
CHUNK = 2_000
VALIDATIONS, USAGE = "validation_event", "usage_event"


def validation_lines(start: datetime | None, end: datetime) -> Iterator[tuple[datetime, bytes]]:
    """The validations of the open scope in [start, end), by the server's clock, for the digest of their batch."""
    rows = ValidationEvent.objects.filter(at__lt=end).order_by("at", "id")
    for row in (rows if start is None else rows.filter(at__gte=start)).iterator(chunk_size=CHUNK):
        stated = {
            "id": str(row.id),
            "at": _text(row.at),
            "license": row.license_id and str(row.license_id),
            "key": bytes(row.key_digest).hex(),
            "code": row.code,
            "refusal": row.refusal,
            "features": list(row.features),
            "version": row.version,
            "user": row.user,
            "device": row.device,
            "client_at": row.client_at and _text(row.client_at),
            "domain": row.domain,
            "country": row.country,
            "network": row.network,
            "sdk": row.sdk,
            "origin": row.origin,
        }
        yield row.at, canonical(stated).encode() + b"\n"


def usage_lines(start: datetime | None, end: datetime) -> Iterator[tuple[datetime, bytes]]:
    """The usage that the open scope heard of in [start, end), in the order of hearing: the moments of the events
    themselves are their clients' words and may lie far back."""
    rows = UsageEvent.objects.filter(received_at__lt=end).order_by("received_at", "id")
    for row in (rows if start is None else rows.filter(received_at__gte=start)).iterator(chunk_size=CHUNK):
        stated = {
            "id": str(row.id),
            "at": _text(row.at),
            "received_at": _text(row.received_at),
            "license": str(row.license_id),
            "source": row.source,
            "key": row.key,
            "feature": row.feature,
            "subject": row.subject,
            "value": format(row.value.normalize(), "f"),
        }
        yield row.received_at, canonical(stated).encode() + b"\n"


def telemetry_sources() -> tuple[TelemetrySource, ...]:
    """What the ledger vouches for in batches, with the time for which rows are kept."""
    return (
        TelemetrySource(VALIDATIONS, validation_lines, kept=timedelta(days=settings.VALIDATION_KEEP_DAYS)),
        TelemetrySource(USAGE, usage_lines),
    )


def sweep(organization_id: UUID, clock: Clock) -> None:
    """Each minute, for one organisation: months to come get their place, the hours that are over are closed, and
    validations that are older than the installation keeps them go."""
    now = clock.now()
    until = (now - SETTLED).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    with scope(organization_id):
        ensure_partitions(ValidationEvent._meta.db_table, first=now.date())
        waiting = [source for source in telemetry_sources() if _waits(source, until)]
    if waiting:
        actor = system(organization_id, "telemetry")
        with trail(organization_id=organization_id, actor=actor, clock=clock) as opened:
            for source in waiting:
                close_batch(source=source, until=until, trail=opened)
    with scope(organization_id):
        let_go(before=now - timedelta(days=settings.VALIDATION_KEEP_DAYS))


def let_go(*, before: datetime) -> int:
    """Months (PostgreSQL) or rows of the open organisation (SQLite) that were over then and stand in closed batches;
    answers how many."""
    if is_postgresql():
        return drop_partitions(ValidationEvent._meta.db_table, before=before.date(), closed_as=VALIDATIONS)
    closed = last_closed(VALIDATIONS)
    if closed is None:
        return 0
    gone, _by_model = ValidationEvent.objects.filter(at__lt=before, at__lte=closed).delete()
    return gone


def _waits(source: TelemetrySource, until: datetime) -> bool:
    """Whether there is anything to be closed: one row of the index."""
    closed = last_closed(source.name)
    rows: QuerySet[UsageEvent] | QuerySet[ValidationEvent]
    if source.name == USAGE:
        heard = UsageEvent.objects.filter(received_at__lt=until)
        rows = heard if closed is None else heard.filter(received_at__gt=closed)
    else:
        asked = ValidationEvent.objects.filter(at__lt=until)
        rows = asked if closed is None else asked.filter(at__gt=closed)
    return rows.exists()


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
