"""Idempotency-Key (interfaces.md): same key and body, same answer for 24 hours."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from jobs.models import IdempotencyKey
from kernel.errors import Conflict, InvalidInput
from kernel.scope import organization_key
from kernel.trail import Trail

KEPT = timedelta(hours=24)


class KeyReused(InvalidInput):
    """The key was used before with another request."""

    code = "IDEMPOTENCY_KEY_REUSED"
    status = 422


class KeyInFlight(Conflict):
    """The first request with this key has not been answered yet."""

    code = "IDEMPOTENCY_KEY_IN_FLIGHT"


@dataclass(frozen=True)
class KeptAnswer:
    status: int
    answer: Any
    had_secret: bool
    ledger_sequence: int | None


def kept_answer(*, key: str, request_digest: bytes, trail: Trail) -> KeptAnswer | None:
    """The answer given before, or None for a new key. Raises KeyReused and KeyInFlight.

    On PostgreSQL an advisory lock on the key lasts until the end of the transaction: whoever does not get it is told
    to wait. On SQLite writers queue anyway.
    """
    if connection.vendor == "postgresql":
        name = organization_key(trail.organization_id, "idempotency", trail.actor.pseudonym, key)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
            if not cursor.fetchone()[0]:
                raise KeyInFlight(_("The first request with this key is still running; ask again in a moment."))
    row = IdempotencyKey.objects.filter(actor=str(trail.actor.pseudonym), key=key).first()
    if row is None:
        return None
    if trail.clock.now() - row.created_at > KEPT:
        row.delete()
        return None
    if bytes(row.request_digest) != request_digest:
        raise KeyReused(_("This Idempotency-Key was used for another request; draw a new one."))
    return KeptAnswer(row.status, row.answer, row.had_secret, row.ledger_sequence)


def keep_answer(*, key: str, request_digest: bytes, status: int, answer: Any, had_secret: bool, trail: Trail) -> None:
    """Stores the answer in the transaction of the change that it reports."""
    IdempotencyKey.objects.create(
        organization_id=trail.organization_id,
        actor=str(trail.actor.pseudonym),
        key=key,
        request_digest=request_digest,
        status=status,
        answer=answer,
        had_secret=had_secret,
        created_at=trail.clock.now(),
    )


def forget_old(*, organization_id: UUID, now: datetime) -> int:
    """Deletes answers older than 24 hours; called inside a scope."""
    deleted, _rows = IdempotencyKey.objects.filter(organization_id=organization_id, created_at__lt=now - KEPT).delete()
    return deleted
