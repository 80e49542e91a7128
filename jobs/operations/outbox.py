"""Enqueue in the business transaction, relay afterwards: at least once, in order per `order_key`."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from jobs.models import OutboxMessage, OutboxState
from jobs.ports import DeliveryFailed, Payload, bindings
from jobs.rules.backoff import MOST_ATTEMPTS, delay
from kernel.clock import Clock
from kernel.scope import scope
from kernel.trail import Trail

log = structlog.get_logger(__name__)
LEASE = timedelta(minutes=2)
BATCH = 50


def enqueue(
    *, organization_id: UUID, channel: str, payload: Payload, dedupe_key: str, order_key: str, now: datetime
) -> None:
    """Adds one effect to the open transaction; a second call with the same `dedupe_key` changes nothing."""
    OutboxMessage.objects.bulk_create(
        [
            OutboxMessage(
                organization_id=organization_id,
                channel=channel,
                payload=dict(payload),
                dedupe_key=dedupe_key,
                order_key=order_key,
                created_at=now,
                next_at=now,
            )
        ],
        ignore_conflicts=True,
    )


def enqueue_many(
    *, organization_id: UUID, channel: str, messages: Mapping[str, Payload], now: datetime, batch: int = 2_000
) -> None:
    """Adds many effects to the open transaction, by their `dedupe_key`, which orders them as well; those that are there
    already change nothing. One statement for each `batch`."""
    OutboxMessage.objects.bulk_create(
        (
            OutboxMessage(
                organization_id=organization_id,
                channel=channel,
                payload=dict(payload),
                dedupe_key=key,
                order_key=key,
                created_at=now,
                next_at=now,
            )
            for key, payload in messages.items()
        ),
        ignore_conflicts=True,
        batch_size=batch,
    )


def relay(*, organization_id: UUID, clock: Clock) -> int:
    """Delivers what is due in one organisation and returns how many messages were sent.

    Two relays at once share the work; a relay that dies leaves leases that end by themselves. A channel that fails in
    an unforeseen way costs its message an attempt like any failure and holds up no other; the error is raised at last.
    """
    sent: list[OutboxMessage] = []
    while claimed := _claimed(organization_id, clock):
        with ExitStack() as rest:
            # What is on the stack is called whatever the one before raised; last in is first out.
            for message in reversed(claimed):
                rest.callback(_carry, message, organization_id, clock, sent)
    return len(sent)


def _claimed(organization_id: UUID, clock: Clock) -> Sequence[OutboxMessage]:
    with scope(organization_id):
        return _claim(clock.now())


def _carry(message: OutboxMessage, organization_id: UUID, clock: Clock, sent: list[OutboxMessage]) -> None:
    """Delivers one message and notes the outcome, unless its lease ran out and another relay has it."""
    with scope(organization_id):
        if not _renew(message, clock.now()):
            return
    error = "interrupted"
    try:
        error = _deliver(message)
    except Exception as unforeseen:
        error = f"{type(unforeseen).__name__}: {unforeseen}"
        raise
    finally:
        with scope(organization_id):
            _settle(message, error, clock.now())
    if not error:
        sent.append(message)


def _claim(now: datetime) -> Sequence[OutboxMessage]:
    waiting = OutboxMessage.objects.filter(state=OutboxState.WAITING)
    before = waiting.filter(order_key=OuterRef("order_key")).filter(
        Q(created_at__lt=OuterRef("created_at")) | Q(created_at=OuterRef("created_at"), id__lt=OuterRef("id"))
    )
    due = (
        waiting.filter(Q(leased_until__isnull=True) | Q(leased_until__lte=now), next_at__lte=now)
        .filter(~Exists(before))
        .order_by("created_at", "id")
    )
    with transaction.atomic():
        if connection.vendor == "postgresql":
            due = due.select_for_update(skip_locked=True, no_key=True)
        rows = list(due[:BATCH])
        OutboxMessage.objects.filter(id__in=[row.id for row in rows]).update(leased_until=now + LEASE)
    for row in rows:
        row.leased_until = now + LEASE
    return rows


def _renew(message: OutboxMessage, now: datetime) -> bool:
    """Begins the lease anew, right before the delivery: those ahead in the batch may have taken long."""
    ours = OutboxMessage.objects.filter(
        id=message.id, state=OutboxState.WAITING, leased_until=message.leased_until, leased_until__gt=now
    )
    message.leased_until = now + LEASE
    return bool(ours.update(leased_until=message.leased_until))


def _deliver(message: OutboxMessage) -> str:
    """Empty on success, else the reason; an unknown channel is a reason like any other."""
    channel = bindings.channels.get(message.channel)
    if channel is None:
        return f"no channel is called {message.channel}"
    try:
        channel(message.payload)
    except (DeliveryFailed, OSError) as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _settle(message: OutboxMessage, error: str, now: datetime) -> None:
    attempts = message.attempts + 1
    row = OutboxMessage.objects.filter(id=message.id, state=OutboxState.WAITING)
    if error:
        # Whoever has the message by now says how that went.
        row = row.filter(leased_until=message.leased_until)
    if not error:
        row.update(state=OutboxState.SENT, sent_at=now, attempts=attempts, leased_until=None, last_error="")
        return
    log.warning("outbox message not delivered", channel=message.channel, attempts=attempts, error=error)
    state = OutboxState.DEAD if attempts >= MOST_ATTEMPTS else OutboxState.WAITING
    row.update(
        state=state,
        attempts=attempts,
        leased_until=None,
        last_error=error[:500],
        next_at=now + delay(attempts, seed=message.id.int),
    )


def retry_message(*, message_id: UUID, trail: Trail) -> bool:
    """Puts a message that was given up or waits for its next attempt at the front; False for one that was sent."""
    row = OutboxMessage.objects.exclude(state=OutboxState.SENT).filter(id=message_id).first()
    if row is None:
        return False
    # A lease stays: whoever is delivering the message at this moment shall not be doubled.
    row.state, row.attempts, row.next_at = OutboxState.WAITING, 0, trail.clock.now()
    row.save(update_fields=["state", "attempts", "next_at"])
    trail.record("outbox.retried", subject=row, details={"channel": row.channel})
    return True
