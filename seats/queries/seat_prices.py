"""What a seat costs, as far as purchases tell."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.db.models.functions import Coalesce

from kernel.money import rounded
from licensing.models import BillingPeriod, PurchaseLine
from seats.models import SeatPool

PERIODS_A_YEAR: Final = {
    BillingPeriod.ONCE: 1,
    BillingPeriod.MONTHLY: 12,
    BillingPeriod.QUARTERLY: 4,
    BillingPeriod.YEARLY: 1,
}


@dataclass(frozen=True)
class SeatPrice:
    """Of one seat: for a year where it is charged by period, once where it was bought once."""

    amount: Decimal
    currency: str

    def of(self, quantity: int) -> Decimal:
        return rounded(self.amount * quantity)


def seat_prices(pools: Iterable[SeatPool]) -> dict[UUID, SeatPrice]:
    """By pool: the price of the latest purchase of its product and edition; a pool of which no purchase tells is left
    out. One query."""
    wanted = list(pools)
    lines = (
        PurchaseLine.objects.filter(product__in={pool.product_id for pool in wanted})
        .select_related("purchase")
        .annotate(bought_on=Coalesce("purchase__ordered_on", "purchase__invoiced_on"))
        .order_by("bought_on", "created_at")
    )
    # In order of time: the latest of each product and edition stays.
    found = {(line.product_id, line.edition_id): line for line in lines}
    known = {pool.id: found.get((pool.product_id, pool.edition_id)) for pool in wanted}
    return {pool_id: _price(line) for pool_id, line in known.items() if line is not None}


def _price(line: PurchaseLine) -> SeatPrice:
    periods = PERIODS_A_YEAR[BillingPeriod(line.billing_period)]
    return SeatPrice(line.unit_price * periods / line.rights_per_unit, line.purchase.currency)
