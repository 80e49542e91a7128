"""Refused messages of an identity provider beyond so many a minute: counted, and told as one entry per window."""

from datetime import datetime, timedelta

from identity.models import RefusedMessages, SamlConnection
from identity.operations.saml_requests import MessageRefused
from kernel.trail import Trail

WINDOW = timedelta(minutes=15)


class CountedMessageRefused(MessageRefused):
    """The same refusal when very many came before: it leaves no entry of its own."""

    event = ""


def count_refused_message(*, connection: SamlConnection, trail: Trail) -> None:
    """One more; the entry comes when a quarter of an hour is over, by `close_refused_messages` or the next one here."""
    now = trail.clock.now()
    row = RefusedMessages.objects.select_for_update(no_key=True).filter(connection=connection).first()
    if row is not None and now < row.opened_at + WINDOW:
        row.further += 1
        row.save(update_fields=["further"])
        return
    if row is not None:
        _close(row, trail)
    RefusedMessages.objects.create(organization_id=trail.organization_id, connection=connection, opened_at=now)


def close_refused_messages(*, trail: Trail) -> None:
    """Records what was counted in windows that are over, one entry for each connection."""
    over = RefusedMessages.objects.filter(opened_at__lte=trail.clock.now() - WINDOW).order_by("id")
    for row in over.select_for_update(no_key=True, of=("self",)).select_related("connection"):
        _close(row, trail)


def refused_messages_are_over(*, at: datetime) -> bool:
    """Whether there is something for `close_refused_messages` in the open scope."""
    return RefusedMessages.objects.filter(opened_at__lte=at - WINDOW).exists()


def _close(row: RefusedMessages, trail: Trail) -> None:
    minutes = round(WINDOW.total_seconds() / 60)
    trail.record(
        "saml.refusals_counted",
        subject=row.connection,
        details={"further": row.further, "within_minutes": minutes, "since": row.opened_at.isoformat()},
    )
    row.delete()
