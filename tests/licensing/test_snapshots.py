"""What a process remembers of a licence, for how long, and what it never decides from memory."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest import mock
from uuid import UUID

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from kernel.clock import DatabaseClock
from licensing.operations import Conditions, suspend_license
from licensing.queries import snapshots
from licensing.rest.client_calls import key_digests
from licensing.rules.allowances import Allowance, Quota
from licensing.rules.facts import FeatureGrant, LicenseFacts, LicenseModel, LicenseStatus, ValidationScope
from licensing.rules.feature_values import QuotaPeriod, QuotaTerms
from licensing.rules.key_format import encode
from tests.factories import licensing
from tests.factories.tenants import tenant
from tests.licensing.vendors import Vendor, ask, ask_for, vendor

pytestmark = pytest.mark.django_db
ANYTHING = ValidationScope()


class Watch:
    """This process's monotonic clock, in the test's hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Iterator[Watch]:
    snapshots.forget_all()
    found = Watch()
    with override_settings(SNAPSHOT_SECONDS=2), mock.patch.object(snapshots, "time", found):
        yield found
    snapshots.forget_all()


@pytest.fixture
def lumen(watch: Watch) -> Vendor:
    tenant("platform", slug="platform")
    return vendor("lumen")


def suspend(lumen: Vendor, license_id: UUID) -> None:
    with lumen.house.writing() as trail:
        suspend_license(license_id=license_id, reason="unpaid", trail=trail)


@pytest.mark.requirement("REQ-042", "REQ-170")
def test_a_change_is_effective_after_two_seconds_at_the_latest(lumen: Vendor, watch: Watch) -> None:
    """One moment before, the process may still answer from what it has read; at two seconds it reads anew."""
    license, key = lumen.keyed("subscription")
    assert ask(key).json()["code"] == "VALID"
    suspend(lumen, license.id)
    watch.now += 1.999
    assert ask(key).json()["code"] == "VALID"
    watch.now += 0.001
    assert ask(key).json()["code"] == "SUSPENDED"


def test_the_answer_from_memory_asks_the_database_for_nothing_but_its_row(lumen: Vendor) -> None:
    """One statement on PostgreSQL; on SQLite the same insert."""
    _license, key = lumen.keyed("subscription")
    ask(key)
    with CaptureQueriesContext(connection) as asked:
        ask(key)
    statements = [one["sql"] for one in asked if "licensing_validation_event" in one["sql"]]
    assert len(statements) == 1
    assert all("licensing_license" not in one["sql"].replace("licensing_license_key", "") for one in asked)


def test_an_unknown_key_is_unknown_for_one_second(lumen: Vendor, watch: Watch) -> None:
    """What was typed before it was issued is found a second later."""
    digest = key_digests(encode(bits=5))
    first = snapshots.snapshot_of(digest, ANYTHING)
    watch.now += 0.999
    with CaptureQueriesContext(connection) as asked:
        again = snapshots.snapshot_of(digest, ANYTHING)
    assert (first is not None, again is not None, len(asked)) == (True, True, 0)
    watch.now += 0.001
    with CaptureQueriesContext(connection) as asked:
        snapshots.snapshot_of(digest, ANYTHING)
    assert len(asked) > 0


def test_time_goes_on_in_memory(lumen: Vendor, watch: Watch) -> None:
    """A term that ends between two questions ends on time, however fresh the memory is."""
    license = lumen.license(lumen.license_type(grace_days=0))
    key, end = lumen.key(license), license.expires_at
    assert end is not None
    with mock.patch.object(DatabaseClock, "now", return_value=end - timedelta(seconds=1)):
        assert ask(key).json()["code"] == "VALID"
        watch.now += 0.999
        assert ask(key).json()["code"] == "VALID"
        watch.now += 0.002
        assert ask(key).json()["code"] == "EXPIRED"


def test_what_is_counted_is_read_each_time(lumen: Vendor) -> None:
    """Places of machines and quotas are never decided from memory: use that others made since is in the next answer."""
    _license, key = lumen.on_machines(1)
    assert ask(key, scope={"fingerprint": "m-1"}).json()["code"] == "NOT_ACTIVATED"
    ask_for("activate", key, "m-1")
    assert ask(key, scope={"fingerprint": "m-1"}).json()["code"] == "VALID"
    with lumen.house.writing():
        licensing.feature(lumen.product, code="export", kind="quantity")
    quota = FeatureGrant("export", value=QuotaTerms(limit=1, period=QuotaPeriod.MONTH))
    metered = lumen.license(lumen.license_type(code="metered", conditions=Conditions(features=(quota,))))
    key = lumen.key(metered)
    assert ask(key, scope={"features": ["export"]}).json()["code"] == "VALID"
    with lumen.house.writing():
        licensing.usage_event(metered, feature="export", at=datetime.now(UTC), value=5)
        licensing.usage_day(metered, day=datetime.now(UTC).date())
    assert ask(key, scope={"features": ["export"]}).json()["code"] == "QUOTA_EXCEEDED"


def test_a_first_use_is_seen_by_the_next_question(lumen: Vendor) -> None:
    """The process that let the term begin has forgotten what it knew before."""
    _license, key = lumen.keyed("trial")
    first, second = ask(key).json(), ask(key).json()
    assert [one["obligations"] for one in (first, second)] != [[], []]
    assert second["obligations"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"activations": Allowance(limit=3, used=0)},
        {"user_seats": Allowance(limit=None, used=0)},
        {"lease_required": True},
        {"quotas": (Quota(code="export", limit=1, used=0),)},
    ],
)
def test_what_counts_as_counted(change: dict) -> None:
    """Limits of machines, users and leases, and quotas; a licence without them hangs on its own row alone."""
    plain = LicenseFacts(
        model=LicenseModel.PERPETUAL, status=LicenseStatus.ACTIVE, created_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert not snapshots.is_counted(plain, ANYTHING)
    assert snapshots.is_counted(replace(plain, **change), ANYTHING)
    assert snapshots.is_counted(plain, replace(ANYTHING, fingerprints=("a",)))


def test_switched_off_it_remembers_nothing(lumen: Vendor) -> None:
    """With 0 seconds each answer reads anew."""
    license, key = lumen.keyed("subscription")
    with override_settings(SNAPSHOT_SECONDS=0):
        assert ask(key).json()["code"] == "VALID"
        suspend(lumen, license.id)
        assert ask(key).json()["code"] == "SUSPENDED"
