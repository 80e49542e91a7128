"""Use by product: taken pool by pool, then added."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from reporting.rules.utilisation import PoolUse, by_product, totals


def pool(used: int, limit: int | None, *, product: int = 1, metric: str = "Named user") -> PoolUse:
    return PoolUse(
        product_id=UUID(int=product),
        product=f"Product {product}",
        publisher="Lumen",
        metric=metric,
        used=used,
        limit=limit,
    )


POOLS = st.lists(
    st.builds(
        pool,
        st.integers(0, 500),
        st.one_of(st.none(), st.integers(0, 500)),
        product=st.integers(1, 4),
        metric=st.sampled_from(["Named user", "Device"]),
    ),
    max_size=20,
)


def test_free_seats_of_one_pool_hide_nothing_of_another() -> None:
    """110 of 100 and 20 of 50 are 120 in use, 10 over and 30 free: not 130 of 150 and all is well."""
    [row] = by_product([pool(110, 100), pool(20, 50)])
    assert (row.in_use, row.over, row.free, row.limit, row.pools) == (120, 10, 30, 150, 2)


def test_pools_without_a_limit_stand_apart() -> None:
    """Their use is measured and shown, and is part of no total."""
    rows = [pool(7, None), pool(3, 5)]
    [row] = by_product(rows)
    assert (row.held, row.used, row.unlimited, row.limit) == (10, 3, 7, 5)
    assert (totals(rows).used, totals(rows).limit, totals(rows).unlimited_pools) == (3, 5, 1)
    assert by_product([pool(7, None)])[0].utilisation is None


def test_metrics_are_not_added() -> None:
    """Named users and devices of one product are two rows: their units differ."""
    assert len(by_product([pool(1, 5), pool(1, 5, metric="Device")])) == 2


def test_what_needs_a_look_stands_first() -> None:
    """Over the limit comes before full, full before half empty."""
    rows = by_product([pool(1, 10, product=1), pool(12, 10, product=2), pool(9, 10, product=3)])
    assert [row.product for row in rows] == ["Product 2", "Product 3", "Product 1"]


@given(POOLS)
def test_every_seat_is_counted_once(pools: list[PoolUse]) -> None:
    """Held seats are those in use, those over and those without a limit; products add up to the totals."""
    rows, total = by_product(pools), totals(pools)
    assert sum(row.held for row in rows) == sum(one.used for one in pools)
    assert (sum(row.over for row in rows), sum(row.free for row in rows)) == (total.over, total.free)
    assert total.in_use + total.free == total.limit
