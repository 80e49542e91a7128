"""The nightly recount finds what went round the operations."""

import pytest

from audit.queries import events
from kernel.clock import FixedClock
from seats.models import SeatPool
from seats.operations import recount
from seats.schedules import scheduled_recount
from tests.factories.moments import NOW
from tests.factories.tenants import tenant
from tests.seats.books import fed_pool, fill, kinds, used, writing

pytestmark = pytest.mark.django_db


def test_a_wrong_figure_is_repaired_and_recorded():
    """A counter that somebody changed by hand becomes the sum of the seats again; both figures stand in the ledger."""
    one = tenant()
    with writing(one):
        pool, right_one = fed_pool(one), fed_pool(one)
    fill(one, pool, 3)
    fill(one, right_one, 2)
    with one.reading():
        SeatPool.objects.filter(id=pool.id).update(used=7)
    with writing(one) as trail:
        [found] = recount(trail=trail)
    assert (found.pool_id, found.before, found.counted, found.repaired) == (pool.id, 7, 3, True)
    assert used(one, pool) == 3
    with one.reading():
        assert '"before":7' in events().get(kind="pool.recounted").body


def test_a_sum_beyond_a_hard_limit_is_reported_not_stored():
    """More seats than the constraint allows stay visible as a mismatch until somebody cures them."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one)
    fill(one, pool, 3)
    with one.reading():
        SeatPool.objects.filter(id=pool.id).update(used=2, capacity=2)
    with writing(one) as trail:
        [found] = recount(trail=trail)
    assert (found.counted, found.repaired) == (3, False)
    assert used(one, pool) == 2


def test_the_schedule_repairs_once():
    """The second night finds nothing, and leaves no entry."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one)
    with one.reading():
        SeatPool.objects.filter(id=pool.id).update(used=1)
    answers = [
        scheduled_recount(organization_id=one.organization.id, parameters={}, clock=FixedClock(NOW)) for _ in range(2)
    ]
    assert answers == [
        {"differing": 1, "repaired": 1, "rights_differing": 0, "rights_repaired": 0, "party_cycles": 0},
        {"differing": 0, "repaired": 0, "rights_differing": 0, "rights_repaired": 0, "party_cycles": 0},
    ]
    assert kinds(one, "pool.recounted") == ["pool.recounted"]
