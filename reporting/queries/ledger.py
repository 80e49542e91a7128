"""The audit centre: the state of the chain, and pages of entries by sequence."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit.models import Checkpoint, Event
from audit.protection import missing_triggers
from audit.queries import active_key, events, latest_checkpoint
from audit.rules.note import fingerprint

PAGE = 25


@dataclass(frozen=True)
class Signed:
    """How long the chain is, and how much of it the last checkpoint covers."""

    size: int
    last_at: datetime | None
    signed_size: int
    signed_at: datetime | None


@dataclass(frozen=True)
class LedgerState:
    """The chain as it stands; hashes in hex. `unprotected`: triggers that should refuse changes and are missing."""

    signed: Signed
    chain_hash: str
    root: str
    key_name: str
    key_fingerprint: str
    unprotected: tuple[str, ...]


@dataclass(frozen=True)
class Search:
    """What is looked for; empty fields do not restrict. `before` and `after` are sequences: the page begins below the
    one or above the other."""

    kind: str = ""
    subject: str = ""
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True)
class EventPage:
    """Entries, newest first. `older` and `newer` are the sequences to page from; None: nothing there."""

    events: tuple[Event, ...]
    older: int | None
    newer: int | None


def signed() -> Signed:
    """Two queries."""
    return _signed(events().order_by("-sequence").first(), latest_checkpoint())


def ledger_state() -> LedgerState:
    """Four queries."""
    last, checkpoint, key = events().order_by("-sequence").first(), latest_checkpoint(), active_key()
    return LedgerState(
        signed=_signed(last, checkpoint),
        chain_hash=bytes(last.chain_hash).hex() if last else "",
        root=bytes(checkpoint.root).hex() if checkpoint else "",
        key_name=key.name if key else "",
        key_fingerprint=fingerprint(bytes(key.public)) if key else "",
        unprotected=tuple(sorted(missing_triggers())),
    )


def _signed(last: Event | None, checkpoint: Checkpoint | None) -> Signed:
    return Signed(
        size=last.sequence if last else 0,
        last_at=last.recorded_at if last else None,
        signed_size=checkpoint.size if checkpoint else 0,
        signed_at=checkpoint.signed_at if checkpoint else None,
    )


def page_of_events(search: Search, *, size: int = PAGE) -> EventPage:
    """One page by keyset: the same rows whatever is appended meanwhile, and as quick on the last page as on the
    first."""
    rows = events()
    if search.kind:
        rows = rows.filter(kind=search.kind)
    if search.subject:
        rows = rows.filter(subject_id=search.subject)
    if search.after is not None:
        found = list(rows.filter(sequence__gt=search.after)[: size + 1])
        shown = found[:size][::-1]
        newer = shown[0].sequence if len(found) > size else None
        return EventPage(tuple(shown), older=shown[-1].sequence if shown else search.after + 1, newer=newer)
    if search.before is not None:
        rows = rows.filter(sequence__lt=search.before)
    found = list(rows.order_by("-sequence")[: size + 1])
    shown = found[:size]
    older = shown[-1].sequence if len(found) > size else None
    return EventPage(tuple(shown), older=older, newer=None if search.before is None else search.before - 1)


def event_at(sequence: int) -> Event | None:
    return events().filter(sequence=sequence).first()


def parsed(event: Event) -> dict[str, Any]:
    """The body of an entry as it was hashed."""
    body: dict[str, Any] = json.loads(event.body)
    return body
