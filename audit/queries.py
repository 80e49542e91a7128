"""Reads of the ledger."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from audit.models import Chain, Checkpoint, Event, SigningKey
from audit.rules.note import origin


@dataclass(frozen=True)
class HeadState:
    """The head of the open organisation's chain; `genesis_nonce` and `chain_id` are what a verifier starts from."""

    chain_id: UUID
    genesis_nonce: bytes
    size: int
    chain_hash: bytes


def chain_origin(organization_id: UUID) -> str:
    """The name under which checkpoints and keys of this organisation's chain are published."""
    return origin(organization_id)


def head() -> HeadState | None:
    """None before the organisation's first entry."""
    row = Chain.objects.first()
    if row is None:
        return None
    return HeadState(row.id, bytes(row.genesis_nonce), row.size, bytes(row.chain_hash))


def latest_checkpoint() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-size").first()


def active_key() -> SigningKey | None:
    return SigningKey.objects.filter(retired_at__isnull=True).first()


def published_keys() -> list[SigningKey]:
    """All keys that ever signed a checkpoint of the open organisation, the one that signs now first."""
    return sorted(SigningKey.objects.order_by("-created_at"), key=lambda row: row.retired_at is not None)


def events() -> QuerySet[Event]:
    """All entries, in order."""
    return Event.objects.order_by("sequence")


def history_of(subject_type: str, subject_id: str) -> QuerySet[Event]:
    """The entries about one row, newest first; rests on the index audit_event_subject."""
    return Event.objects.filter(subject_id=subject_id, subject_type=subject_type).order_by("-sequence")


def stream(*, after: int = 0, chunk: int = 5_000) -> Iterator[Event]:
    """Entries after a sequence in pages, so that memory stays constant on both databases."""
    while True:
        page = list(events().filter(sequence__gt=after)[:chunk])
        yield from page
        if len(page) < chunk:
            return
        after = page[-1].sequence
