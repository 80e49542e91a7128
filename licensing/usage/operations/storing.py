"""Events that nobody has sent before go into their tables, by the fastest way that the database has.

PostgreSQL takes a column of the batch as one array and makes rows of them, with INSERT … ON CONFLICT DO NOTHING: one
statement for a table, however many rows. COPY is no way in: a table under
row-level security takes none, and the app may not make a temporary one. On SQLite one writer at a time is in the
trail, so nothing can conflict.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from kernel.database import is_postgresql
from kernel.ids import new_id
from kernel.trail import Trail
from licensing.keyring import peppers
from licensing.models import UsageDay, UsageEvent, UsageReceipt
from licensing.rules.digests import subject_digest

# In one order for everybody: who sends the same keys waits, and nobody for each other.
RECEIPTS = """
INSERT INTO licensing_usage_receipt (id, organization_id, source, key, digest, received_at)
SELECT id, %s::uuid, %s::text, key, digest, %s::timestamptz
FROM unnest(%s::uuid[], %s::text[], %s::bytea[]) AS given (id, key, digest) ORDER BY key
ON CONFLICT (organization_id, source, key) DO NOTHING RETURNING key
"""
EVENTS = """
INSERT INTO licensing_usage_event
  (id, organization_id, source, received_at, license_id, key, feature, subject, value, at)
SELECT id, %s::uuid, %s::text, %s::timestamptz, license_id, key, feature, subject, value, at
FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::numeric[], %s::timestamptz[])
  AS given (id, license_id, key, feature, subject, value, at)
"""


@dataclass(frozen=True, kw_only=True)
class NewUsage:
    """One event as a client tells it: `value` units at `at` (aware). `subject` names who, and is stored as a digest."""

    key: str
    license_id: UUID
    feature: str
    value: Decimal
    at: datetime
    subject: str = field(default="", repr=False)

    @property
    def digest(self) -> bytes:
        """SHA-256 over what it says; equal numbers and instants are equal however they are written."""
        at = self.at.astimezone(UTC).isoformat()
        said = [str(self.license_id), self.feature, str(self.value.normalize()), at, self.subject]
        return hashlib.sha256("\n".join(said).encode()).digest()

    @property
    def day(self) -> tuple[UUID, date]:
        """Licence and UTC day that it counts for."""
        return self.license_id, self.at.astimezone(UTC).date()


def store(*, source: str, events: Sequence[NewUsage], now: datetime, trail: Trail) -> set[str]:
    """Stores receipts, days to be summed and events, each key once in `events`; answers the keys that are stored. The
    others came in from elsewhere at the same moment."""
    if not events:
        return set()
    digests = _subjects(events)
    if is_postgresql():
        return _insert(source, events, digests, now, trail)
    _create(source, events, digests, now, trail)
    return {one.key for one in events}


def _subjects(events: Sequence[NewUsage]) -> dict[str, str]:
    """The digest of each subject; nobody has none."""
    pepper = peppers()[0]
    named = {one.subject for one in events if one.subject}
    return {"": "", **{name: subject_digest(kind="user", value=name, pepper=pepper) for name in named}}


def _insert(
    source: str, events: Sequence[NewUsage], digests: Mapping[str, str], now: datetime, trail: Trail
) -> set[str]:
    same: list[Any] = [trail.organization_id, source, now]
    with connection.cursor() as cursor:
        receipts = [(new_id(), one.key, one.digest) for one in events]
        cursor.execute(RECEIPTS, [*same, *_columns(receipts)])
        stored = {key for (key,) in cursor.fetchall()}
        fresh = [one for one in events if one.key in stored]
        _touch(fresh, now, trail)
        rows = [
            (new_id(), one.license_id, one.key, one.feature, digests[one.subject], one.value, one.at) for one in fresh
        ]
        if rows:
            cursor.execute(EVENTS, [*same, *_columns(rows)])
    return stored


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _create(source: str, events: Sequence[NewUsage], digests: Mapping[str, str], now: datetime, trail: Trail) -> None:
    house = trail.organization_id
    UsageReceipt.objects.bulk_create(
        UsageReceipt(organization_id=house, source=source, key=one.key, digest=one.digest, received_at=now)
        for one in events
    )
    _touch(events, now, trail)
    UsageEvent.objects.bulk_create(
        UsageEvent(
            organization_id=house,
            license_id=one.license_id,
            source=source,
            key=one.key,
            feature=one.feature,
            subject=digests[one.subject],
            value=one.value,
            at=one.at,
            received_at=now,
        )
        for one in events
    )


def _touch(events: Sequence[NewUsage], now: datetime, trail: Trail) -> None:
    """Their days are summed anew; in one order for everybody, like the keys."""
    days = sorted({one.day for one in events})
    UsageDay.objects.bulk_create(
        (
            UsageDay(organization_id=trail.organization_id, license_id=license_id, day=day, touched_at=now)
            for license_id, day in days
        ),
        update_conflicts=True,
        unique_fields=["organization", "license", "day"],
        update_fields=["touched_at"],
    )
