"""Many at once on PostgreSQL, with real commits: never one seat too many, never a seat for somebody who leaves."""

from collections import Counter
from collections.abc import Callable, Sequence
from threading import Barrier, Semaphore, Thread

import pytest
from django.db import connection

from identity.models import Person
from identity.operations import deactivate_person
from kernel.errors import Refusal
from kernel.trail import open_trail
from seats.models import Assignment, SeatPool
from seats.operations import SeatRequest, assign, assign_in_pools, release_many, transfer
from tests.factories.tenants import Tenant, tenant
from tests.plugins.databases import CommittedDatabase
from tests.seats.books import REASON, fed_pool, held, kinds, people, used

pytestmark = pytest.mark.postgres
ROUNDS = 200


def at_once(*works: Callable[[], str]) -> list[str]:
    """Runs each in a thread of its own, all released together, and returns what they answered, an error as its name."""
    answers: list[str] = [""] * len(works)
    barrier = Barrier(len(works))

    def run(position: int, work: Callable[[], str]) -> None:
        try:
            barrier.wait(timeout=20)
            answers[position] = work()
        except Refusal as refusal:
            answers[position] = refusal.code
        except Exception as error:
            answers[position] = repr(error)
            raise
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def assigning(one: Tenant, pool: SeatPool, person: Person) -> Callable[[], str]:
    """Assigns in one try: a deadlock would not be tried again, but show."""

    def work() -> str:
        with open_trail(actor=one.actor) as trail:
            assign(pool=pool, person=person, reason=REASON, trail=trail)
        return "assigned"

    return work


def leaving(one: Tenant, person: Person) -> Callable[[], str]:
    """Deactivates somebody and takes back what the person holds, in one transaction."""

    def work() -> str:
        with open_trail(actor=one.actor) as trail:
            deactivate_person(person=person, trail=trail)
            rows = list(Assignment.objects.live().filter(person=person))
            release_many(assignments=rows, reason="Left the organisation", trail=trail)
        return "left"

    return work


def test_twenty_threads_on_ten_seats_get_ten(committed_db: CommittedDatabase) -> None:
    """Twenty ask at the same moment: exactly ten get a seat, ten are told CAPACITY_EXCEEDED, and each refusal stands in
    the ledger."""
    one = tenant()
    with one.writing():
        pool, twenty = fed_pool(one), people(one, 20)
    answers = Counter(at_once(*[assigning(one, pool, person) for person in twenty]))
    assert answers == {"assigned": 10, "CAPACITY_EXCEEDED": 10}
    assert used(one, pool) == held(one, pool) == 10
    assert Counter(kinds(one, "seat.")) == {"seat.assigned": 10, "seat.refused": 10}


def test_the_same_person_from_ten_threads_takes_one_seat(committed_db: CommittedDatabase) -> None:
    """An impatient client that sends ten times holds one seat, and hears no error."""
    one = tenant()
    with one.writing():
        pool, [person] = fed_pool(one), people(one, 1)
    assert set(at_once(*[assigning(one, pool, person)] * 10)) == {"assigned"}
    assert used(one, pool) == held(one, pool) == 1


def _rounds(one: Tenant, pool: SeatPool, everybody: Sequence[Person]) -> Counter[tuple[str, ...]]:
    return Counter(tuple(at_once(assigning(one, pool, person), leaving(one, person))) for person in everybody)


def test_assigning_against_leaving_never_deadlocks_and_leaves_no_seat(committed_db: CommittedDatabase) -> None:
    """200 times somebody is given a seat and leaves at the same moment: no deadlock, and nobody who has left holds a
    seat, whoever came first."""
    one = tenant()
    with one.writing():
        pool, everybody = fed_pool(one, bought=ROUNDS), people(one, ROUNDS)
    outcomes = _rounds(one, pool, everybody)
    assert set(outcomes) <= {("assigned", "left"), ("PERSON_INACTIVE", "left")}
    with one.reading():
        assert Person.objects.filter(active=False).count() == ROUNDS
        assert not Assignment.objects.live().filter(person__active=False).exists()
    assert used(one, pool) == held(one, pool) == 0


def in_pools(one: Tenant, pools: Sequence[SeatPool], persons: Sequence[Person]) -> Callable[[], str]:
    """A seat of each pool for each person, in the order given."""

    def work() -> str:
        requests = [SeatRequest(person=person, reason=REASON) for person in persons]
        with open_trail(actor=one.actor) as trail:
            assign_in_pools(requests={pool.id: requests for pool in pools}, trail=trail)
        return "assigned"

    return work


def test_opposite_orders_and_departures_never_wait_in_a_circle(committed_db: CommittedDatabase) -> None:
    """Two imports name the same pools and people in opposite orders while one of the people leaves: fifty times, and
    no deadlock."""
    one = tenant()
    with one.writing():
        pools, everybody = [fed_pool(one, bought=200) for _ in range(3)], people(one, 100)
    for first, second in zip(everybody[::2], everybody[1::2], strict=True):
        answers = at_once(
            in_pools(one, pools, [first, second]),
            in_pools(one, pools[::-1], [second, first]),
            leaving(one, first),
        )
        assert set(answers) <= {"assigned", "PERSON_INACTIVE", "left"}
    with one.reading():
        assert not Assignment.objects.live().filter(person__active=False).exists()
    assert all(used(one, pool) == held(one, pool) for pool in pools)


def in_turn(*works: Callable[[], str], at_once_open: int) -> list[str]:
    """All at once as far as the server has connections: so many stand inside, the others wait at the door."""
    door = Semaphore(at_once_open)

    def entering(work: Callable[[], str]) -> Callable[[], str]:
        def run() -> str:
            with door:
                try:
                    return work()
                finally:
                    connection.close()

        return run

    return at_once(*[entering(work) for work in works])


def test_two_hundred_threads_on_fifty_seats_get_fifty(committed_db: CommittedDatabase) -> None:
    """Exactly fifty get a seat and 150 are refused; the counter is the sum of the seats."""
    one = tenant()
    with one.writing():
        pool, crowd = fed_pool(one, bought=50), people(one, 200)
    answers = Counter(in_turn(*[assigning(one, pool, person) for person in crowd], at_once_open=25))
    assert answers == {"assigned": 50, "CAPACITY_EXCEEDED": 150}
    assert used(one, pool) == held(one, pool) == 50


def passing_on(one: Tenant, seat: Assignment, person: Person) -> Callable[[], str]:
    def work() -> str:
        with open_trail(actor=one.actor) as trail:
            transfer(assignment=seat, person=person, reason=REASON, trail=trail)
        return "passed on"

    return work


def test_a_seat_passes_on_once_and_never_to_somebody_who_left(committed_db: CommittedDatabase) -> None:
    """Fifty times two people want the same seat of a full pool while one of them leaves: no deadlock, at most one gets
    it, the pool stays full or falls with whoever left."""
    one = tenant()
    with one.writing():
        pool, crowd = fed_pool(one, bought=50), people(one, 150)
    for first, second, third in zip(crowd[::3], crowd[1::3], crowd[2::3], strict=True):
        with one.writing() as trail:
            seat = assign(pool=pool, person=first, reason=REASON, trail=trail)
        answers = at_once(passing_on(one, seat, second), passing_on(one, seat, third), leaving(one, second))
        assert set(answers) <= {"passed on", "PERSON_INACTIVE", "SEAT_RELEASED", "left"}
        assert answers.count("passed on") <= 1
    with one.reading():
        assert not Assignment.objects.live().filter(person__active=False).exists()
    assert used(one, pool) == held(one, pool)
