"""A question about a licence is a check-in of the machine that asks: once a minute, without a lock, no heartbeat."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from licensing.models import Activation
from licensing.operations import check_in, check_in_is_due, release_activation
from licensing.queries.license_facts import KeyedLicense, license_behind
from licensing.rest.client_calls import key_digests
from licensing.rules.codes import Code
from licensing.rules.decision import decide
from licensing.rules.facts import ValidationScope
from tests.licensing.vendors import Vendor, ask_for, vendor

A_MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)
A_MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def lumen(db: None) -> Vendor:
    return vendor("lumen")


def activated(lumen: Vendor, **rules: object) -> tuple[str, Activation]:
    """A key, and the machine that is activated by it."""
    _license, key = lumen.on_machines(2, **rules)
    assert ask_for("activate", key).json()["valid"]
    with lumen.house.reading():
        return key, Activation.objects.get()


def noted(lumen: Vendor, row: Activation, after: timedelta) -> bool:
    """Whether a check-in so long after the last one was noted."""
    with lumen.house.writing() as trail:
        return check_in(activation_id=row.id, at=row.last_seen_at + after, trail=trail)


def behind(lumen: Vendor, key: str, row: Activation, after: timedelta) -> KeyedLicense:
    with lumen.house.reading():
        at = row.last_seen_at + after
        known = license_behind(digests=key_digests(key), version=None, fingerprints=[row.fingerprint], at=at)
    assert known is not None
    return known


@pytest.mark.parametrize(("after", "is_noted"), [(A_MINUTE - A_MICROSECOND, False), (A_MINUTE, True), (-A_DAY, False)])
def test_a_check_in_is_noted_once_a_minute(lumen: Vendor, after: timedelta, is_noted: bool) -> None:
    """Not before a minute has passed, never backwards, and the rule says beforehand what the operation does."""
    _key, row = activated(lumen)
    assert check_in_is_due(last_check_in_at=row.last_seen_at, at=row.last_seen_at + after) is is_noted
    assert noted(lumen, row, after) is is_noted
    with lumen.house.reading():
        assert Activation.objects.get().last_seen_at == row.last_seen_at + (after if is_noted else timedelta())


def test_a_check_in_ends_the_absence(lumen: Vendor) -> None:
    """With 24 hours of grace: overdue at the hour, and after the check-in for another 24 hours no more."""
    key, row = activated(lumen, connectivity_grace_hours=24)
    machine = ValidationScope(fingerprints=(row.fingerprint,))
    known, at = behind(lumen, key, row, A_DAY), row.last_seen_at + A_DAY
    assert known.activation_id == row.id
    assert decide(known.facts, machine, at).code is Code.OVERDUE
    assert noted(lumen, row, A_DAY)
    for later, code in ((2 * A_DAY - A_MICROSECOND, Code.VALID), (2 * A_DAY, Code.OVERDUE)):
        assert decide(behind(lumen, key, row, later).facts, machine, row.last_seen_at + later).code is code


def test_a_check_in_is_no_heartbeat(lumen: Vendor) -> None:
    """A machine that must send heartbeats is as silent as before."""
    _key, row = activated(lumen, heartbeat="from_creation", heartbeat_seconds=600)
    assert noted(lumen, row, timedelta(minutes=5))
    with lumen.house.reading():
        after = Activation.objects.get()
    assert (after.first_ping_at, after.last_ping_at, after.lost_at) == (
        row.first_ping_at,
        row.last_ping_at,
        row.lost_at,
    )


def test_a_place_that_was_given_back_checks_in_no_more(lumen: Vendor) -> None:
    """Whatever a client asks with the old fingerprint, the ended row stays as it ended."""
    _key, row = activated(lumen)
    with lumen.house.writing() as trail:
        release_activation(activation_id=row.id, reason="returned", trail=trail)
    assert not noted(lumen, row, A_DAY)


def test_another_vendor_moves_nothing(lumen: Vendor) -> None:
    """The key of the row in another book finds no machine."""
    _key, row = activated(lumen)
    assert not noted(vendor("other"), row, A_DAY)


def test_a_check_in_is_one_statement(lumen: Vendor) -> None:
    """It takes no lock before it writes, and leaves no entry that would lock the ledger."""
    _key, row = activated(lumen)
    with lumen.house.writing() as trail, CaptureQueriesContext(connection) as queries:
        assert check_in(activation_id=row.id, at=row.last_seen_at + A_DAY, trail=trail)
    assert [query["sql"].split()[0] for query in queries if "licensing_activation" in query["sql"]] == ["UPDATE"]
    assert not [query for query in queries if "audit_" in query["sql"]]
