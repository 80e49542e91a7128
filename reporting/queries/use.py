"""How seats are used now, and use that was seen without a right."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Sum

from licensing.models import ObservedUse
from reporting.rules.utilisation import PoolUse, ProductUse, Totals, by_product, totals
from seats.queries import pool_states, pools


@dataclass(frozen=True)
class SeatUse:
    """Use of all pools at the moment `at`."""

    products: tuple[ProductUse, ...]
    totals: Totals
    at: datetime


@dataclass(frozen=True)
class ObservedProduct:
    """Live observed use of one product: `subjects` people, devices or names that match nobody; `quantity` counts in the
    unit of the product's metric."""

    product_id: UUID
    product: str
    publisher: str
    subjects: int
    quantity: int
    last_seen_at: datetime | None


def seat_use(*, at: datetime) -> SeatUse:
    """Two queries, whatever the number of pools."""
    facts = [
        PoolUse(
            product_id=state.product_id,
            product=state.product,
            publisher=state.publisher,
            metric=state.metric,
            used=state.used,
            limit=state.limit,
        )
        for state in pool_states(pools(), at=at)
    ]
    return SeatUse(products=by_product(facts), totals=totals(facts), at=at)


def observed_products() -> list[ObservedProduct]:
    """Products that are used without a right, the most used first."""
    rows = (
        ObservedUse.objects.live()
        .values("product_id", "product__name", "product__publisher__name")
        .annotate(subjects=Count("id"), units=Sum("quantity"), seen=Max("last_used_at"), noted=Max("created_at"))
        .order_by("-units", "product__name")
    )
    return [
        ObservedProduct(
            product_id=row["product_id"],
            product=row["product__name"],
            publisher=row["product__publisher__name"],
            subjects=row["subjects"],
            quantity=row["units"],
            last_seen_at=row["seen"] or row["noted"],
        )
        for row in rows
    ]
