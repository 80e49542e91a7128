"""Pools with rights behind them, as the tests of seats/ start from."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from audit.operations import trail
from audit.queries import events
from identity.models import Person
from kernel.clock import FixedClock
from kernel.principal import Principal
from kernel.trail import Trail
from licensing.models import Entitlement
from seats.models import Assignment, SeatPool
from seats.operations import assign
from tests.factories import identity, licensing, seats
from tests.factories.moments import NOW, days
from tests.factories.tenants import Tenant

REASON = "Joined the design team"


@contextmanager
def writing(one: Tenant, *, at: datetime = NOW, actor: Principal | None = None) -> Iterator[Trail]:
    """A trail whose clock stands at that moment."""
    with trail(organization_id=one.organization.id, actor=actor or one.actor, clock=FixedClock(at)) as opened:
        yield opened


def fed_pool(one: Tenant, *, bought: int = 10, **columns: Any) -> SeatPool:
    """A pool of as many seats as one entitlement brings, for ever. Call inside a trail."""
    columns.setdefault("capacity", bought)
    pool = seats.pool(one.organization, **columns)
    right(one, pool, quantity=bought)
    return pool


def right(one: Tenant, pool: SeatPool, **columns: Any) -> Entitlement:
    """One more source of the pool, valid since long ago and for ever; the pool's capacity stays as it is."""
    values = {"model": "site", "starts_at": days(-2000), "ends_at": None, **columns}
    entitlement = licensing.entitlement(one.organization, product=pool.product, metric=pool.metric, **values)
    seats.source(pool, entitlement=entitlement)
    return entitlement


def people(one: Tenant, count: int) -> list[Person]:
    return [identity.person(one.organization) for _ in range(count)]


def fill(one: Tenant, pool: SeatPool, count: int) -> list[Assignment]:
    """So many seats given through the operation, in a trail of its own."""
    with writing(one) as opened:
        return [assign(pool=pool, person=person, reason=REASON, trail=opened) for person in people(one, count)]


def used(one: Tenant, pool: SeatPool) -> int:
    with one.reading():
        return SeatPool.objects.get(id=pool.id).used


def held(one: Tenant, pool: SeatPool) -> int:
    """The sum of the live seats, which `used` must always be."""
    with one.reading():
        return sum(Assignment.objects.live().filter(pool=pool).values_list("quantity", flat=True))


def kinds(one: Tenant, *prefixes: str) -> list[str]:
    """Kinds of the ledger's entries that start so, in order."""
    with one.reading():
        return [event.kind for event in events() if event.kind.startswith(prefixes)]
