"""What rights cost and what of it is unused, from purchase lines, entitlements and pools."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from licensing.models import Entitlement, License, Product, PurchaseLine
from licensing.rules.facts import LicenseStatus
from licensing.rules.terms import Period
from reporting.rules.cost import PoolHolding, Price, PricedRight
from reporting.rules.spending import BoughtLine, HeldPool, ProductName, Spending, spending
from seats.models import PoolSource, SeatPool


def spending_at(*, at: datetime) -> Spending:
    """All figures of the finance overview at the moment `at`; three queries, whatever the number of pools."""
    return spending(bought_lines(at=at), list(_held_pools(at)))


def bought_lines(*, at: datetime) -> list[BoughtLine]:
    """Each purchase line behind a right in force, once, under the product of the line or, when it names none, that of
    the right."""
    rights = (
        Entitlement.objects.valid_at(at)
        .filter(purchase_line__isnull=False)
        .select_related("purchase_line__purchase", "purchase_line__product__publisher", "product__publisher")
        .order_by("number")
    )
    found: dict[UUID, BoughtLine] = {}
    for right in rights:
        line = right.purchase_line
        if line is not None and line.id not in found:
            found[line.id] = bought_line(line, right.product)
    return list(found.values())


def bought_line(line: PurchaseLine, product: Product) -> BoughtLine:
    """The line under its own product or, when it names none, under that of the right that it bought."""
    return BoughtLine(_name(line.product or product), _price(line))


def _held_pools(at: datetime) -> Iterator[HeldPool]:
    sources: dict[UUID, list[PricedRight]] = defaultdict(list)
    for source in PoolSource.objects.select_related("entitlement__purchase_line__purchase", "license"):
        if source.entitlement is not None:
            sources[source.pool_id].append(_entitled(source.entitlement, at))
        elif source.license is not None:
            sources[source.pool_id].append(_licensed(source.license, at))
    for pool in SeatPool.objects.select_related("product__publisher"):
        holding = PoolHolding(used=pool.used, sources=tuple(sources[pool.id]), is_open=pool.unlimited)
        yield HeldPool(_name(pool.product), holding)


def _entitled(right: Entitlement, at: datetime) -> PricedRight:
    return PricedRight(
        rights=right.rights,
        in_force=right.is_valid_at(at),
        starts_at=right.starts_at,
        price=_price(right.purchase_line) if right.purchase_line is not None else None,
    )


def _licensed(row: License, at: datetime) -> PricedRight:
    """A licence of our own making feeds pools, but nobody sold it to us."""
    in_term = Period(row.valid_from, row.expires_at).holds_at(at)
    return PricedRight(
        rights=row.quantity,
        in_force=row.status == LicenseStatus.ACTIVE and in_term,
        starts_at=row.valid_from or row.created_at,
    )


def _price(line: PurchaseLine) -> Price:
    return Price(
        quantity=line.quantity,
        rights_per_unit=line.rights_per_unit,
        unit_price=line.unit_price,
        billing_period=line.billing_period,
        currency=line.purchase.currency,
    )


def _name(product: Product) -> ProductName:
    return ProductName(id=product.id, name=product.name, publisher=product.publisher.name)
