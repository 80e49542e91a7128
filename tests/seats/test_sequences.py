"""Whatever is done in whatever order: `used` is the sum of the live seats, and never beyond the limit."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings as django_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity.models import Device
from kernel.errors import Refusal
from seats.models import Assignment, SeatPool
from seats.operations import SeatRequest, assign, assign_many, recount, release_many, set_limits
from tests.factories import identity
from tests.factories.tenants import Tenant, tenant
from tests.seats.books import REASON, fed_pool, writing

pytestmark = pytest.mark.django_db
BOUGHT = 12

hosts = st.integers(0, 5)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("assign"), hosts, st.integers(1, 5)),
        st.tuples(st.just("some"), st.lists(hosts, max_size=8), st.booleans()),
        st.tuples(st.just("release"), st.sets(hosts, max_size=3)),
        st.tuples(st.just("capacity"), st.integers(0, 15)),
    ),
    max_size=15,
)


@dataclass
class Book:
    """A pool of twelve units and six hosts that take from it."""

    one: Tenant
    pool: SeatPool
    hosts: list[Device]

    def take(self, step: tuple[Any, ...]) -> None:
        """One step in a trail of its own; a refusal changes nothing."""
        try:
            with writing(self.one) as trail:
                getattr(self, step[0])(*step[1:], trail=trail)
        except Refusal:
            pass

    def assign(self, host: int, quantity: int, *, trail):
        assign(pool=self.pool, device=self.hosts[host], quantity=quantity, reason=REASON, trail=trail)

    def some(self, hosts: list[int], partial: bool, *, trail):
        wanted = [SeatRequest(device=self.hosts[host], quantity=host + 1, reason=REASON) for host in hosts]
        assign_many(pool=self.pool, requests=wanted, partial=partial, trail=trail)

    def release(self, hosts: set[int], *, trail):
        rows = list(Assignment.objects.filter(pool=self.pool, device__in=[self.hosts[host] for host in hosts]))
        release_many(assignments=rows, reason="Taken down", trail=trail)

    def capacity(self, capacity: int, *, trail):
        set_limits(pool=self.pool, capacity=capacity, trail=trail)


@settings(
    max_examples=20 if django_settings.EMBEDDED else 60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=steps)
def test_used_is_always_the_sum_of_the_live_seats(steps):
    """After every step of a random sequence of assigning, releasing and resizing, the counter equals the seats, lies
    within the capacity, no host has two seats, and a recount finds nothing."""
    one = tenant()
    with writing(one):
        book = Book(one, fed_pool(one, bought=BOUGHT), [identity.device(one.organization) for _ in range(6)])
    for step in steps:
        book.take(step)
        with one.reading():
            row = SeatPool.objects.get(id=book.pool.id)
            live = list(Assignment.objects.live().filter(pool=row).values_list("device", "quantity"))
        assert row.used == sum(quantity for _, quantity in live) <= (row.capacity or 0) <= BOUGHT
        assert len({device for device, _ in live}) == len(live)
    with writing(one) as trail:
        assert recount(trail=trail) == []
