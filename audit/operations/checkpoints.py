"""Signed checkpoints: what lets a stranger see that the chain was rewritten, cut or restored from an old backup."""

from collections.abc import Iterator
from uuid import UUID

from django.db import IntegrityError, transaction

from audit.models import Chain, Checkpoint, Destination, Event, SigningKey
from audit.operations.keys import signer_of, verifier_key
from audit.queries import chain_origin
from audit.rules import note
from audit.rules.merkle import Frontier
from jobs.operations import enqueue
from kernel.clock import Clock

FETCH = 5_000


class NoSigningKey(RuntimeError):
    """The organisation has no active audit key, so nothing can be signed in its name."""


def sign_checkpoint(*, organization_id: UUID, clock: Clock) -> Checkpoint | None:
    """States and signs the present head, and queues its publication; None when nothing is new since the last one.

    Called inside a scope. Writes no ledger entry: an entry would itself ask for the next checkpoint, every minute for
    ever. Two callers at once: the second finds the row and returns None.
    """
    head = Chain.objects.filter(organization_id=organization_id).values_list("size", "chain_hash").first()
    last = Checkpoint.objects.order_by("-size").first()
    if head is None or head[0] == 0 or (last is not None and last.size >= head[0]):
        return None
    return _sign(head[0], bytes(head[1]), last, organization_id=organization_id, clock=clock)


def checkpoint_at(*, size: int, chain_hash: bytes, organization_id: UUID, clock: Clock) -> Checkpoint:
    """The checkpoint over the first `size` entries, of which the last has this hash: the one that was signed, or one
    that is signed now although the chain may have grown meanwhile. Called inside a scope; raises NoSigningKey."""
    own = Checkpoint.objects.filter(size=size)
    last = Checkpoint.objects.filter(size__lt=size).order_by("-size").first()
    row = own.first() or _sign(size, chain_hash, last, organization_id=organization_id, clock=clock) or own.first()
    if row is None:
        raise NoSigningKey("the organisation has no active audit key")
    return row


def _sign(
    size: int, chain_hash: bytes, last: Checkpoint | None, *, organization_id: UUID, clock: Clock
) -> Checkpoint | None:
    """None without an active key, and when somebody else signed the same size in between."""
    key = SigningKey.objects.filter(retired_at__isnull=True).first()
    if key is None:
        return None
    frontier = _frontier_of(last).extended(_leaves(after=last.size if last else 0, up_to=size))
    stated = note.Checkpoint(
        origin=chain_origin(organization_id), size=size, root=frontier.root(), chain_hash=chain_hash
    )
    signed = note.sign(note.format_checkpoint(stated), key=verifier_key(key), signer=signer_of(key).sign)
    try:
        with transaction.atomic():
            row = Checkpoint.objects.create(
                organization_id=organization_id,
                size=size,
                root=stated.root,
                frontier=b"".join(frontier.hashes),
                chain_hash=chain_hash,
                note=signed,
                signed_at=clock.now(),
            )
            _publish(row, clock)
    except IntegrityError:
        return None
    return row


def _frontier_of(last: Checkpoint | None) -> Frontier:
    if last is None:
        return Frontier(size=0, hashes=())
    joined = bytes(last.frontier)
    return Frontier(size=last.size, hashes=tuple(joined[i : i + 32] for i in range(0, len(joined), 32)))


def _leaves(*, after: int, up_to: int) -> Iterator[bytes]:
    rows = Event.objects.filter(sequence__gt=after, sequence__lte=up_to).order_by("sequence")
    for leaf in rows.values_list("leaf_hash", flat=True).iterator(chunk_size=FETCH):
        yield bytes(leaf)


def _publish(row: Checkpoint, clock: Clock) -> None:
    for destination in Destination.objects.filter(ended_at__isnull=True):
        enqueue(
            organization_id=row.organization_id,
            channel=f"checkpoint.{destination.kind}",
            payload={"address": destination.address, "size": row.size, "note": row.note},
            dedupe_key=f"checkpoint:{destination.id}:{row.size}",
            order_key=f"checkpoint:{destination.id}",
            now=clock.now(),
        )
