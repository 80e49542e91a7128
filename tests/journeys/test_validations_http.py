"""Validations over HTTP: two gunicorn processes on PostgreSQL, each with a memory of its own, in each durability."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from licensing.models import License, ValidationEvent
from licensing.operations import suspend_license
from tests.factories.tenants import tenant
from tests.licensing.vendors import Vendor, vendor
from tests.plugins.databases import CommittedDatabase
from tests.plugins.servers import GunicornProcess

pytestmark = pytest.mark.postgres
ASKED = 200
Servers = Callable[..., list[GunicornProcess]]


@pytest.fixture(scope="module")
def lumen(committed_db: CommittedDatabase) -> Vendor:
    tenant("platform", slug="platform")
    return vendor("lumen")


@pytest.fixture
def servers(committed_db: CommittedDatabase) -> Iterator[Servers]:
    """Starts so many processes with these settings; they are stopped in order."""
    started: list[GunicornProcess] = []

    def start(number: int, **settings: str) -> list[GunicornProcess]:
        environment = {
            **os.environ,
            **committed_db.environment,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SEATLEDGER_SNAPSHOT_SECONDS": "2",
            **settings,
        }
        new = [GunicornProcess(environment) for _one in range(number)]
        started.extend(new)
        for server in new:
            server.start()
        return new

    yield start
    for server in started:
        server.stop()


def code(server: GunicornProcess, key: str) -> str:
    answer = httpx.post(f"{server.url}/api/v1/validate", json={"key": key, "nonce": "n"}, timeout=60)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["code"])


def recorded(lumen: Vendor, license: License) -> int:
    with lumen.house.reading():
        return ValidationEvent.objects.filter(license_id=license.id, code="VALID").count()


@pytest.mark.requirement("REQ-042")
def test_a_suspended_licence_is_refused_by_a_second_process_within_two_seconds(servers: Servers, lumen: Vendor) -> None:
    """Both have just answered from memory that it is valid; two seconds after it was suspended neither does."""
    license = lumen.license(lumen.license_type(code="suspended"))
    key = lumen.key(license)
    first, second = servers(2)
    assert [code(one, key) for one in (first, second, first, second)] == ["VALID"] * 4
    with lumen.house.writing() as trail:
        suspend_license(license_id=license.id, reason="unpaid", trail=trail)
    suspended = time.monotonic()
    seen: list[str] = []
    while time.monotonic() < suspended + 2:
        seen.append(code(second, key))
    assert [code(one, key) for one in (first, second)] == ["SUSPENDED", "SUSPENDED"]
    assert sorted(seen, reverse=True) == seen, "once refused, it stays refused"


@pytest.mark.requirement("REQ-014", "REQ-016")
@pytest.mark.parametrize("durability", ["async_commit", "sync", "buffered"])
def test_each_answer_is_a_row(servers: Servers, lumen: Vendor, durability: str) -> None:
    """Two hundred answers, sixteen at a time, without any worker or broker: as many rows when the process has ended in
    order, whatever the durability."""
    license = lumen.license(lumen.license_type(code=durability.replace("_", "-")))
    key = lumen.key(license)
    [server] = servers(1, SEATLEDGER_USAGE_DURABILITY=durability, CELERY_BROKER_URL="redis://127.0.0.1:1/0")
    with ThreadPoolExecutor(16) as threads:
        codes = list(threads.map(lambda _number: code(server, key), range(ASKED)))
    assert codes == ["VALID"] * ASKED
    if durability != "buffered":
        assert recorded(lumen, license) == ASKED
    server.kill(15)
    assert recorded(lumen, license) == ASKED
