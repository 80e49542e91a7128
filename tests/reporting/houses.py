"""An organisation whose books hold what a package has to tell, made by the operations as in production."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from compliance.operations import scan
from identity.operations import create_organization
from kernel.clock import FixedClock
from licensing.models import Entitlement, ImportBatch, Product
from licensing.operations import (
    Named,
    NewAgreement,
    NewEntitlement,
    NewLine,
    NewPurchase,
    create_agreement,
    create_entitlement,
    ensure_product,
    record_purchase,
    standard_metrics,
)
from seats.models import SeatPool
from seats.operations import SeatRequest, assign_many, release_many
from tests.factories import identity, licensing
from tests.factories.tenants import Tenant
from tests.seats.books import people, writing


@dataclass(frozen=True)
class House:
    """`cad` has 100 rights, 20 that ended yesterday and 110 seats; `office` 50 rights, 27 seats after three came back,
    and use by 30 hosts that was observed without a seat."""

    tenant: Tenant
    cad: Product
    office: Product
    built_from: date
    built_to: date


_next = count(1)


def house() -> House:
    """A quarter of a year, written with a clock that only runs forward; the scan opened one violation."""
    now = datetime.now(UTC)
    began = FixedClock(now - timedelta(days=81))
    one = Tenant(create_organization(slug=f"halden-{next(_next)}", name="Halden Energy", kind="buyer", clock=began))
    with writing(one, at=now - timedelta(days=80)) as trail:
        cad, _none = ensure_product(named=Named("Lumen", "Lumen CAD"), trail=trail)
        office, _none = ensure_product(named=Named("Northgate", "=Northgate Office"), trail=trail)
        metric = standard_metrics(trail=trail)["named_user"]
        agreement = create_agreement(
            agreement=NewAgreement(
                number="AG-1",
                title="Lumen Enterprise",
                starts_at=now - timedelta(days=300),
                ends_at=now + timedelta(days=90),
                currency="EUR",
                notice_days=30,
                document="contracts/lumen.pdf",
            ),
            trail=trail,
        )
        line = NewLine(quantity=100, unit_price=Decimal("45.00"), billing_period="monthly", product=cad)
        bought = record_purchase(
            purchase=NewPurchase(currency="EUR", lines=[line], order_number="PO-1", agreement=agreement), trail=trail
        )
        common: dict[str, Any] = {"metric": metric, "starts_at": now - timedelta(days=300)}
        for right in (
            NewEntitlement(
                product=cad,
                model="subscription",
                quantity=100,
                ends_at=now + timedelta(days=90),
                agreement=agreement,
                purchase_line=bought.lines.get(),
                **common,
            ),
            NewEntitlement(
                product=cad,
                model="subscription",
                quantity=20,
                ends_at=now - timedelta(days=1),
                document="offer.pdf",
                **common,
            ),
            NewEntitlement(product=office, model="perpetual", quantity=50, document="invoice.pdf", **common),
        ):
            create_entitlement(entitlement=right, trail=trail)
    with writing(one, at=now - timedelta(days=60)) as trail:
        _assign(one, cad, 110, trail)
        held = _assign(one, office, 30, trail)
    with writing(one, at=now - timedelta(days=20)) as trail:
        release_many(assignments=held[:3], reason="Parental leave of Kim Example", trail=trail)
        _observe(one, office)
    with one.writing() as trail:
        scan(trail=trail)
    day = now.date()
    return House(one, cad, office, day - timedelta(days=85), day)


def _assign(one: Tenant, product: Product, seats: int, trail):
    pool = SeatPool.objects.get(product=product)
    requests = [SeatRequest(person=person, reason="Map team") for person in people(one, seats)]
    placement = assign_many(pool=pool, requests=requests, trail=trail)
    return [placed.assignment for placed in placement.placed]


def _observe(one: Tenant, product: Product) -> None:
    """What an import found and committed ten days ago."""
    when = datetime.now(UTC) - timedelta(days=10)
    batch = licensing.import_batch(
        one.organization, kind="assignments", state="committed", committed_at=when, committed_by="task", created_at=when
    )
    for _number in range(30):
        licensing.observed_use(product, device=identity.device(one.organization), batch=batch)


def more(one: House, products: int) -> None:
    """So many products more, each with a right, a pool, ten seats, a violation's worth of use and an import."""
    now = datetime.now(UTC)
    with writing(one.tenant, at=now - timedelta(days=5)) as trail:
        metric = standard_metrics(trail=trail)["named_user"]
        for number in range(products):
            product, _none = ensure_product(named=Named(f"Maker {number}", f"Tool {number}"), trail=trail)
            batch: ImportBatch = licensing.import_batch(
                one.tenant.organization, state="committed", committed_at=now, committed_by="task"
            )
            right: Entitlement = create_entitlement(
                entitlement=NewEntitlement(
                    product=product,
                    metric=metric,
                    model="subscription",
                    quantity=10,
                    starts_at=now - timedelta(days=300),
                    ends_at=now + timedelta(seconds=1),
                    import_row=licensing.import_row(batch),
                    purchase_line=licensing.purchase_line(licensing.purchase(one.tenant.organization), product=product),
                ),
                trail=trail,
            )
            _assign(one.tenant, right.product, 10, trail)
