"""What rights cost, what of it is unused, what is missing: against figures worked out by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.rules.cost import (
    Amount,
    Charge,
    PoolHolding,
    Price,
    PricedRight,
    cents,
    exposure,
    latest_price,
    over_licensed,
    rights_in_force,
    shortage,
    surplus,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
EUR, USD = "EUR", "USD"


def price(unit: str, period: str = "yearly", *, quantity: int = 10, each: int = 1, currency: str = EUR) -> Price:
    return Price(
        quantity=quantity,
        rights_per_unit=each,
        unit_price=Decimal(unit),
        billing_period=period,
        currency=currency,
    )


def right(rights: int | None, cost: Price | None = None, *, in_force: bool = True, day: int = 0) -> PricedRight:
    return PricedRight(rights=rights, in_force=in_force, starts_at=START + timedelta(days=day), price=cost)


def pool(used: int, *sources: PricedRight, is_open: bool = False) -> PoolHolding:
    return PoolHolding(used=used, sources=sources, is_open=is_open)


@pytest.mark.parametrize(
    ("period", "cost", "charge"),
    [
        ("monthly", "1500.00", Charge.ANNUAL),  # 10 × 12.50 × 12
        ("quarterly", "500.00", Charge.ANNUAL),  # 10 × 12.50 × 4
        ("yearly", "125.00", Charge.ANNUAL),
        ("once", "125.00", Charge.ONCE),
    ],
)
def test_a_line_costs_by_its_billing_period(period: str, cost: str, charge: Charge) -> None:
    """Ten units at 12.50: each billing period counts as often as it comes in a year; once is no annual cost."""
    line = price("12.50", period)
    assert (line.cost, line.charge) == (Decimal(cost), charge)


def test_an_amount_is_rounded_once_and_half_up() -> None:
    """3 × 0.0050 a month is 0.18 a year and not twelve times a rounded 0.02; half a cent goes up."""
    assert price("0.0050", "monthly", quantity=3).cost == Decimal("0.18")
    assert (cents(Fraction(1, 200)), cents(Fraction(-1, 200)), cents(Fraction(1, 3))) == (
        Decimal("0.01"),
        Decimal("0.00"),
        Decimal("0.33"),
    )


def test_unused_rights_cost_their_part() -> None:
    """100 rights at 120 a year and 80 seats: 20 ÷ 100 × 12,000 = 2,400."""
    full = pool(80, right(100, price("120")))
    assert over_licensed(full) == (Amount(20, Decimal("2400.00"), EUR, Charge.ANNUAL),)


def test_unused_rights_are_spread_over_all_rights() -> None:
    """50 rights at 120 a year and 50 that cost 30 once; 60 seats. 40 ÷ 100 of 6,000 a year and of 1,500 once."""
    mixed = pool(60, right(50, price("120")), right(50, price("30", "once")))
    assert over_licensed(mixed) == (
        Amount(40, Decimal("2400.00"), EUR, Charge.ANNUAL),
        Amount(40, Decimal("600.00"), EUR, Charge.ONCE),
    )


def test_currencies_stay_apart() -> None:
    """Half of the rights paid in euro, half in dollars: two amounts, no sum."""
    mixed = pool(50, right(50, price("120")), right(50, price("200", currency=USD)))
    assert [(entry.amount, entry.currency) for entry in over_licensed(mixed)] == [
        (Decimal("3000.00"), EUR),
        (Decimal("5000.00"), USD),
    ]


def test_packs_cost_by_the_right() -> None:
    """Packs of five at 100 a year are 20 for a right: 10 unused rights cost 200."""
    assert over_licensed(pool(40, right(50, price("100", each=5)))) == (
        Amount(10, Decimal("200.00"), EUR, Charge.ANNUAL),
    )


def test_seats_without_a_right_cost_the_newest_price() -> None:
    """110 seats on 100 rights; the last right was bought at 150, an older one at 120: 10 × 150 = 1,500."""
    short = pool(110, right(60, price("120")), right(40, price("150"), day=30))
    assert exposure(short) == Amount(10, Decimal("1500.00"), EUR, Charge.ANNUAL)


def test_when_all_rights_ended_their_last_price_counts() -> None:
    """25 seats and no right in force: 25 × 36 a year, the price of the right that ended."""
    assert exposure(pool(25, right(40, price("3", "monthly"), in_force=False))) == Amount(
        25, Decimal("900.00"), EUR, Charge.ANNUAL
    )


def test_a_price_in_force_comes_before_a_newer_one_that_ended() -> None:
    """Somebody who buys today pays what holds today."""
    holding = pool(0, right(1, price("10")), right(1, price("99"), in_force=False, day=9))
    assert latest_price(holding) == price("10")


@pytest.mark.parametrize(
    "holding",
    [
        pool(5, right(None, price("1000"))),
        pool(5, is_open=True),
        pool(5, right(None), right(3, price("10"))),
    ],
)
def test_rights_for_any_number_are_neither_unused_nor_missing(holding: PoolHolding) -> None:
    """A site licence, and a pool that needs no right, show no surplus and no shortage."""
    assert rights_in_force(holding) is None
    assert (surplus(holding), shortage(holding), over_licensed(holding), exposure(holding)) == (0, 0, (), None)


def test_without_a_price_there_is_no_amount() -> None:
    """Rights whose purchase nobody recorded are counted by the page, and valued by nobody."""
    assert over_licensed(pool(1, right(9))) == ()
    assert exposure(pool(9, right(1))) is None
    assert (surplus(pool(1, right(9))), shortage(pool(9, right(1)))) == (8, 8)


PRICES = st.builds(
    Price,
    quantity=st.integers(1, 500),
    rights_per_unit=st.integers(1, 5),
    unit_price=st.decimals("0", "9999", places=4),
    billing_period=st.sampled_from(["once", "monthly", "quarterly", "yearly"]),
    currency=st.sampled_from([EUR, USD]),
)
RIGHTS = st.builds(
    PricedRight,
    rights=st.one_of(st.none(), st.integers(0, 500)),
    in_force=st.booleans(),
    starts_at=st.integers(0, 900).map(lambda day: START + timedelta(days=day)),
    price=st.one_of(st.none(), PRICES),
)
POOLS = st.builds(
    PoolHolding, used=st.integers(0, 1000), sources=st.lists(RIGHTS, max_size=5).map(tuple), is_open=st.booleans()
)


@given(POOLS)
def test_a_pool_is_never_both_too_large_and_too_small(holding: PoolHolding) -> None:
    """Surplus and shortage exclude each other, as do the amounts; none of them is negative."""
    assert min(surplus(holding), shortage(holding)) == 0
    assert not (over_licensed(holding) and exposure(holding))
    assert all(entry.amount >= 0 for entry in over_licensed(holding))


@given(POOLS)
def test_unused_rights_never_cost_more_than_all_rights(holding: PoolHolding) -> None:
    """For each currency and charge the amount stays within what the rights in force cost, but for half a cent."""
    for entry in over_licensed(holding):
        cost = sum(
            source.price.per_right * (source.rights or 0)
            for source in holding.sources
            if source.in_force
            and source.price
            and (source.price.currency, source.price.charge) == (entry.currency, entry.charge)
        )
        assert Fraction(entry.amount) <= cost + Fraction(1, 200)
