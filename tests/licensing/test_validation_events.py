"""Validations as telemetry: each is recorded, with what may be kept and nothing else, in batches of the ledger."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError, connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from audit.models import Event, TelemetryBatch
from audit.operations.telemetry import TelemetrySource
from audit.telemetry import altered_batches
from kernel.clock import FixedClock
from licensing.models import License, LicenseType, ValidationEvent
from licensing.operations import suspend_license
from licensing.partitions import drop_partitions
from licensing.rest.client_calls import key_digests
from licensing.rules.key_format import encode
from licensing.validations.observation import Observation
from licensing.validations.operations import sweep
from licensing.validations.operations.buffer import Buffer
from licensing.validations.operations.closing import let_go, telemetry_sources, usage_lines, validation_lines
from licensing.validations.operations.recording import BUFFER
from tests.factories import licensing
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.licensing.vendors import Vendor, ask, ask_for, vendor

pytestmark = pytest.mark.django_db
LIST = "/api/v1/validations/"
PAGE = "/admin/licensing/validationevent/"


@pytest.fixture
def platform() -> Tenant:
    return tenant("platform", slug="platform")


@pytest.fixture
def lumen(platform: Tenant) -> Vendor:
    return vendor("lumen")


def recorded(house: Tenant) -> list[ValidationEvent]:
    with house.reading():
        return list(ValidationEvent.objects.order_by("at", "id"))


def kind_of(lumen: Vendor, license: License) -> LicenseType:
    with lumen.house.reading():
        return LicenseType.objects.get(id=license.license_type_id)


@pytest.mark.requirement("REQ-014", "REQ-015", "REQ-189")
def test_each_answer_is_recorded_with_its_context(lumen: Vendor) -> None:
    """Valid, denied and expired: three questions are three rows with key digest, moment, domain, feature, answer,
    truncated address, country, client software, user and machine as digests."""
    license, key = lumen.keyed("subscription")
    ended = lumen.license(kind_of(lumen, license), valid_from=datetime.now(UTC) - timedelta(days=400))
    scope = {
        "features": ["render", "export"], "domain": "Fjord.example", "country": "NO", "version": "3.1.0",
        "user": "kim@fjord.example", "fingerprint": "board-1", "client_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    browser = Client(HTTP_HOST="127.0.0.1", REMOTE_ADDR="203.0.113.77", HTTP_USER_AGENT="lumen-cad/3.1 (Kim's laptop)")
    ask(key, browser=browser)
    ask(key, browser=browser, scope=scope)
    ask(lumen.key(ended), browser=browser)
    valid, denied, expired = recorded(lumen.house)
    assert [one.code for one in (valid, denied, expired)] == ["VALID", "FEATURE_MISSING", "EXPIRED"]
    assert bytes(denied.key_digest) == key_digests(key)[0]
    assert (denied.license_id, denied.features, denied.version) == (license.id, ["export", "render"], "3.1.0")
    assert (denied.domain, denied.country, denied.network) == ("fjord.example", "NO", "203.0.113.0")
    assert (denied.sdk, denied.origin, denied.client_at) == (
        "lumen-cad/3.1",
        "online",
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert len(denied.user) == len(denied.device) == 64
    assert abs(datetime.now(UTC) - denied.at) < timedelta(minutes=5)


@pytest.mark.requirement("REQ-015")
def test_key_address_user_and_machine_are_nowhere_in_clear(lumen: Vendor) -> None:
    """No column of the row, and no entry of the ledger, holds raw key, full address, user or machine."""
    _license, key = lumen.keyed("subscription")
    browser = Client(HTTP_HOST="127.0.0.1", REMOTE_ADDR="203.0.113.77")
    ask(key, browser=browser, scope={"user": "kim@fjord.example", "fingerprint": "board-1"})
    [row] = recorded(lumen.house)
    sweep(lumen.house.organization.id, FixedClock(datetime.now(UTC) + timedelta(hours=2)))
    with lumen.house.reading():
        bodies = b"".join(bytes(body) if not isinstance(body, str) else body.encode() for body in _bodies())
    kept = repr(vars(row)) + bodies.decode()
    for secret in (key, key.replace("-", ""), "203.0.113.77", "kim@fjord.example", "board-1"):
        assert secret not in kept


def _bodies() -> Iterator[Any]:
    yield from Event.objects.values_list("body", flat=True)


def test_a_key_that_nobody_issued_is_recorded_by_the_platform(lumen: Vendor, platform: Tenant) -> None:
    """The row has the digest of what was typed, and no licence; the vendor's book has none."""
    ask(encode(bits=77))
    assert recorded(lumen.house) == []
    [row] = recorded(platform)
    assert (row.code, row.license_id) == ("NOT_FOUND", None)


def test_activations_and_heartbeats_are_recorded(lumen: Vendor) -> None:
    """Each call is a row of its origin; a machine for which no place is left has the refusal in its row."""
    license, key = lumen.on_machines(1)
    ask_for("activate", key, "m-1")
    ask_for("activate", key, "m-2")
    ask_for("ping", key, "m-1")
    ask_for("deactivate", key, "m-1")
    found = [(row.origin, row.refusal, row.license_id) for row in recorded(lumen.house)]
    assert found == [
        ("activation", "", license.id),
        ("activation", "LIMIT_REACHED", license.id),
        ("heartbeat", "", license.id),
        ("activation", "", license.id),
    ]
    first, second = recorded(lumen.house)[:2]
    assert len(first.device) == len(second.device) == 64
    assert first.device != second.device


def test_flags_and_clients_of_keygen_are_recorded(lumen: Vendor) -> None:
    """They ask the same question by another door."""
    _license, key = lumen.keyed("subscription")
    browser = Client(HTTP_HOST="127.0.0.1")
    browser.post("/api/v1/flags", {"key": key, "nonce": "bm9uY2U"}, content_type="application/json")
    address = "/compat/keygen/lumen/v1/licenses/actions/validate-key"
    for typed in (key, "AAAA-BBBB"):
        browser.post(address, {"meta": {"key": typed}}, content_type="application/vnd.api+json")
    assert [row.code for row in recorded(lumen.house)] == ["VALID", "VALID", "NOT_FOUND"]


def test_what_is_no_question_is_not_recorded(lumen: Vendor) -> None:
    """A body that cannot be read was not answered, so there is nothing to record."""
    _license, key = lumen.keyed("subscription")
    assert ask(key, scope={"planet": "Mars"}).status_code == 400
    assert recorded(lumen.house) == []


def seen(**columns: Any) -> Observation:
    values = {"at": datetime.now(UTC), "license_id": None, "key_digest": b"k" * 32, "code": "VALID", **columns}
    return Observation(origin="online", **values)


def test_a_buffer_writes_later_and_loses_nothing(lumen: Vendor) -> None:
    """Buffered, the answer does not wait for the row; the flush writes each waiting row once."""
    _license, key = lumen.keyed("subscription")
    with override_settings(USAGE_DURABILITY="buffered"), mock.patch.object(BUFFER, "_start"):
        for _time in range(5):
            assert ask(key).json()["valid"] is True
        assert recorded(lumen.house) == []
        assert (BUFFER.flush(), BUFFER.flush()) == (5, 0)
    assert len(recorded(lumen.house)) == 5


def test_a_full_buffer_counts_what_it_drops() -> None:
    """It never grows beyond its bound, and /metrics tells what was lost."""
    kept: list[Any] = []
    buffer = Buffer(lambda _house, rows: kept.extend(rows), most=3)
    house = tenant("vendor").organization.id
    before = _dropped()
    with mock.patch.object(buffer, "_start"):
        for _time in range(5):
            buffer.put(house, seen())
    assert (buffer.flush(), len(kept), _dropped() - before) == (3, 3, 2)


def _dropped() -> float:
    text = Client(HTTP_HOST="127.0.0.1").get("/metrics").content.decode()
    [line] = [one for one in text.splitlines() if one.startswith("seatledger_validation_events_dropped_total")]
    return float(line.split()[-1])


def test_a_buffer_waits_for_a_database_that_is_away() -> None:
    """What could not be written is written by a later flush, in its order."""
    kept: list[Any] = []
    away = [DatabaseError("no"), None]

    def store(_house: Any, rows: Any) -> None:
        problem = away.pop(0) if away else None
        if problem:
            raise problem
        kept.extend(rows)

    buffer, house = Buffer(store), tenant("vendor").organization.id
    with mock.patch.object(buffer, "_start"), mock.patch.object(connection, "close"):
        buffer.put(house, seen(code="VALID"))
        buffer.put(house, seen(code="EXPIRED"))
        assert buffer.flush() == 0
        assert buffer.flush() == 2
    assert [one.code for one in kept] == ["VALID", "EXPIRED"]


@pytest.mark.requirement("REQ-200")
def test_hours_are_closed_in_the_ledger_and_verified(lumen: Vendor) -> None:
    """The batch's entry has count, span and a digest that anybody can compute again; a row that is changed afterwards,
    or taken away, is found by the verification and named by its entry."""
    license, _key = lumen.keyed("subscription")
    hour = datetime(2026, 11, 1, 10, tzinfo=UTC)
    with lumen.house.writing():
        for minute in (5, 20, 50):
            licensing.validation_event(license, at=hour + timedelta(minutes=minute))
    clock = FixedClock(hour + timedelta(hours=1, minutes=6))
    sweep(lumen.house.organization.id, clock)
    sweep(lumen.house.organization.id, clock)
    with lumen.house.reading():
        [batch] = TelemetryBatch.objects.filter(source="validation_event")
        entry = Event.objects.get(kind="telemetry.batch_closed")
        lines = b"".join(line for _at, line in validation_lines(None, hour + timedelta(hours=1)))
        assert list(altered_batches(telemetry_sources(), at=clock.now())) == []
    stated = json.loads(entry.body)["details"]
    assert (batch.count, stated["count"], stated["sha256"]) == (3, 3, hashlib.sha256(lines).hexdigest())

    def forged(start: datetime | None, end: datetime) -> Iterator[tuple[datetime, bytes]]:
        for at, line in validation_lines(start, end):
            yield at, line.replace(b"VALID", b"EXPIRED")

    def thinned(start: datetime | None, end: datetime) -> Iterator[tuple[datetime, bytes]]:
        yield from list(validation_lines(start, end))[1:]

    with lumen.house.reading():
        for lines_of in (forged, thinned):
            source = TelemetrySource("validation_event", lines_of, kept=timedelta(days=400))
            [problem] = altered_batches([source], at=clock.now())
            assert (problem.code, problem.sequence) == ("telemetry_altered", entry.sequence)


def test_usage_is_closed_by_when_it_was_heard_of(lumen: Vendor) -> None:
    """An event that a client reports late stands in the batch of the hour in which it came."""
    license, _key = lumen.keyed("subscription")
    hour = datetime(2026, 11, 1, 10, tzinfo=UTC)
    with lumen.house.writing():
        licensing.usage_event(license, at=hour - timedelta(days=40), received_at=hour + timedelta(minutes=1))
    sweep(lumen.house.organization.id, FixedClock(hour + timedelta(hours=1, minutes=6)))
    with lumen.house.reading():
        [batch] = TelemetryBatch.objects.filter(source="usage_event")
        [(at, line)] = usage_lines(batch.first_at, batch.last_at + timedelta(microseconds=1))
    assert (batch.count, at) == (1, hour + timedelta(minutes=1))
    assert bytes(batch.digest) == hashlib.sha256(line).digest()


@pytest.mark.skipif(connection.vendor == "postgresql", reason="months are dropped there")
def test_old_rows_go_when_their_batch_is_closed(lumen: Vendor) -> None:
    """Only what is past its time and stands in the ledger; the verification does not miss it."""
    license, _key = lumen.keyed("subscription")
    now = datetime.now(UTC)
    with lumen.house.writing():
        for days in (500, 10):
            licensing.validation_event(license, at=now - timedelta(days=days))
    with lumen.house.reading():
        assert let_go(before=now - timedelta(days=400)) == 0
    sweep(lumen.house.organization.id, FixedClock(now))
    assert len(recorded(lumen.house)) == 1
    with lumen.house.reading():
        assert list(altered_batches(telemetry_sources(), at=now)) == []


@pytest.mark.postgres
def test_months_are_dropped_as_a_whole(lumen: Vendor) -> None:
    """A month that is over goes when each row of it stands in a batch; nothing younger than sixty days ever does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT licensing_ensure_partitions('licensing_validation_event', '2024-01-01', 1)")
    license, _key = lumen.keyed("subscription")
    with lumen.house.writing():
        licensing.validation_event(license, at=datetime(2024, 1, 5, tzinfo=UTC))
    with connection.cursor() as cursor:
        # Otherwise this test's own open transaction keeps its month from being dropped.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    june = datetime(2024, 6, 1, tzinfo=UTC).date()
    gone = drop_partitions("licensing_validation_event", before=june, closed_as="validation_event")
    assert gone == 1, "February is empty"
    sweep(lumen.house.organization.id, FixedClock(datetime.now(UTC)))
    assert recorded(lumen.house) == []
    with pytest.raises(DatabaseError, match="may be dropped"):
        drop_partitions("licensing_validation_event", before=datetime.now(UTC).date(), closed_as="validation_event")


def test_the_list_over_rest(lumen: Vendor) -> None:
    """Newest first, narrowed by licence, answer and time; one row by its id; the same queries for one row and for
    twenty."""
    license, key = lumen.keyed("subscription")
    other = lumen.license(kind_of(lumen, license))
    ask(key)
    operator = signed_in(lumen.house, "vendor_ops")
    with CaptureQueriesContext(connection) as one:
        [only] = operator.get(LIST).json()["results"]
    assert (only["license"], only["code"], only["key_digest"]) == (str(license.id), "VALID", key_digests(key)[0].hex())
    with lumen.house.writing():
        for _time in range(20):
            licensing.validation_event(other, code="EXPIRED", at=datetime(2026, 1, 1, tzinfo=UTC))
    with CaptureQueriesContext(connection) as many:
        rows = operator.get(LIST).json()["results"]
    assert (len(rows), len(many)) == (21, len(one))
    assert len(operator.get(LIST, {"code": "EXPIRED"}).json()["results"]) == 20
    assert len(operator.get(LIST, {"license": str(license.id)}).json()["results"]) == 1
    assert len(operator.get(LIST, {"at__lt": "2026-06-01T00:00:00Z"}).json()["results"]) == 20
    assert operator.get(f"{LIST}{only['id']}/").json() == only


def test_who_may_read_validations(lumen: Vendor) -> None:
    """Anonymous 401, a member without the permission 403, another organisation's row 404, a bad filter 400; nothing is
    written by this door."""
    _license, key = lumen.keyed("subscription")
    ask(key)
    [row] = recorded(lumen.house)
    assert Client(HTTP_HOST="127.0.0.1").get(LIST).status_code == 401
    assert signed_in(lumen.house, "member").get(LIST).status_code == 403
    stranger = signed_in(vendor().house, "vendor_ops")
    assert stranger.get(LIST).json()["results"] == []
    assert stranger.get(f"{LIST}{row.id}/").status_code == 404
    operator = signed_in(lumen.house, "vendor_ops")
    assert operator.get(LIST, {"at__lt": "soon"}).status_code == 400
    assert operator.post(LIST, {}, content_type="application/json").status_code == 405


def test_validations_over_graphql(lumen: Vendor) -> None:
    """The same rows with the same permission."""
    license, key = lumen.keyed("subscription")
    ask(key)
    query = (
        "query($l: ID) { validations(filter: {license: $l}) { edges { node { code licenseId features network } } } }"
    )
    body = {"query": query, "variables": {"l": str(license.id)}}

    def put(client: Client) -> Any:
        return client.post("/graphql/", body, content_type="application/json").json()

    [edge] = put(signed_in(lumen.house, "vendor_ops"))["data"]["validations"]["edges"]
    assert (edge["node"]["code"], edge["node"]["licenseId"]) == ("VALID", str(license.id))
    assert put(signed_in(lumen.house, "member"))["errors"]
    assert put(signed_in(vendor().house, "vendor_ops"))["data"]["validations"]["edges"] == []


def test_the_admins_list(lumen: Vendor) -> None:
    """Licence, answer and origin at a glance, narrowed by each; who may not see validations gets 403."""
    license, key = lumen.keyed("subscription")
    ask(key)
    with lumen.house.writing() as trail:
        suspend_license(license_id=license.id, reason="unpaid", trail=trail)
    ask(key)
    operator = signed_in(lumen.house, "vendor_ops")
    shown = operator.get(PAGE).content.decode()
    assert license.number in shown
    assert "SUSPENDED" in shown
    narrowed = operator.get(PAGE, {"code": "SUSPENDED", "origin": "online", "license_id": str(license.id)})
    assert narrowed.status_code == 200
    assert narrowed.content.decode().count(f">{license.number}<") == 1
    [row, _later] = recorded(lumen.house)
    assert operator.get(f"{PAGE}{row.id}/change/").status_code == 200
    assert signed_in(lumen.house, "procurement").get(PAGE).status_code == 403


def test_nothing_of_a_licence_is_needed_to_keep_its_validations(lumen: Vendor) -> None:
    """They name the licence by a plain id."""
    license, key = lumen.keyed("subscription")
    ask(key)
    with lumen.house.reading():
        assert ValidationEvent.objects.filter(license_id__in=License.objects.values("id")).count() == 1
    assert recorded(lumen.house)[0].license_id == license.id


@pytest.mark.postgres
def test_a_month_whose_rows_came_too_early_is_left_to_the_default(lumen: Vendor) -> None:
    """Rows of a month without a partition lie in the default one; making the month then would fail, so it is not made,
    and the others are."""
    license, _key = lumen.keyed("subscription")
    with lumen.house.writing():
        licensing.validation_event(license, at=datetime(2024, 2, 5, tzinfo=UTC))
    with connection.cursor() as cursor:
        cursor.execute("SELECT licensing_ensure_partitions('licensing_validation_event', '2024-01-01', 2)")
        assert cursor.fetchone() == (2,)
