"""Organisations with something to show on every dashboard, and random ones for a recount."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from compliance.models import Violation
from identity.models import Organization
from kernel.clock import DatabaseClock
from licensing.models import Agreement, Entitlement, Product
from seats.models import SeatPool
from tests.factories import compliance, licensing, seats
from tests.factories.moments import NOW
from tests.factories.tenants import Tenant


@dataclass(frozen=True)
class Shelf:
    """One product with an agreement, a bought right in force that ends in 60 days, a pool that holds too many seats,
    the violation for it, and use that was observed without a right."""

    product: Product
    agreement: Agreement
    right: Entitlement
    pool: SeatPool
    violation: Violation


def shelf(one: Tenant, name: str, *, at: datetime | None = None) -> Shelf:
    """100 rights at 10.00 a month, 110 seats. Call inside a trail; `at` is now when left out."""
    now = at or DatabaseClock().now()
    house = one.organization
    product = licensing.product(house, name=name, publisher=licensing.publisher(house, name=f"{name} Works"))
    agreement = licensing.agreement(
        house,
        title=f"{name} Enterprise",
        starts_at=now - timedelta(days=300),
        ends_at=now + timedelta(days=200),
        notice_days=90,
        document="contract.pdf",
    )
    line = licensing.purchase_line(
        licensing.purchase(house),
        product=product,
        quantity=100,
        unit_price=Decimal("10.00"),
        line_total=Decimal("1000.00"),
        billing_period="monthly",
    )
    metric = licensing.metric(house)
    right = licensing.entitlement(
        house,
        product=product,
        metric=metric,
        agreement=agreement,
        purchase_line=line,
        quantity=100,
        starts_at=now - timedelta(days=300),
        ends_at=now + timedelta(days=60),
    )
    pool = seats.pool(
        house, name=f"{name} seats", product=product, metric=metric, capacity=100, used=110, hard_limit=False
    )
    seats.source(pool, entitlement=right)
    licensing.observed_use(product, external_subject=f"guest of {name}", external_subject_lower=f"guest of {name}")
    violation = compliance.violation(
        house,
        pool=pool,
        subject_id=str(pool.id),
        first_seen_at=now,
        last_seen_at=now,
        evidence={"used": 110, "capacity": 100, "overdraft": 0, "rights_valid": 100, "rights_lapsed": 0},
    )
    return Shelf(product, agreement, right, pool, violation)


def random_house(house: Organization, *, seed: int, pools: int) -> None:
    """Pools with rights in force, ended, revoked and to come; prices in two currencies and four billing periods.

    Rights in force of a pool add up to a power of two and prices are quarters, so that a recount in binary floating
    point (SQLite) is exact.
    """
    draw = Random(seed)  # noqa: S311
    products = [licensing.product(house, name=f"Product {number}") for number in range(max(pools // 3, 1))]
    for _ in range(pools):
        product = draw.choice(products)
        metric = licensing.metric(house, name=draw.choice(["Named user", "Device"]))
        size, parts = 2 ** draw.randint(0, 7), draw.choice([0, 1, 2, 4])
        pool = seats.pool(
            house,
            product=product,
            metric=metric,
            capacity=draw.choice([size * parts, size * parts // 2, 1000]),
            overdraft=draw.choice([0, 0, 3]),
            used=draw.randint(0, 300),
            hard_limit=False,
        )
        for _part in range(parts):
            seats.source(pool, entitlement=_right(house, pool, draw, size, starts=-draw.randint(1, 400)))
        seats.source(pool, entitlement=_right(house, pool, draw, 13, starts=-500, ends=-draw.randint(1, 80)))
        seats.source(pool, entitlement=_right(house, pool, draw, 17, starts=draw.randint(1, 90)))
        if draw.random() < 0.3:
            revoked: dict[str, Any] = {"state": "revoked", "revoked_at": NOW, "revoked_by": "x", "revoked_reason": "x"}
            seats.source(pool, entitlement=_right(house, pool, draw, 19, starts=-9, **revoked))
    for product in products:
        for number in range(draw.randint(0, 3)):
            name = f"host {product.id} {number}"
            licensing.observed_use(
                product, external_subject=name, external_subject_lower=name, quantity=draw.randint(1, 24)
            )
    seats.pool(house, product=products[0], unlimited=True, capacity=None, used=77)


def _right(
    house: Organization,
    pool: SeatPool,
    draw: Random,
    rights: int,
    *,
    starts: int,
    ends: int | None = None,
    **columns: Any,
) -> Entitlement:
    end = ends if ends is not None else draw.choice([30, 89, 91, 400])
    line = None
    if draw.random() < 0.8:
        price = Decimal(draw.randint(1, 4000)) / 4
        line = licensing.purchase_line(
            licensing.purchase(house, currency=draw.choice(["EUR", "EUR", "USD"])),
            product=pool.product,
            quantity=rights,
            unit_price=price,
            line_total=price * rights,
            billing_period=draw.choice(["once", "monthly", "quarterly", "yearly"]),
        )
    return licensing.entitlement(
        house,
        product=pool.product,
        metric=pool.metric,
        quantity=rights,
        purchase_line=line,
        starts_at=NOW + timedelta(days=starts),
        ends_at=NOW + timedelta(days=max(end, starts + 1) if starts > 0 else end),
        **columns,
    )
