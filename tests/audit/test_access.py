"""Reads of personal data: noted, closed in batches that the ledger vouches for, deleted in time."""

import hashlib
import json
from datetime import timedelta

import pytest

from audit.models import AccessEvent, TelemetryBatch
from audit.operations import note_read
from audit.operations.access import close_access_batch, drop_access_events
from audit.queries import events
from audit.rules.access import line_of
from identity.schedules import scheduled_access_log
from kernel.clock import FixedClock
from kernel.principal import Principal
from tests.factories.moments import NOW, days
from tests.factories.tenants import Tenant, member, tenant

pytestmark = pytest.mark.django_db


def house() -> tuple[Tenant, Principal]:
    one = tenant()
    _account, reader = member(one, "it_admin")
    return one, reader


def read(one: Tenant, reader: Principal, at=NOW, **columns) -> None:
    with one.reading():
        note_read(actor=reader, subject_type="identity.person", purpose="page", at=at, **columns)


def test_a_read_is_one_insert(django_assert_num_queries):
    """Cheap enough for every page; an empty list and a task of the system leave none."""
    one, reader = house()
    with one.reading(), django_assert_num_queries(1):
        note_read(actor=reader, subject_type="identity.person", purpose="page", at=NOW, subject_id="x")
    read(one, reader, count=0)
    read(one, one.actor)
    with one.reading():
        [row] = AccessEvent.objects.all()
    assert (row.actor, row.subject_id, row.count) == (str(reader.pseudonym), "x", 1)


def test_a_batch_has_a_digest_that_anybody_can_compute_again():
    """Its SHA-256 over the events in order stands in the ledger; the next batch begins where it ends."""
    one, reader = house()
    for day in (0, 1, 2):
        read(one, reader, at=days(day))
    with one.writing() as opened:
        batch = close_access_batch(until=days(2), trail=opened)
        assert close_access_batch(until=days(2), trail=opened) is None
    with one.reading():
        rows = AccessEvent.objects.filter(at__lt=days(2)).order_by("at", "id")
        lines = [line_of(r.id, r.at, r.actor, r.subject_type, r.subject_id, r.purpose, r.count) for r in rows]
        body = json.loads(events().get(kind="telemetry.batch_closed").body)
    assert batch is not None
    assert batch.count == 2
    assert body["details"]["sha256"] == hashlib.sha256(b"".join(lines)).hexdigest() == bytes(batch.digest).hex()
    with one.writing() as opened:
        later = close_access_batch(until=days(9), trail=opened)
    assert later is not None
    assert (later.count, later.first_at) == (1, days(2))


def test_only_what_is_old_and_vouched_for_is_deleted():
    """Young events stay, and so do old ones that no batch holds yet."""
    one, reader = house()
    for day in (-500, -1):
        read(one, reader, at=days(day))
    with one.writing() as opened:
        assert drop_access_events(at=NOW, keep=timedelta(days=400)) == 0
        close_access_batch(until=NOW, trail=opened)
        assert drop_access_events(at=NOW, keep=timedelta(days=400)) == 1
        assert AccessEvent.objects.count() == 1


def test_the_schedule_does_both():
    """Closes what is settled and deletes what is older than its parameter says."""
    one, reader = house()
    with one.reading():
        moment = AccessEvent(at=NOW).at
    read(one, reader, at=moment)
    outcome = scheduled_access_log(
        organization_id=one.organization.id, parameters={"keep_days": 0}, clock=FixedClock(NOW + timedelta(hours=1))
    )
    assert outcome == {"closed": 1, "deleted": 1}
    with one.reading():
        assert TelemetryBatch.objects.count() == 1
