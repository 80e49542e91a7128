"""Baseline of P5: the audit log that most Django projects have. The same transaction and the same columns, one plain
row per change written by the model's manager: no chain, no lock, no hash, no trigger."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from django.db import models, transaction

from kernel import scope
from kernel.clock import Clock, DatabaseClock
from kernel.errors import JsonValue
from kernel.owned import PlainlyOwned
from kernel.principal import Principal
from kernel.trail import Personal


class PlainEvent(PlainlyOwned):
    """One row of an ordinary audit log; the indexes are those of audit_event."""

    recorded_at = models.DateTimeField()
    kind = models.TextField()
    actor = models.TextField()
    subject_type = models.TextField()
    subject_id = models.TextField()
    request_id = models.TextField(blank=True)
    body = models.TextField()

    class Meta(PlainlyOwned.Meta):
        app_label = "bench"
        db_table = "bench_plain_event"
        indexes = [
            models.Index(fields=["organization_id", "subject_id", "recorded_at"], name="bench_plain_event_subject"),
            models.Index(fields=["organization_id", "kind", "recorded_at"], name="bench_plain_event_kind"),
        ]


@dataclass
class PlainTrail:
    """A kernel.trail.Trail, so that the very same operation runs on both sides."""

    organization_id: UUID
    actor: Principal
    clock: Clock
    request_id: str = ""
    last_sequence: int | None = None
    rows: list[PlainEvent] = field(default_factory=list)

    def record(
        self,
        kind: str,
        *,
        subject: models.Model,
        details: Mapping[str, JsonValue] | None = None,
        personal: Mapping[str, Personal] | None = None,
    ) -> None:
        self.rows.append(
            PlainEvent(
                organization_id=self.organization_id,
                recorded_at=datetime.now(UTC),
                kind=kind,
                actor=str(self.actor.pseudonym),
                subject_type=subject._meta.label_lower,
                subject_id=str(subject.pk),
                request_id=self.request_id,
                body=json.dumps(dict(details or {})),
            )
        )

    def abandon(self) -> None:
        transaction.set_rollback(True)


@contextmanager
def plain_trail(*, organization_id: UUID, actor: Principal) -> Iterator[PlainTrail]:
    with transaction.atomic(durable=True):
        scope.set_local(organization_id)
        with scope.bound(organization_id):
            current = PlainTrail(organization_id, actor, DatabaseClock())
            yield current
            PlainEvent.objects.bulk_create(current.rows)
