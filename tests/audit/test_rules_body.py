"""What a ledger entry says before it is hashed."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from audit.rules.body import EntryBody, UnknownKind, entry_body, timestamp
from audit.rules.canonical import canonical
from audit.rules.kinds import KINDS

NOON = datetime(2026, 11, 22, 12, 0, 0, 5, tzinfo=UTC)


def body(kind: str = "seat.assigned", at: datetime = NOON) -> EntryBody:
    return entry_body(
        kind=kind,
        occurred_at=at - timedelta(days=1),
        recorded_at=at,
        actor="a-1",
        subject_type="seats.assignment",
        subject_id="s-1",
        request_id="r-1",
        details={"pool": "p-1", "free": 3},
        personal={"person_name": bytes(32)},
    )


def test_canonical_text_of_a_body() -> None:
    """The fields and their text form are those that auditors' programs read: this line never changes for version 1."""
    assert canonical(body()) == (
        '{"actor":"a-1","details":{"free":3,"pool":"p-1"},"kind":"seat.assigned",'
        '"occurred_at":"2026-11-21T12:00:00.000005Z","personal":{"person_name":"' + "00" * 32 + '"},'
        '"recorded_at":"2026-11-22T12:00:00.000005Z","request_id":"r-1",'
        '"subject":{"id":"s-1","type":"seats.assignment"},"v":1}'
    )


def test_unknown_kinds_are_refused() -> None:
    """The registry is closed: a kind that is not documented cannot be recorded."""
    with pytest.raises(UnknownKind, match=r"'seat\.painted' is not a registered event kind"):
        body(kind="seat.painted")


def test_times_are_written_in_utc_with_fixed_width() -> None:
    """Another zone is converted, the year is padded and microseconds are always written, so text sorts as time."""
    assert (
        timestamp(datetime(2026, 11, 22, 15, 0, tzinfo=timezone(timedelta(hours=1)))) == "2026-11-22T14:00:00.000000Z"
    )
    assert timestamp(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00.000000Z"


def test_times_without_a_zone_are_refused() -> None:
    """A local time is not a point in time; nothing is guessed."""
    with pytest.raises(ValueError, match="needs a time zone"):
        body(at=datetime(2026, 11, 22, 12, 0))  # noqa: DTZ001  # the missing zone is the point


def test_every_kind_has_a_form_and_a_sentence() -> None:
    """A kind is subject.action in small letters; its sentence starts with a capital and ends with a full stop."""
    for kind, sentence in KINDS.items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*", kind), kind
        assert re.fullmatch(r"[A-Z].{15,}\.", sentence), kind
    assert len(set(KINDS.values())) == len(KINDS)
