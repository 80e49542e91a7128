"""Capacity over HTTP: two gunicorn processes on PostgreSQL, twenty signed-in clients, fifty rounds on pools of ten.

docs/capacity.md says what was observed with the lock, and with lock and constraint, taken away.
"""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Barrier

import httpx
import pytest
from django.test import override_settings

from identity.models import Person
from seats.models import Assignment, SeatPool
from tests.factories.tenants import PASSWORD, Tenant, member, tenant
from tests.plugins.servers import GunicornProcess
from tests.seats.books import REASON, fed_pool, kinds, people

pytestmark = pytest.mark.postgres
CLIENTS, SEATS, ROUNDS = 20, 10, 50
EMAIL = "it.admin@halden.example"
# The servers run with the real settings, which know no fast hash for tests.
REAL_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
DRAWN = "a" * 32
Answer = tuple[int, str]


FRESH_CONNECTIONS = httpx.Limits(max_keepalive_connections=0)
"""A connection that the server closes while it idles between two rounds would look like a lost answer."""


@dataclass(frozen=True)
class Book:
    """A pool of ten seats for each round, and a person for each client."""

    one: Tenant
    pools: list[SeatPool]
    people: list[Person]


@pytest.fixture(scope="module")
def book(gunicorn: list[GunicornProcess]) -> Book:
    one = tenant(name="Halden Energy")
    with override_settings(PASSWORD_HASHERS=REAL_HASHERS):
        member(one, "it_admin", email=EMAIL)
    with one.writing():
        return Book(one, [fed_pool(one, bought=SEATS) for _ in range(ROUNDS)], people(one, CLIENTS))


@pytest.fixture(scope="module")
def clients(gunicorn: list[GunicornProcess], book: Book) -> Iterator[list[httpx.Client]]:
    """Each with a session of its own, half of them at either process."""
    with ExitStack() as open_clients:
        made = [
            open_clients.enter_context(
                httpx.Client(base_url=gunicorn[number % 2].url, timeout=60, limits=FRESH_CONNECTIONS)
            )
            for number in range(CLIENTS)
        ]
        with ThreadPoolExecutor(CLIENTS) as threads:
            list(threads.map(_sign_in, made))
        yield made


def _sign_in(client: httpx.Client) -> None:
    """Cookie and token must agree, whoever drew them; so no page is needed, nor the static files that one links to."""
    client.cookies.set("csrf", DRAWN, domain="127.0.0.1")
    given = {"username": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": DRAWN}
    assert client.post("/accounts/sign-in/", data=given).status_code == 302
    client.headers["X-CSRFToken"] = client.cookies["csrf"]


def _ask(client: httpx.Client, start: Barrier, pool: SeatPool, person: Person) -> Answer:
    start.wait(timeout=60)
    return _asked(client, pool, person)


def _asked(client: httpx.Client, pool: SeatPool, person: Person) -> Answer:
    answer = client.post(f"/api/v1/pools/{pool.id}/assign/", json={"person": str(person.id), "reason": REASON})
    return answer.status_code, "" if answer.status_code < 400 else _code(answer)


def _code(answer: httpx.Response) -> str:
    """The code of a problem; an error page has none."""
    return str(answer.json()["code"]) if "json" in answer.headers["content-type"] else "no code"


def _round(clients: list[httpx.Client], book: Book, pool: SeatPool, threads: ThreadPoolExecutor) -> Counter[Answer]:
    start = Barrier(CLIENTS)
    asked = [
        threads.submit(_ask, client, start, pool, person) for client, person in zip(clients, book.people, strict=True)
    ]
    return Counter(one.result(timeout=120) for one in asked)


def test_twenty_clients_on_ten_seats_in_fifty_rounds(clients: list[httpx.Client], book: Book) -> None:
    """Each round exactly ten of twenty get a seat and ten hear CAPACITY_EXCEEDED; afterwards every pool is full and not
    fuller, its counter is the sum of its seats, and the ledger has 500 seats given and 500 refused."""
    with ThreadPoolExecutor(CLIENTS) as threads:
        rounds = [_round(clients, book, pool, threads) for pool in book.pools]
    assert [dict(answers) for answers in rounds] == [{(201, ""): 10, (409, "CAPACITY_EXCEEDED"): 10}] * ROUNDS
    with book.one.reading():
        assert set(SeatPool.objects.values_list("used", flat=True)) == {SEATS}
        held = Counter(Assignment.objects.live().values_list("pool_id", flat=True))
        assert held == {pool.id: SEATS for pool in book.pools}
    assert Counter(kinds(book.one, "seat.")) == {
        "seat.assigned": SEATS * ROUNDS,
        "seat.refused": (CLIENTS - SEATS) * ROUNDS,
    }


def test_two_hundred_requests_on_fifty_seats_in_one_pool(clients: list[httpx.Client], book: Book) -> None:
    """Two hundred people at once through twenty sessions: exactly fifty get a seat, 150 hear CAPACITY_EXCEEDED, and an
    independent query never sees more than fifty."""
    with book.one.writing():
        pool, crowd = fed_pool(book.one, bought=50), people(book.one, 200)
    start = Barrier(CLIENTS)

    def share(number: int) -> list[Answer]:
        start.wait(timeout=60)
        return [_asked(clients[number], pool, person) for person in crowd[number::CLIENTS]]

    most = 0
    with ThreadPoolExecutor(CLIENTS) as threads:
        shares = [threads.submit(share, number) for number in range(CLIENTS)]
        while not all(one.done() for one in shares):
            with book.one.reading():
                most = max(most, Assignment.objects.live().filter(pool=pool).count())
        answers = Counter(answer for one in shares for answer in one.result())
    assert answers == {(201, ""): 50, (409, "CAPACITY_EXCEEDED"): 150}
    assert most <= 50
    with book.one.reading():
        assert SeatPool.objects.get(id=pool.id).used == 50
