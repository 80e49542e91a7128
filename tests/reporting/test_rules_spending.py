"""The finance overview put together: by product and currency, against a book that was added up by hand."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from reporting.rules.cost import PoolHolding, Price, PricedRight
from reporting.rules.spending import BoughtLine, HeldPool, ProductName, annual_by_currency, spending

START = datetime(2026, 1, 1, tzinfo=UTC)


def product(number: int, name: str) -> ProductName:
    return ProductName(id=UUID(int=number), name=name, publisher="Lumen")


CAD, MAPS, MAIL = product(1, "CAD"), product(2, "Maps"), product(3, "Mail")


def price(unit: str, period: str, quantity: int, currency: str = "EUR") -> Price:
    return Price(
        quantity=quantity, rights_per_unit=1, unit_price=Decimal(unit), billing_period=period, currency=currency
    )


def held(used: int, rights: int, cost: Price | None, *, in_force: bool = True) -> PoolHolding:
    return PoolHolding(used=used, sources=(PricedRight(rights=rights, in_force=in_force, starts_at=START, price=cost),))


CAD_LINE, MAPS_LINE = price("100", "yearly", 30), price("400", "once", 20)
MAIL_LINE, MAIL_USD = price("2.50", "monthly", 50), price("10", "quarterly", 5, "USD")
LINES = [
    BoughtLine(CAD, CAD_LINE),  # 30 × 100 = 3,000 a year
    BoughtLine(MAPS, MAPS_LINE),  # 20 × 400 = 8,000 once
    BoughtLine(MAIL, MAIL_LINE),  # 50 × 2.50 × 12 = 1,500 a year
    BoughtLine(MAIL, MAIL_USD),  # 5 × 10 × 4 = 200 dollars a year
]
POOLS = [
    HeldPool(CAD, held(24, 30, CAD_LINE)),  # 6 ÷ 30 × 3,000 = 600 unused
    HeldPool(CAD, held(7, 5, None)),  # 2 short, and nobody knows the price
    HeldPool(MAPS, held(23, 20, MAPS_LINE)),  # 3 × 400 = 1,200 short, once
    HeldPool(MAIL, held(50, 50, MAIL_LINE)),  # exactly full
    HeldPool(MAIL, held(1, 5, MAIL_USD)),  # 4 ÷ 5 × 200 = 160 dollars unused
    HeldPool(MAIL, held(0, 9, None)),  # 9 unused, no price
]


def test_the_book_adds_up() -> None:
    """Every figure of both currencies is the one that was worked out by hand."""
    found = spending(LINES, POOLS)
    euro, dollar = found.currencies
    assert (euro.currency, dollar.currency) == ("EUR", "USD")
    assert (euro.total.annual, euro.total.once) == (Decimal("4500.00"), Decimal("8000.00"))
    assert (euro.total.over_annual, euro.total.unused) == (Decimal("600.00"), 6)
    assert (euro.total.exposure, euro.total.exposure_once, euro.total.short) == (
        Decimal("1200.00"),
        Decimal("1200.00"),
        3,
    )
    assert (dollar.total.annual, dollar.total.over_annual, dollar.total.unused) == (
        Decimal("200.00"),
        Decimal("160.00"),
        4,
    )
    assert (found.unpriced_unused, found.unpriced_short) == (9, 2)


def test_products_are_sorted_by_cost_and_their_shares_make_one() -> None:
    """The dearest product stands first; what was paid once has no share of the annual cost."""
    euro = spending(LINES, POOLS).currencies[0]
    assert [row.product.name for row in euro.products] == ["CAD", "Mail", "Maps"]
    assert [row.share for row in euro.products] == [Decimal(2) / 3, Decimal(1) / 3, Decimal(0)]


def test_a_surplus_pays_for_no_shortage() -> None:
    """Two pools of one product, one too large and one too small, show both figures in full."""
    line = price("10", "yearly", 20)
    both = spending([], [HeldPool(CAD, held(5, 10, line)), HeldPool(CAD, held(15, 10, line))])
    total = both.currencies[0].total
    assert (total.over_annual, total.exposure) == (Decimal("50.00"), Decimal("50.00"))


def test_nothing_bought_is_nothing() -> None:
    """Without lines and pools there is no currency to show."""
    assert spending([], []).currencies == ()


def test_annual_cost_alone() -> None:
    """The home page shows the annual cost by currency; what was paid once is no part of it."""
    assert annual_by_currency(LINES) == {"EUR": Decimal("4500.00"), "USD": Decimal("200.00")}
