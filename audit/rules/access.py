"""How a read of personal data is written for the digest of its batch."""

from datetime import UTC, datetime
from uuid import UUID

from audit.rules.canonical import canonical


def line_of(
    event_id: UUID, at: datetime, actor: str, subject_type: str, subject_id: str, purpose: str, count: int
) -> bytes:
    """One event as canonical JSON and a line feed: the same bytes wherever they are computed."""
    stated = {
        "id": str(event_id),
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": actor,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "purpose": purpose,
        "count": count,
    }
    return canonical(stated).encode() + b"\n"
