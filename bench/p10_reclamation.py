"""P10: seats that nobody answered about are taken back, many at once against one transaction each.

Both sides do the same to each seat: release it, complete its candidate, put the holder's message in the outbox and
write one ledger entry, as the app role under row-level security, committed durably. The path is seats.operations.settle
in the batches of the nightly run; the baseline gives every seat a transaction of its own. Rows are put back between.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import connection

from audit.operations import trail
from bench.sandwich import Comparison, Leg
from identity.models import Organization, Person
from identity.operations import create_organization
from jobs.models import OutboxMessage
from kernel.clock import DatabaseClock
from kernel.database import as_owner
from kernel.ids import new_id
from kernel.principal import system
from kernel.scope import scope
from licensing.models import Metric, Product, Publisher
from seats.models import Assignment, ReclamationRule, RemovalCandidate, SeatPool
from seats.operations import settle
from seats.operations.reclaiming import locked_candidates, take_back
from seats.rules.candidates import Happening

SEATS = 100_000
ONE_BY_ONE = 300
ROWS = 2_000
PAST = datetime(2026, 1, 1, tzinfo=UTC)


@contextmanager
def comparisons() -> Iterator[list[Comparison]]:
    """One comparison on an organisation with SEATS candidates whose time to answer is over."""
    house = create_organization(slug="bench-p10", name="Bench", kind="buyer", clock=DatabaseClock())
    _furnish(house)
    yield [
        Comparison(
            name=f"P10 {SEATS:,} seats",
            must=20.0,
            stretch=40.0,
            baseline=partial(_measured, house, _one_by_one),
            path=partial(_measured, house, _at_once),
        )
    ]


def _measured(house: Organization, take: Callable[[UUID], int]) -> Leg:
    _put_back(house)
    began, cpu = time.perf_counter(), time.process_time()
    count = take(house.id)
    return Leg(units=count, seconds=time.perf_counter() - began, cpu=time.process_time() - cpu)


def _at_once(house: UUID) -> int:
    done = 0
    while True:
        with trail(organization_id=house, actor=system(house, "bench")) as opened:
            count = settle(trail=opened)
        if not count:
            assert done == SEATS, done
            return done
        done += count


def _one_by_one(house: UUID) -> int:
    with scope(house):
        ids = list(RemovalCandidate.objects.pending().order_by("id").values_list("id", flat=True)[:ONE_BY_ONE])
    for key in ids:
        with trail(organization_id=house, actor=system(house, "bench")) as opened:
            assert take_back(rows=locked_candidates([key]), event=Happening.NO_ANSWER, trail=opened) == 1
    return len(ids)


def _furnish(house: Organization) -> None:
    """A pool with SEATS seats of as many people, each asked and without an answer."""
    with scope(house.id):
        publisher = Publisher.objects.create(organization=house, name="Bench", name_lower="bench", created_at=PAST)
        product = Product.objects.create(
            organization=house, publisher=publisher, name="Bench", name_lower="bench", created_at=PAST
        )
        metric = Metric.objects.earliest("id")
        pool = SeatPool.objects.create(
            organization=house,
            name="Bench",
            product=product,
            metric=metric,
            capacity=SEATS,
            used=SEATS,
            created_at=PAST,
        )
        rule = ReclamationRule.objects.create(
            organization=house, name="Bench", pool=pool, created_at=PAST, created_by="bench"
        )
        people = [
            Person(
                id=new_id(),
                organization=house,
                user_name=f"p{number}",
                user_name_lower=f"p{number}",
                created_at=PAST,
                updated_at=PAST,
            )
            for number in range(SEATS)
        ]
        held = [
            Assignment(
                id=new_id(), organization=house, pool=pool, person=one, since=PAST, source="import", created_at=PAST
            )
            for one in people
        ]
        asked = (
            RemovalCandidate(
                organization=house,
                rule=rule,
                assignment=seat,
                selected_at=PAST,
                state="awaiting_user",
                asked_at=PAST,
                due_at=PAST + timedelta(days=14),
                nonce="n",
            )
            for seat in held
        )
        Person.objects.bulk_create(people, batch_size=ROWS)
        Assignment.objects.bulk_create(held, batch_size=ROWS)
        RemovalCandidate.objects.bulk_create(asked, batch_size=ROWS)


def _put_back(house: Organization) -> None:
    """As if nothing had been taken; what the ledger says stays. VACUUM, so that no leg pays for another."""
    with scope(house.id):
        Assignment.objects.exclude(released_at=None).update(released_at=None, released_by="", end_reason="")
        RemovalCandidate.objects.filter(state="completed").update(
            state="awaiting_user", outcome="", ended_at=None, due_at=PAST + timedelta(days=14), nonce="n"
        )
        SeatPool.objects.update(used=SEATS)
        OutboxMessage.objects.all().delete()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE seats_assignment, seats_removal_candidate, seats_pool, jobs_outbox_message")
