"""What one ledger entry says, before it is hashed.

The sequence and the chain are no part of the body: the link binds both (chain.py). Names of people and free text are
no part of it either: ``personal`` holds one salted commitment per value, so that an erasure leaves the chain whole.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, TypedDict

from audit.rules.kinds import KINDS

BODY_VERSION: Final = 1


class UnknownKind(ValueError):
    """The event kind does not stand in the registry (kinds.py)."""


class Subject(TypedDict):
    """What the entry is about: a model's label in lower case and the id as text."""

    type: str
    id: str


class EntryBody(TypedDict):
    """The body in version 1. Times are UTC text of fixed width, ids are text, commitments are 64 hex digits."""

    v: int
    kind: str
    occurred_at: str
    recorded_at: str
    actor: str
    subject: Subject
    request_id: str
    details: Mapping[str, object]
    personal: dict[str, str]


def entry_body(
    *,
    kind: str,
    occurred_at: datetime,
    recorded_at: datetime,
    actor: str,
    subject_type: str,
    subject_id: str,
    request_id: str,
    details: Mapping[str, object],
    personal: Mapping[str, bytes],
) -> EntryBody:
    """The body of one entry, for ``canonical()``; ``personal`` maps a field's name to its 32-byte commitment.

    Raises UnknownKind for a kind outside the registry and ValueError for times without a zone.
    """
    if kind not in KINDS:
        raise UnknownKind(f"{kind!r} is not a registered event kind")
    return EntryBody(
        v=BODY_VERSION,
        kind=kind,
        occurred_at=timestamp(occurred_at),
        recorded_at=timestamp(recorded_at),
        actor=actor,
        subject=Subject(type=subject_type, id=subject_id),
        request_id=request_id,
        details=details,
        personal={name: value.hex() for name, value in personal.items()},
    )


def timestamp(at: datetime) -> str:
    """``at`` in UTC as ``2026-11-22T14:00:00.000000Z``: fixed width, so text order is time order.

    Raises ValueError for a time without a zone.
    """
    if at.utcoffset() is None:
        raise ValueError("a time in the ledger needs a time zone")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
