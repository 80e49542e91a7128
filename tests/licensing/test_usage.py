"""Usage: each event counts once, days are made anew from their events, and a validation knows what is left of a
quota."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from kernel.clock import SystemClock
from licensing.models import License, UsageDaily, UsageDay, UsageEvent, UsageReceipt
from licensing.operations import Conditions
from licensing.queries.carried import carried_by
from licensing.rules.facts import FeatureGrant
from licensing.rules.feature_values import QuotaPeriod, QuotaTerms
from licensing.usage.operations import NewUsage, forget_receipts, record_usage, roll_up, sweep
from licensing.usage.queries import used_in_period
from tests.factories import licensing
from tests.factories.tenants import signed_in
from tests.graphs import ask as ask_graph
from tests.graphs import codes, data
from tests.licensing.vendors import Vendor, ask, vendor

NOW = datetime.now(UTC).replace(microsecond=0)
UNKNOWN = "01900000-0000-7000-8000-000000000000"
MONTHLY = QuotaTerms(limit=100, period=QuotaPeriod.MONTH)


@pytest.fixture
def lumen(db: None) -> Vendor:
    return vendor("lumen")


@pytest.fixture
def operator(lumen: Vendor) -> Client:
    return signed_in(lumen.house, "vendor_ops")


def metered(lumen: Vendor) -> License:
    """A licence with a hundred exports a month."""
    with lumen.house.writing():
        licensing.feature(lumen.product, code="export", kind="quantity")
    return lumen.license(lumen.license_type(conditions=Conditions(features=(FeatureGrant("export", value=MONTHLY),))))


def event(license: License, key: str, value: str = "1", at: datetime = NOW, **more: Any) -> NewUsage:
    columns = {"feature": "export", **more}
    return NewUsage(key=key, license_id=license.id, value=Decimal(value), at=at, **columns)


def record(lumen: Vendor, *events: NewUsage, source: str = "plotter") -> list[str]:
    with lumen.house.writing() as trail:
        return [one.status.value for one in record_usage(source=source, events=events, trail=trail)]


def used(lumen: Vendor, license: License) -> Decimal:
    with lumen.house.reading():
        start = NOW - timedelta(days=10)
        return used_in_period(license_id=license.id, feature="export", kind=QuotaPeriod.MONTH, start=start, at=NOW)


def rolled(lumen: Vendor) -> int:
    return roll_up(organization_id=lumen.house.organization.id, clock=SystemClock())


def daily(lumen: Vendor) -> list[tuple[Decimal, int]]:
    with lumen.house.reading():
        return list(UsageDaily.objects.order_by("day").values_list("value", "events"))


def test_an_event_counts_once(lumen: Vendor) -> None:
    """The same key of the same source again, in the batch or later, changes nothing; another source has its own keys,
    and a key for another event is a conflict."""
    license = metered(lumen)
    assert record(lumen, event(license, "a", "2.5"), event(license, "b"), event(license, "a", "2.50")) == [
        "stored",
        "stored",
        "repeated",
    ]
    assert record(lumen, event(license, "a", "2.5"), event(license, "a", "3")) == ["repeated", "conflict"]
    assert record(lumen, event(license, "a", "2.5"), source="printer") == ["stored"]
    assert used(lumen, license) == Decimal(6)


def test_days_are_made_anew_from_their_events(lumen: Vendor) -> None:
    """Summed or not, what was used is the same; a late event touches its day alone; a second roll-up finds nothing."""
    license = metered(lumen)
    yesterday = NOW - timedelta(days=1)
    record(lumen, event(license, "a", "2"), event(license, "b", "3", at=yesterday))
    before = used(lumen, license)
    assert (rolled(lumen), rolled(lumen)) == (2, 0)
    assert (used(lumen, license), daily(lumen)) == (before, [(Decimal(3), 1), (Decimal(2), 1)])
    record(lumen, event(license, "late", "4", at=yesterday))
    assert used(lumen, license) == before + 4
    assert rolled(lumen) == 1
    assert daily(lumen) == [(Decimal(7), 2), (Decimal(2), 1)]
    with lumen.house.reading():
        assert not UsageDay.objects.exists()


def test_a_quota_starts_again_and_add_ons_add_to_it(lumen: Vendor) -> None:
    """Last period's use does not count; the fact has limit, use and the moment of the reset; half a unit counts
    whole."""
    license = metered(lumen)
    with lumen.house.writing():
        extra = [{"code": "export", "value": {"limit": 50, "period": "month"}}]
        licensing.add_on(license, features=extra)
    record(lumen, event(license, "now", "10.5"), event(license, "before", "70", at=NOW - timedelta(days=40)))
    with lumen.house.reading():
        row = License.objects.select_related("license_type", "product").get(id=license.id)
        [quota] = carried_by(row, at=NOW).quotas
    assert (quota.code, quota.limit, quota.used, quota.near_percent) == ("export", 150, 11, 80)
    assert quota.resets_at is not None
    assert quota.resets_at > NOW


def test_a_second_run_writes_the_same_bytes(lumen: Vendor) -> None:
    """Days touched again without a new event have the sums that they had, to the byte; none is added to itself."""
    license = metered(lumen)
    record(lumen, event(license, "a", "0.1"), event(license, "b", "0.2"), event(license, "c", "7", feature="print"))

    def sums() -> list[tuple[Any, ...]]:
        with lumen.house.reading():
            rows = UsageDaily.objects.order_by("feature")
            return [(row.feature, row.day, str(row.value), row.events) for row in rows]

    rolled(lumen)
    before = sums()
    with lumen.house.writing():
        licensing.usage_day(license, day=NOW.date())
    assert rolled(lumen) == 1
    assert sums() == before
    assert len(before) == 2


def test_subjects_rest_as_digests(lumen: Vendor) -> None:
    """Who consumed is recognised and not readable; receipts and events hold no name."""
    license = metered(lumen)
    record(lumen, event(license, "a", subject="kim@example.org"), event(license, "b", subject=" kim@example.org "))
    with lumen.house.reading():
        [digest] = set(UsageEvent.objects.values_list("subject", flat=True))
    assert len(digest) == 64
    assert "kim" not in digest


def test_old_receipts_go_when_no_event_can_need_them(lumen: Vendor) -> None:
    """An event may be a year late; its receipt stays a day longer."""
    license = metered(lumen)
    record(lumen, event(license, "a"))
    house = lumen.house.organization.id
    with lumen.house.writing():
        assert forget_receipts(organization_id=house, now=NOW + timedelta(days=366)) == 0
        assert forget_receipts(organization_id=house, now=NOW + timedelta(days=368)) == 1
        assert not UsageReceipt.objects.exists()


def test_the_sweep_sums_what_is_due(lumen: Vendor) -> None:
    """Each minute: after it no day is left to be summed."""
    license = metered(lumen)
    record(lumen, event(license, "a"))
    sweep(lumen.house.organization.id, SystemClock())
    assert daily(lumen) == [(Decimal(1), 1)]


def body(license: License, *changes: dict[str, Any], **batch: Any) -> dict[str, Any]:
    plain = {"key": "a", "license": str(license.id), "feature": "export", "value": "1.5", "at": NOW.isoformat()}
    return {"source": "plotter", "events": [{**plain, **one} for one in changes or ({},)], **batch}


def send(browser: Client, given: Any) -> Any:
    return browser.post("/api/v1/usage/", given, content_type="application/json")


def test_usage_over_rest(lumen: Vendor, operator: Client) -> None:
    """Row by row: stored, repeated, or refused with a code, in the order of the batch; one ledger entry for it."""
    license = metered(lumen)
    # By the clock of this moment: NOW is that of the start of the run, which may be long ago.
    future = (datetime.now(UTC) + timedelta(minutes=10)).isoformat()
    old = (NOW - timedelta(days=370)).isoformat()
    answer = send(
        operator,
        body(
            license,
            {},
            {},
            {"key": "b", "license": UNKNOWN},
            {"key": "c", "value": "0"},
            {"key": "d", "at": future},
            {"key": "e", "at": old},
            {"key": "f", "feature": "Export!"},
            {"key": "g", "value": "-1"},
        ),
    )
    assert answer.status_code == 200, answer.content
    assert [(one["key"], one["status"], one["code"]) for one in answer.json()["results"]] == [
        ("a", "stored", ""),
        ("a", "repeated", ""),
        ("b", "refused", "LICENSE_UNKNOWN"),
        ("c", "refused", "VALUE_OUT_OF_BOUNDS"),
        ("d", "refused", "TIME_IN_FUTURE"),
        ("e", "refused", "TIME_TOO_OLD"),
        ("f", "refused", "FEATURE_CODE_INVALID"),
        ("g", "refused", "VALUE_OUT_OF_BOUNDS"),
    ]
    with lumen.house.reading():
        assert Event.objects.filter(kind="usage.recorded").count() == 1
    rolled(lumen)
    [row] = operator.get("/api/v1/usage/", {"license": str(license.id)}).json()["results"]
    assert (row["value"], row["events"], row["feature"]) == ("1.500000", 1, "export")


def test_another_houses_licence_is_unknown(lumen: Vendor) -> None:
    """Its id answers like one of nobody, and nothing is stored."""
    license = metered(lumen)
    stranger = signed_in(vendor().house, "vendor_ops")
    assert send(stranger, body(license)).json()["results"][0]["code"] == "LICENSE_UNKNOWN"
    assert stranger.get("/api/v1/usage/").json()["results"] == []
    assert used(lumen, license) == 0


BAD: dict[str, dict[str, Any]] = {
    "no events": {"events": []},
    "too many": {"events": [{"key": str(n)} for n in range(1_001)]},
    "no source": {"source": ""},
    "no list": {"events": 5},
    "no event": {"events": [5]},
    "NUL": {"source": "a\0b"},
    "value": {"events": [{"key": "a", "license": UNKNOWN, "feature": "x", "value": "NaN", "at": NOW.isoformat()}]},
}


@pytest.mark.parametrize("name", BAD)
def test_bad_batches_are_refused(lumen: Vendor, operator: Client, name: str) -> None:
    """400 as a whole, and nothing is stored."""
    answer = send(operator, body(metered(lumen), **BAD[name]))
    assert answer.status_code == 400, answer.content


def test_usage_by_the_list(lumen: Vendor, operator: Client) -> None:
    """401 and 403 for others, 404 for strangers; a batch of fifty costs as many queries as one of five."""
    license = metered(lumen)
    assert send(Client(HTTP_HOST="127.0.0.1"), body(license)).status_code == 401
    assert send(signed_in(lumen.house, "support"), body(license)).status_code == 403
    counts = []
    for number in (5, 50):
        given = body(license, *({"key": f"{number}-{n}"} for n in range(number)))
        with CaptureQueriesContext(connection) as queries:
            assert send(operator, given).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    rolled(lumen)
    [row] = operator.get("/api/v1/usage/").json()["results"]
    assert signed_in(vendor().house, "vendor_ops").get(f"/api/v1/usage/{row['id']}/").status_code == 404
    assert signed_in(lumen.house, "member").get("/api/v1/usage/").status_code == 403


def test_a_known_and_an_unknown_key_cost_the_same_queries(lumen: Vendor) -> None:
    """Quotas, add-ons and bundles are asked about nobody as well."""
    license = metered(lumen)
    key = lumen.key(license)
    lumen.house.organization.kind = "platform"
    lumen.house.organization.save(update_fields=["kind"])
    counts = []
    for asked in (key, "0000-0000"):
        with CaptureQueriesContext(connection) as queries:
            ask(asked)
        counts.append(len(queries))
    assert counts[0] == counts[1]


USAGE = """query ($filter: UsageFilter, $first: Int) {
  usage(filter: $filter, first: $first) { pageInfo { hasNextPage } nodes { feature day value events license { id } } }
}"""


def test_usage_over_graphql(lumen: Vendor, operator: Client) -> None:
    """By licence, feature and day, in pages, in as many queries for two rows as for six; nothing for those without the
    right, and nothing of other houses."""
    license = metered(lumen)
    other = lumen.license(lumen.license_type("perpetual"))
    record(lumen, event(license, "a", "1.5"), event(license, "b", "2", feature="print"), event(other, "c"))
    rolled(lumen)
    narrow = {"filter": {"license": str(license.id), "feature": "export", "day": NOW.date().isoformat()}}
    [row] = data(operator, USAGE, **narrow)["usage"]["nodes"]
    assert (Decimal(row["value"]), row["events"], row["license"]) == (Decimal("1.5"), 1, {"id": str(license.id)})
    found = data(operator, USAGE, first=2)["usage"]
    assert (found["pageInfo"]["hasNextPage"], len(found["nodes"])) == (True, 2)
    counts = []
    for number in (0, 3):
        record(lumen, *(event(license, f"m{n}", feature=f"f{n}") for n in range(number + 1)))
        rolled(lumen)
        with CaptureQueriesContext(connection) as queries:
            data(operator, USAGE)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert data(signed_in(vendor().house, "vendor_ops"), USAGE)["usage"]["nodes"] == []
    assert codes(ask_graph(signed_in(lumen.house, "member"), USAGE)) == ["PERMISSION_DENIED"]


@pytest.mark.postgres
@pytest.mark.django_db
def test_events_lie_in_monthly_partitions(lumen: Vendor) -> None:
    """This month's in its own, last month's, which nobody made, in the default one; sums see both."""
    license = metered(lumen)
    record(lumen, event(license, "a"), event(license, "b", at=NOW - timedelta(days=40)))
    with lumen.house.reading(), connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM licensing_usage_event ORDER BY at DESC")
        assert [name for (name,) in cursor.fetchall()] == [
            f"licensing_usage_event_y{NOW:%Ym%m}",
            "licensing_usage_event_default",
        ]
        cursor.execute("SELECT count(*) FROM licensing_usage_event_default")
        assert cursor.fetchone() == (0,)


@pytest.mark.postgres
def test_the_same_batch_at_once_from_everywhere(committed_db: Any) -> None:
    """Eight senders of the same fifty events: each event is stored once and every sender gets an answer; roll-ups
    that run meanwhile lose nothing."""
    lumen = vendor()
    license = metered(lumen)
    stored: list[int] = []
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            events = [event(license, f"k{n}") for n in range(50)]
            stored.append(record(lumen, *events).count("stored"))
            rolled(lumen)
        except BaseException as error:  # noqa: BLE001  # told by the main thread
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not failures
    assert sum(stored) == 50
    assert used(lumen, license) == 50
    while rolled(lumen):
        pass
    assert daily(lumen) == [(Decimal(50), 50)]


def test_events_name_their_licence_by_id(lumen: Vendor) -> None:
    """A plain id without a key: the licence that a batch names is looked up once."""
    license = metered(lumen)
    record(lumen, event(license, "a"))
    with lumen.house.reading():
        assert UsageEvent.objects.get().license_id == UUID(str(license.id))
