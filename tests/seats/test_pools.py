"""Pools: created by rights, raised with them, and never set below what is used."""

import pytest

from audit.queries import events
from licensing.operations import NewEntitlement, create_entitlement, renew_entitlement
from seats.models import PoolSource, SeatPool
from seats.operations import (
    CapacityAboveRights,
    CapacityBelowUse,
    NewPool,
    PoolExists,
    SourceDoesNotFit,
    SourceTaken,
    create_pool,
    feed_pool,
    set_limits,
)
from tests.factories import licensing, seats
from tests.factories.moments import NOW, days
from tests.factories.tenants import tenant
from tests.seats.books import fed_pool, fill, kinds, right, used, writing

pytestmark = pytest.mark.django_db


def bought(one, trail, *, quantity=20, product=None, **columns):
    """A right recorded as purchasing records it."""
    wanted = NewEntitlement(
        product=product or licensing.product(one.organization, name="Sketcher"),
        metric=columns.pop("metric", None) or licensing.metric(one.organization, name="Named user"),
        model="site" if columns.get("ends_at") is None else "subscription",
        quantity=quantity,
        starts_at=columns.pop("starts_at", NOW),
        document="order.pdf",
        **columns,
    )
    return create_entitlement(entitlement=wanted, trail=trail)


def test_a_right_that_starts_to_count_makes_its_pool():
    """Where none exists, a pool is created for product, edition, metric and territory, as large as the right."""
    one = tenant()
    with writing(one) as trail:
        entitlement = bought(one, trail, quantity=20, rights_per_unit=5, territory="DE")
    with one.reading():
        pool = SeatPool.objects.get()
        assert (pool.capacity, pool.territory, pool.used, pool.unlimited) == (100, "DE", 0, False)
        assert pool.name == "Sketcher · Named user (DE)"
        assert PoolSource.objects.get().entitlement_id == entitlement.id
    assert kinds(one, "pool.") == ["pool.created", "pool.fed"]


def test_more_rights_raise_the_same_pool():
    """A second purchase joins the pool of the first."""
    one = tenant()
    with writing(one) as trail:
        first = bought(one, trail, quantity=20)
        bought(one, trail, quantity=30, product=first.product, metric=first.metric)
    with one.reading():
        assert SeatPool.objects.get().capacity == 50


def test_a_renewal_brings_only_what_it_has_more():
    """Capacity follows the rights, not the years: renewing 20 by 25 makes 25, and by 15 leaves 20."""
    for renewed, capacity in ((25, 25), (15, 20)):
        one = tenant()
        with writing(one) as trail:
            entitlement = bought(one, trail, quantity=20, ends_at=days(365))
            renew_entitlement(
                entitlement=entitlement, quantity=renewed, ends_at=days(730), document="renewal.pdf", trail=trail
            )
        with one.reading():
            assert SeatPool.objects.get().capacity == capacity


def test_an_unlimited_right_makes_the_pool_unlimited():
    """Unlimited is a flag; the pool has no number then."""
    one = tenant()
    with writing(one) as trail:
        first = bought(one, trail, quantity=20)
        bought(one, trail, quantity=None, product=first.product, metric=first.metric)
    with one.reading():
        pool = SeatPool.objects.get()
        assert (pool.unlimited, pool.capacity) == (True, None)


def test_rights_granted_to_a_customer_make_no_pool():
    """A vendor's grant is somebody else's seat."""
    one = tenant("vendor")
    with writing(one) as trail:
        bought(one, trail, licensee=licensing.party(one.organization, kind="customer"))
    with one.reading():
        assert not SeatPool.objects.exists()


def test_a_right_feeds_one_pool_only():
    """In two pools its seats would count twice."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one)
        entitlement = right(one, pool)
    with pytest.raises(SourceTaken), writing(one) as trail:
        feed_pool(pool=pool, entitlement=entitlement, trail=trail)


@pytest.mark.parametrize("columns", [{"state": "draft"}, {"territory": "FR"}, {"product": None}, {"metric": None}])
def test_only_a_right_that_fits_feeds_a_pool(columns):
    """Another product, metric or territory, or a right not in force, is refused."""
    one = tenant()
    with writing(one):
        pool = seats.pool(one.organization, territory="DE")
        same = {"product": pool.product, "metric": pool.metric, **columns}
        entitlement = licensing.entitlement(
            one.organization, **{name: value for name, value in same.items() if value is not None}
        )
    with pytest.raises(SourceDoesNotFit), writing(one) as trail:
        feed_pool(pool=pool, entitlement=entitlement, trail=trail)


def test_a_license_feeds_a_pool():
    """A licence that was issued to us brings its quantity."""
    one = tenant()
    with writing(one) as trail:
        pool = seats.pool(one.organization, capacity=0)
        kind = licensing.license_type(pool.product)
        feed_pool(pool=pool, license=licensing.license(kind, quantity=7), trail=trail)
    with one.reading():
        assert SeatPool.objects.get().capacity == 7
    assert len(fill(one, pool, 7)) == 7


def test_a_pool_exists_once():
    """Product, edition, metric, unit and territory name one pool."""
    one = tenant()
    with writing(one) as trail:
        product, metric = licensing.product(one.organization), licensing.metric(one.organization)
        create_pool(pool=NewPool(product=product, metric=metric), trail=trail)
    with pytest.raises(PoolExists), writing(one) as trail:
        create_pool(pool=NewPool(product=product, metric=metric), trail=trail)


def test_capacity_goes_down_to_use_and_no_further():
    """Nothing is freed silently: a cut below use is refused, a cut to it is recorded with both amounts."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one)
    fill(one, pool, 4)
    with pytest.raises(CapacityBelowUse), writing(one) as trail:
        set_limits(pool=pool, capacity=3, trail=trail)
    with writing(one) as trail:
        set_limits(pool=pool, capacity=4, trail=trail)
    assert used(one, pool) == 4
    with one.reading():
        body = events().get(kind="pool.capacity_changed").body
        assert '"before":10' in body
        assert '"after":4' in body


def test_capacity_goes_up_to_the_rights_and_no_further():
    """What nobody bought cannot be given out, now or when the next right starts."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one, bought=10, capacity=5)
        right(one, pool, quantity=2, starts_at=days(30))
    with pytest.raises(CapacityAboveRights) as refused, writing(one) as trail:
        set_limits(pool=pool, capacity=13, trail=trail)
    assert refused.value.details == {"rights": 12}
    with writing(one) as trail:
        assert set_limits(pool=pool, capacity=12, trail=trail).capacity == 12


def test_the_same_capacity_again_is_no_change():
    """No change, no entry."""
    one = tenant()
    with writing(one) as trail:
        set_limits(pool=fed_pool(one), capacity=10, trail=trail)
    assert kinds(one, "pool.capacity") == []
