"""What rights cost, what is paid for seats that nobody holds, and what seats without a right would cost.

    annual cost       = quantity × unit price × billing periods in a year
    over-licensed     = (rights in force − seats held) ÷ rights in force × cost of those rights, at least 0
    exposure          = (seats held − rights in force) × price of the newest right for a year or once, at least 0

A line that is paid once has no annual cost; the same figures for it stand apart. Amounts of two currencies are never
added. Arithmetic is exact; each amount is rounded once, half up, to the cent, and sums are sums of what is shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import floor

PERIODS_PER_YEAR = {"monthly": 12, "quarterly": 4, "yearly": 1}


class Charge(StrEnum):
    """How an amount is paid: every year again, or once."""

    ANNUAL = "annual"
    ONCE = "once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The terms of one purchase line: `quantity` units of `rights_per_unit` rights, at `unit_price` for one
    `billing_period` (once, monthly, quarterly, yearly), in `currency` (ISO 4217)."""

    quantity: int
    rights_per_unit: int
    unit_price: Decimal
    billing_period: str
    currency: str

    @property
    def charge(self) -> Charge:
        return Charge.ANNUAL if self.billing_period in PERIODS_PER_YEAR else Charge.ONCE

    @property
    def cost(self) -> Decimal:
        """The whole line, for a year or once."""
        return cents(self._unit_cost * self.quantity)

    @property
    def per_right(self) -> Fraction:
        """One right, for a year or once, exactly."""
        return self._unit_cost / self.rights_per_unit

    @property
    def _unit_cost(self) -> Fraction:
        return Fraction(self.unit_price) * PERIODS_PER_YEAR.get(self.billing_period, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedRight:
    """A right that feeds a pool; `rights` None: any number. `price` None: no purchase line tells what it cost."""

    rights: int | None
    in_force: bool
    starts_at: datetime
    price: Price | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolHolding:
    """Seats held of one pool and the rights behind it. `is_open`: unlimited by the word of an administrator."""

    used: int
    sources: tuple[PricedRight, ...]
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """Seats and what they cost in one currency, every year or once."""

    seats: int
    amount: Decimal
    currency: str
    charge: Charge


def rights_in_force(pool: PoolHolding) -> int | None:
    """The rights that count now; None when one of them is for any number, or when the pool needs none."""
    counting = [source for source in pool.sources if source.in_force]
    if any(source.rights is None for source in counting) or (pool.is_open and not pool.sources):
        return None
    return sum(source.rights or 0 for source in counting)


def surplus(pool: PoolHolding) -> int:
    """Rights in force that nobody uses."""
    rights = rights_in_force(pool)
    return 0 if rights is None else max(rights - pool.used, 0)


def shortage(pool: PoolHolding) -> int:
    """Seats held that no right in force covers. An overdraft is a tolerance and no right: it does not count."""
    rights = rights_in_force(pool)
    return 0 if rights is None else max(pool.used - rights, 0)


def over_licensed(pool: PoolHolding) -> tuple[Amount, ...]:
    """The part of the cost of the rights in force that pays for seats nobody holds: one amount for each currency and
    charge. Unused rights are spread evenly over all rights of the pool, so no amount exceeds what its rights cost."""
    unused, rights = surplus(pool), rights_in_force(pool)
    if not unused or not rights:
        return ()
    costs: dict[tuple[str, Charge], Fraction] = {}
    for source in pool.sources:
        if source.in_force and source.price is not None:
            key = (source.price.currency, source.price.charge)
            costs[key] = costs.get(key, Fraction(0)) + source.price.per_right * (source.rights or 0)
    return tuple(
        Amount(unused, cents(cost * unused / rights), currency, charge)
        for (currency, charge), cost in sorted(costs.items())
    )


def exposure(pool: PoolHolding) -> Amount | None:
    """What the seats without a right would cost at the price of the newest right: one in force, or, when none is, one
    that has ended. None when nothing is short or no price is known."""
    missing, price = shortage(pool), latest_price(pool)
    if not missing or price is None:
        return None
    return Amount(missing, cents(price.per_right * missing), price.currency, price.charge)


def latest_price(pool: PoolHolding) -> Price | None:
    """The price of the right that began last; rights in force come before those that have ended."""
    priced = [(source.in_force, source.starts_at, source.price) for source in pool.sources if source.price is not None]
    return max(priced, key=lambda entry: (entry[0], entry[1], entry[2].per_right))[2] if priced else None


def share_of(part: Decimal, whole: Decimal) -> Decimal:
    """A share between 0 and 1; 0 of nothing."""
    return part / whole if whole else Decimal(0)


def total(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def cents(amount: Fraction) -> Decimal:
    """To the cent, half up."""
    return Decimal(floor(amount * 100 + Fraction(1, 2))).scaleb(-2)
