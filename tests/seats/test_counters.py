"""On PostgreSQL a transaction whose counters and rows disagree is not stored, whoever wrote them."""

import pytest
from django.db import IntegrityError, connection, transaction

from kernel.scope import scope
from seats.models import SeatPool
from seats.protection import NAME
from tests.factories import seats
from tests.factories.tenants import Tenant, tenant
from tests.plugins.databases import CommittedDatabase
from tests.seats.books import fed_pool, fill, held, used

pytestmark = pytest.mark.postgres


def stored(one: Tenant, *statements: str, **values) -> None:
    """Plain SQL in one transaction of the app."""
    with scope(one.organization.id), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values)


ADD = (
    "INSERT INTO seats_assignment (id, organization_id, pool_id, external_holder, external_holder_lower, quantity, "
    "since, source, reason, over_limit, created_at, released_by, end_reason) VALUES (gen_random_uuid(), %(org)s, "
    "%(pool)s, 'Ann', 'ann', 2, now(), 'api', 'x', false, now(), '', '')"
)
TAKE = "UPDATE seats_pool SET used = used + 2 WHERE id = %(pool)s"
RELEASE = (
    "UPDATE seats_assignment SET released_at = now(), released_by = 'x', end_reason = 'x' WHERE pool_id = %(pool)s"
)
BROKEN = {
    "a seat that is not counted": (ADD,),
    "a seat that is counted as less": (ADD, "UPDATE seats_pool SET used = used + 1 WHERE id = %(pool)s"),
    "a count without a seat": (TAKE,),
    "a release that is not counted": (RELEASE,),
    "a seat that vanishes": ("DELETE FROM seats_assignment WHERE pool_id = %(pool)s",),
    "another quantity": ("UPDATE seats_assignment SET quantity = 3 WHERE pool_id = %(pool)s",),
    "a seat that changes its pool": ("UPDATE seats_assignment SET pool_id = %(other)s WHERE pool_id = %(pool)s",),
    "a promise without a reservation": ("UPDATE seats_pool SET reserved = 1 WHERE id = %(pool)s",),
    "right when first looked at, wrong in the end": (ADD, TAKE, "SET CONSTRAINTS ALL IMMEDIATE", TAKE),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_transaction_whose_counter_is_wrong_is_refused(committed_db: CommittedDatabase, what: str) -> None:
    """Nothing of it is stored: the pool notes one seat, and one is held, as before."""
    one = tenant()
    with one.writing():
        pool, other = fed_pool(one), fed_pool(one)
    fill(one, pool, 1)
    with pytest.raises(IntegrityError, match=NAME):
        stored(one, *BROKEN[what], pool=pool.id, other=other.id, org=one.organization.id)
    assert used(one, pool) == held(one, pool) == 1
    assert used(one, other) == held(one, other) == 0


@pytest.mark.parametrize("statements", [(ADD, TAKE), (TAKE, ADD), (TAKE, "SELECT 1", ADD, TAKE, TAKE, RELEASE)])
def test_the_order_within_a_transaction_does_not_matter(committed_db: CommittedDatabase, statements) -> None:
    """What is compared is how the transaction ends, or it would never be right while it writes."""
    one = tenant()
    with one.writing():
        pool = fed_pool(one)
    if statements[-1] == RELEASE:
        statements = (*statements, "UPDATE seats_pool SET used = 0 WHERE id = %(pool)s")
    stored(one, *statements, pool=pool.id, org=one.organization.id)
    assert used(one, pool) == held(one, pool)


def test_a_reservation_that_is_not_counted_is_refused(committed_db: CommittedDatabase) -> None:
    """The sum of the reservations is compared as the sum of the seats is."""
    one = tenant()
    with one.writing():
        pool = fed_pool(one)
        reserved = seats.reservation(pool, quantity=3)
    with pytest.raises(IntegrityError, match=NAME), scope(one.organization.id), transaction.atomic():
        reserved.delete()
    with one.reading():
        assert SeatPool.objects.get(id=pool.id).reserved == 3
        assert pool.reservations.count() == 1
