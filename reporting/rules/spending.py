"""The finance overview: cost, over-licensed amount and exposure by product, for each currency apart."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from uuid import UUID

from reporting.rules.cost import (
    Amount,
    Charge,
    PoolHolding,
    Price,
    exposure,
    over_licensed,
    share_of,
    shortage,
    surplus,
)

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductName:
    """Whose figures these are; ordered by name."""

    id: UUID
    name: str
    publisher: str


@dataclass(frozen=True, slots=True)
class BoughtLine:
    """A purchase line behind at least one right in force."""

    product: ProductName
    price: Price


@dataclass(frozen=True, slots=True)
class HeldPool:
    """A pool of the product, with its seats and priced rights."""

    product: ProductName
    holding: PoolHolding


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """Amounts of one currency. `annual` recurs every year, `once` was paid once; the same holds for what is unused.
    `exposure` is what the missing rights cost in their first year, of it `exposure_once` in one payment. `unused`,
    `unused_once` and `short` count seats."""

    annual: Decimal = NOTHING
    once: Decimal = NOTHING
    over_annual: Decimal = NOTHING
    over_once: Decimal = NOTHING
    exposure: Decimal = NOTHING
    exposure_once: Decimal = NOTHING
    unused: int = 0
    unused_once: int = 0
    short: int = 0

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(**{field.name: getattr(self, field.name) + getattr(other, field.name) for field in fields(self)})

    @property
    def used_annual(self) -> Decimal:
        """The part of the annual cost that pays for seats which are held."""
        return max(self.annual - self.over_annual, NOTHING)


@dataclass(frozen=True, slots=True)
class ProductSpending:
    """One row: `share` is of the annual cost of its currency."""

    product: ProductName
    amounts: Amounts
    share: Decimal


@dataclass(frozen=True, slots=True)
class CurrencySpending:
    """All figures of one currency; rows by annual cost, the dearest first. `total` is their sum."""

    currency: str
    total: Amounts
    products: tuple[ProductSpending, ...]


@dataclass(frozen=True, slots=True)
class Spending:
    """Figures by currency, in the order of their codes. `unpriced_unused` and `unpriced_short` are seats in pools of
    which no purchase line tells a price: they stand in no amount."""

    currencies: tuple[CurrencySpending, ...]
    unpriced_unused: int
    unpriced_short: int


def spending(lines: Iterable[BoughtLine], pools: Sequence[HeldPool]) -> Spending:
    """Adds up each line once and each pool by itself: a surplus of one pays for no shortage of another."""
    rows: dict[tuple[str, ProductName], Amounts] = defaultdict(Amounts)
    for line in lines:
        rows[line.price.currency, line.product] += _bought(line.price)
    unpriced_unused = unpriced_short = 0
    for pool in pools:
        idle, missing = over_licensed(pool.holding), exposure(pool.holding)
        for amount in idle:
            rows[amount.currency, pool.product] += _over(amount)
        if missing is not None:
            rows[missing.currency, pool.product] += _exposed(missing)
        unpriced_unused += 0 if idle else surplus(pool.holding)
        unpriced_short += 0 if missing else shortage(pool.holding)
    return Spending(_by_currency(rows), unpriced_unused, unpriced_short)


def annual_by_currency(lines: Iterable[BoughtLine]) -> dict[str, Decimal]:
    """The annual cost alone, by currency code; currencies in which everything was paid once are left out."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.price.charge is Charge.ANNUAL:
            found[line.price.currency] += line.price.cost
    return dict(sorted(found.items()))


def _bought(price: Price) -> Amounts:
    return Amounts(annual=price.cost) if price.charge is Charge.ANNUAL else Amounts(once=price.cost)


def _over(amount: Amount) -> Amounts:
    if amount.charge is Charge.ANNUAL:
        return Amounts(over_annual=amount.amount, unused=amount.seats)
    return Amounts(over_once=amount.amount, unused_once=amount.seats)


def _exposed(amount: Amount) -> Amounts:
    once = amount.amount if amount.charge is Charge.ONCE else NOTHING
    return Amounts(exposure=amount.amount, exposure_once=once, short=amount.seats)


def _by_currency(rows: dict[tuple[str, ProductName], Amounts]) -> tuple[CurrencySpending, ...]:
    found = []
    for currency in sorted({code for code, _product in rows}):
        amounts = {product: row for (code, product), row in rows.items() if code == currency}
        total = sum(amounts.values(), Amounts())
        listed = [ProductSpending(product, row, share_of(row.annual, total.annual)) for product, row in amounts.items()]
        listed.sort(key=lambda row: (-row.amounts.annual, -row.amounts.once, row.product.name))
        found.append(CurrencySpending(currency, total, tuple(listed)))
    return tuple(found)
