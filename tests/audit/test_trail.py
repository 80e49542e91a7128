"""The trail: the change and its ledger entry stand together or not at all."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from audit.models import Chain, Event, Opening
from audit.operations import BrokenTrail, trail
from audit.operations.openings import opened as opened_values
from audit.operations.trail import ClosedTrail
from audit.queries import stream
from audit.rules.body import UnknownKind
from audit.rules.chain import commitment, genesis, leaf_hash, link
from identity.models import Person
from kernel.clock import FixedClock
from kernel.trail import Personal
from tests.factories import identity
from tests.factories.tenants import Tenant, tenant

pytestmark = pytest.mark.django_db


def entries(of: Tenant) -> list[Event]:
    with of.reading():
        return list(stream())


def test_entries_are_numbered_from_one_without_gaps_and_linked() -> None:
    """Recomputing leaf and link of every entry from its body gives what is stored, from the genesis hash on."""
    one = tenant()
    for _round in range(3):
        with one.writing() as opened:
            for _entry in range(4):
                opened.record("person.updated", subject=one.organization, details={"fields": ["title"]})
    rows = entries(one)
    with one.reading():
        head = Chain.objects.get()
    previous = genesis(head.id, bytes(head.genesis_nonce))
    for number, row in enumerate(rows, start=1):
        assert row.sequence == number
        assert bytes(row.leaf_hash) == leaf_hash(row.body.encode())
        previous = link(previous, number, bytes(row.leaf_hash))
        assert bytes(row.chain_hash) == previous
    assert (head.size, bytes(head.chain_hash)) == (len(rows), previous)


def test_columns_repeat_the_body() -> None:
    """What can be searched for in columns is what was hashed."""
    one = tenant()
    row = entries(one)[0]
    body = json.loads(row.body)
    assert (body["kind"], body["actor"], body["subject"]["id"]) == (row.kind, row.actor, row.subject_id)
    assert body["recorded_at"] == row.recorded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_an_exception_leaves_neither_change_nor_entry() -> None:
    """When the operation fails, the change is rolled back together with what it had recorded."""
    one = tenant()
    before = len(entries(one))
    with pytest.raises(ZeroDivisionError), one.writing() as opened:
        identity.person(one.organization, user_name="gone")
        opened.record("person.created", subject=one.organization)
        raise ZeroDivisionError
    assert len(entries(one)) == before
    with one.reading():
        assert not Person.objects.filter(user_name="gone").exists()


def test_a_swallowed_database_error_is_not_a_success() -> None:
    """A doomed transaction raises at the exit of the trail instead of rolling back silently."""
    one = tenant()
    with pytest.raises(BrokenTrail), one.writing() as opened:
        opened.record("person.created", subject=one.organization)
        identity.person(one.organization, user_name="twice")
        with suppress(IntegrityError):
            identity.person(one.organization, user_name="twice")


def test_an_abandoned_trail_writes_nothing() -> None:
    """`abandon` rolls back without an exception: what a view with an error page does."""
    one = tenant()
    before = len(entries(one))
    with one.writing() as opened:
        identity.person(one.organization, user_name="gone")
        opened.record("person.created", subject=one.organization)
        opened.abandon()
    assert len(entries(one)) == before


@pytest.mark.parametrize("count", [1, 20, 200])
def test_the_number_of_queries_does_not_grow_with_the_entries(count: int, django_assert_max_num_queries: Any) -> None:
    """One, twenty or two hundred entries cost the same few statements."""
    one = tenant()
    with django_assert_max_num_queries(9), one.writing() as opened:
        for _entry in range(count):
            opened.record("person.updated", subject=one.organization)
    assert opened.last_sequence == len(entries(one))


def test_recording_after_the_end_is_refused() -> None:
    """An entry that could no longer be written raises instead of getting lost."""
    one = tenant()
    with one.writing() as opened:
        pass
    with pytest.raises(ClosedTrail):
        opened.record("person.updated", subject=one.organization)


def test_unknown_kinds_are_refused() -> None:
    """Only registered kinds reach the ledger; a typing mistake rolls the change back."""
    one = tenant()
    with pytest.raises(UnknownKind), one.writing() as opened:
        opened.record("person.updatet", subject=one.organization)


def test_personal_values_stay_outside_the_chain() -> None:
    """The body holds a salted commitment; the value rests encrypted beside it and opens it again."""
    one = tenant()
    with one.writing() as opened:
        person = identity.person(one.organization, user_name="ingrid.solberg")
        opened.record(
            "person.created", subject=person, personal={"user_name": Personal(person.pseudonym, "ingrid.solberg")}
        )
    row = entries(one)[-1]
    digest = bytes.fromhex(json.loads(row.body)["personal"]["user_name"])
    with one.reading():
        opening = Opening.objects.get(commitment=digest)
        assert commitment(bytes(opening.salt), "ingrid.solberg") == digest
        assert b"ingrid" not in bytes(opening.sealed_value)
        assert opened_values(organization_id=one.organization.id, commitments=[digest]) == {digest: "ingrid.solberg"}
    assert "ingrid" not in row.body
    other = tenant()
    with other.reading():
        assert opened_values(organization_id=other.organization.id, commitments=[digest]) == {}


def test_nobody_writes_into_the_trail_of_another_organisation() -> None:
    """The actor is of the organisation whose trail is opened, or nothing begins."""
    one, other = tenant(), tenant()
    with (
        pytest.raises(ValueError, match="another organisation"),
        trail(organization_id=one.organization.id, actor=other.actor),
    ):
        pass


def test_events_of_the_past_may_be_recorded_and_of_the_future_not() -> None:
    """`at` fills occurred_at alone; a future moment is refused and nothing is written."""
    one = tenant()
    now = datetime.now(UTC)
    with trail(organization_id=one.organization.id, actor=one.actor, at=now - timedelta(days=3)) as opened:
        opened.record("person.updated", subject=one.organization)
    row = entries(one)[-1]
    assert row.recorded_at - row.occurred_at > timedelta(days=2)
    with (
        pytest.raises(ValueError, match="future"),
        trail(organization_id=one.organization.id, actor=one.actor, at=now + timedelta(days=1)) as opened,
    ):
        opened.record("person.updated", subject=one.organization)


def test_an_injected_clock_decides() -> None:
    """Tests and the demo's year of history give the clock; nothing else reads the time."""
    one = tenant()
    clock = FixedClock(datetime(2030, 1, 1, tzinfo=UTC))
    with trail(organization_id=one.organization.id, actor=one.actor, clock=clock) as opened:
        opened.record("person.updated", subject=one.organization)
    assert entries(one)[-1].recorded_at == clock.now()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET kind = 'x'",
        "DELETE FROM audit_event",
        "UPDATE audit_checkpoint SET size = 1",
        "DELETE FROM audit_consumed_request",
    ],
)
@pytest.mark.requirement("REQ-122")
def test_the_database_refuses_to_change_ledger_rows(statement: str) -> None:
    """UPDATE and DELETE fail in SQL, by trigger on both databases and by missing grants on PostgreSQL."""
    one = tenant()
    with one.writing() as opened:
        identity.person(one.organization)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM audit_checkpoint")
            empty = "audit_event" not in statement and cursor.fetchone() == (0,) and connection.vendor == "sqlite"
            if not empty:
                with pytest.raises(DatabaseError), transaction.atomic():
                    cursor.execute(statement)
        opened.abandon()


@pytest.mark.postgres
@pytest.mark.parametrize("column", ["leaf_hash", "chain_hash"])
def test_the_database_recomputes_what_is_inserted(column: str) -> None:
    """An entry that is not linked to the one before it, or whose leaf is not that of its body, is refused."""
    one = tenant()
    last = entries(one)[-1]
    leaf = leaf_hash(last.body.encode())
    good = {"leaf_hash": leaf, "chain_hash": link(bytes(last.chain_hash), last.sequence + 1, leaf)}
    forged = {**good, column: bytes(32)}
    with one.reading(), pytest.raises(DatabaseError, match="ledger entry"), transaction.atomic():
        Event.objects.create(
            organization_id=one.organization.id,
            sequence=last.sequence + 1,
            occurred_at=last.occurred_at,
            recorded_at=last.recorded_at,
            kind=last.kind,
            actor=last.actor,
            subject_type=last.subject_type,
            subject_id=last.subject_id,
            body=last.body,
            **forged,
        )
