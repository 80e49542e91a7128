"""Floating seats under churn: two gunicorn processes on PostgreSQL, twenty clients for half a minute that crash, give
up waiting and send heartbeats too late, while an independent query samples what is held."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from uuid import UUID

import httpx
import pytest
from django.db import OperationalError, connection

from kernel.trail import open_trail
from licensing.rest.client_calls import key_digests
from licensing.rules.facts import ValidationScope
from seats.models import Lease
from seats.operations.leases import StatedHolder, check_out
from tests.factories.tenants import tenant
from tests.plugins.databases import CommittedDatabase
from tests.plugins.servers import GunicornProcess
from tests.seats.leasing import Floating, floating

pytestmark = [pytest.mark.postgres, pytest.mark.heavy]
WORKERS, SEATS, SECONDS = 20, 5, 30.0
TERMS = {"lease_seconds": 3, "grace_beats": 0, "offer_seconds": 2}
FRESH = httpx.Limits(max_keepalive_connections=0)

HELD = """
SELECT coalesce(sum(l.quantity), 0), p.used, p.capacity
FROM seats_pool p LEFT JOIN seats_lease l
  ON l.pool_id = p.id AND l.state IN ('active', 'offered')
WHERE p.id = %s GROUP BY p.id
"""
LIVE = """
SELECT count(*) FROM seats_lease WHERE state IN ('active', 'offered', 'waiting') AND expires_at > clock_timestamp()
"""
PASSED_BY_A_NEWCOMER = """
SELECT count(*) FROM seats_lease n JOIN seats_lease w ON w.pool_id = n.pool_id AND w.priority <= n.priority
WHERE n.ticket IS NULL AND w.ticket IS NOT NULL AND w.asked_at < n.acquired_at
  AND coalesce(w.offered_at, 'infinity') > n.acquired_at AND coalesce(w.released_at, 'infinity') > n.acquired_at
"""
PASSED_WITHIN_THE_QUEUE = """
SELECT count(*) FROM seats_lease a JOIN seats_lease b
  ON a.pool_id = b.pool_id AND a.priority = b.priority AND a.ticket < b.ticket
WHERE b.offered_at < coalesce(a.offered_at, 'infinity') AND coalesce(a.released_at, 'infinity') > b.offered_at
"""


def asked(one: Floating, sql: str, *values: UUID) -> list[tuple[int, ...]]:
    with one.vendor.house.reading(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


@dataclass
class Churn:
    """What all workers saw, by kind."""

    one: Floating
    until: float
    seen: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str) -> None:
        with self.lock:
            self.seen[what] += 1

    def post(self, client: httpx.Client, step: str, **members: object) -> httpx.Response:
        answer = client.post(f"/api/v1/leases/{step}", json={"key": self.one.key, "nonce": "bg", **members})
        self.note(f"{step} {answer.status_code}")
        return answer

    def work(self, number: int, url: str) -> None:
        """Session after session, each by a holder of its own, and each with another end."""
        dice = random.Random(number)  # noqa: S311  # draws lives of clients, no secrets
        with httpx.Client(base_url=url, timeout=30, limits=FRESH) as client:
            session = 0
            while time.monotonic() < self.until:
                session += 1
                self._session(client, dice, {"user": f"w{number}", "session": str(session)})

    def _session(self, client: httpx.Client, dice: random.Random, holder: dict[str, str]) -> None:
        patience = dice.choice([2, 20, 20])
        for _asked in range(patience):
            answer = self.post(client, "checkout", holder=holder)
            if answer.status_code == 503:
                continue
            lease = answer.json()["lease"]
            if lease["state"] == "active":
                self._hold(client, dice, lease["id"])
                return
            time.sleep(0.5)
            if time.monotonic() > self.until:
                return
        self.note("gave up")

    def _hold(self, client: httpx.Client, dice: random.Random, lease: str) -> None:
        time.sleep(dice.uniform(0.05, 0.4))
        end = dice.random()
        if end < 0.2:
            self.note("crashed")
        elif end < 0.3:
            time.sleep(3.2)
            late = self.post(client, "heartbeat", lease=lease)
            self.note("late" if late.status_code == 410 else f"revived {late.status_code}")
        else:
            self.post(client, "heartbeat", lease=lease)
            time.sleep(dice.uniform(0.05, 0.4))
            self.post(client, "checkin", lease=lease)


@dataclass
class Sampler:
    """Reads what is held again and again, by a query that shares nothing with the program."""

    one: Floating
    most: int = 0
    samples: int = 0
    wrong: list[tuple[int, ...]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        try:
            while not self.stop.wait(0.02):
                [(held, used, capacity)] = asked(self.one, HELD, self.one.pool_id)
                self.samples, self.most = self.samples + 1, max(self.most, held)
                if held > capacity or used > capacity or held != used:
                    self.wrong.append((held, used, capacity))
        finally:
            connection.close()


@pytest.fixture(scope="module")
def lumen(gunicorn: list[GunicornProcess]) -> Floating:
    tenant("platform", slug="platform")
    return floating("lumen", seats=SEATS, **TERMS)


@pytest.mark.requirement("REQ-156")
def test_half_a_minute_of_churn(gunicorn: list[GunicornProcess], lumen: Floating) -> None:
    """Never one seat too many in any sample, nobody passed by an equal, no late heartbeat revives a lease; and when all
    have gone silent every seat is free again by time alone, no worker running."""
    churn, sampler = Churn(lumen, time.monotonic() + SECONDS), Sampler(lumen)
    watching = threading.Thread(target=sampler.run)
    watching.start()
    with ThreadPoolExecutor(WORKERS) as threads:
        for one in [threads.submit(churn.work, number, gunicorn[number % 2].url) for number in range(WORKERS)]:
            one.result(timeout=120)
    sampler.stop.set()
    watching.join(timeout=20)
    assert sampler.wrong == []
    assert (sampler.most, sampler.samples > 200) == (SEATS, True)
    assert churn.seen.keys() >= {"crashed", "late", "gave up"}
    assert not [what for what in churn.seen if what.startswith("revived") or what.endswith((" 500", " 409"))]
    assert asked(lumen, PASSED_BY_A_NEWCOMER) == asked(lumen, PASSED_WITHIN_THE_QUEUE) == [(0,)]
    time.sleep(4.2)
    assert asked(lumen, LIVE) == [(0,)]
    with httpx.Client(base_url=gunicorn[0].url, timeout=30) as client:
        taken = [churn.post(client, "checkout", holder={"user": f"after-{number}"}).json() for number in range(SEATS)]
    assert {told["lease"]["state"] for told in taken} == {"active"}


def test_two_hundred_at_once_on_fifty_seats(committed_db: CommittedDatabase) -> None:
    """In process, forty at a time: fifty hold a seat, the others are denied, and the counter is what is held."""
    one = floating("fifty", seats=50, queues=False)
    digests = key_digests(one.key)

    def take(number: int) -> str:
        # Whoever has waited for the pool for two seconds asks again, as a client does that is answered 503.
        for _try in range(50):
            try:
                return once(number)
            except OperationalError:
                continue
        return "never"

    def once(number: int) -> str:
        try:
            with open_trail(actor=one.vendor.house.actor) as trail:
                told = check_out(
                    license_id=one.license.id,
                    digests=digests,
                    scope=ValidationScope(),
                    holder=StatedHolder(user=f"u{number}"),
                    trail=trail,
                )
            return "denied" if told.refusal else "active"
        finally:
            connection.close()

    tries: Callable[[int], str] = take
    with ThreadPoolExecutor(40) as threads:
        assert Counter(threads.map(tries, range(200))) == {"active": 50, "denied": 150}
    with one.vendor.house.reading():
        assert (one.pool.used, Lease.objects.held().count()) == (50, 50)
