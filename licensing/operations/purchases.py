"""Purchases: orders and invoices with their lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from identity.models import OrgUnit
from kernel.errors import Conflict, InvalidInput
from kernel.money import rounded
from kernel.trail import Trail
from licensing.models import Agreement, BillingPeriod, Edition, Party, Product, Purchase, PurchaseLine


class PurchaseExists(Conflict):
    """This order or invoice of this supplier is on record."""

    code = "PURCHASE_EXISTS"


class PurchaseEmpty(InvalidInput):
    """A purchase needs a number and at least one line."""

    code = "PURCHASE_EMPTY"


@dataclass(frozen=True)
class NewLine:
    """One line; the price is for one unit and one billing period."""

    quantity: int
    unit_price: Decimal
    rights_per_unit: int = 1
    billing_period: str = BillingPeriod.ONCE
    sku: str = ""
    description: str = ""
    product: Product | None = None
    edition: Edition | None = None
    cost_centre: OrgUnit | None = None


@dataclass(frozen=True)
class NewPurchase:
    """An order or invoice in one currency."""

    currency: str
    lines: Sequence[NewLine]
    order_number: str = ""
    invoice_number: str = ""
    ordered_on: date | None = None
    invoiced_on: date | None = None
    supplier: Party | None = None
    agreement: Agreement | None = None


def record_purchase(*, purchase: NewPurchase, trail: Trail) -> Purchase:
    """Records a purchase; each line total is rounded once, half up. Raises PurchaseExists and PurchaseEmpty."""
    if not purchase.lines or not (purchase.order_number or purchase.invoice_number):
        raise PurchaseEmpty(_("A purchase needs an order or invoice number and at least one line."), pointer="/lines")
    now = trail.clock.now()
    try:
        with transaction.atomic():
            row = Purchase.objects.create(
                organization_id=trail.organization_id,
                supplier=purchase.supplier,
                agreement=purchase.agreement,
                order_number=purchase.order_number,
                invoice_number=purchase.invoice_number,
                ordered_on=purchase.ordered_on,
                invoiced_on=purchase.invoiced_on,
                currency=purchase.currency,
                created_at=now,
            )
    except IntegrityError as error:
        raise PurchaseExists(
            _("This order or invoice of this supplier is on record already."), pointer="/order_number"
        ) from error
    lines = add_lines(purchase=row, lines=purchase.lines, trail=trail)
    trail.record(
        "purchase.created",
        subject=row,
        details={
            "order_number": row.order_number,
            "invoice_number": row.invoice_number,
            "currency": row.currency,
            "total": str(sum((line.line_total for line in lines), Decimal(0))),
            "lines": len(lines),
        },
    )
    return row


def add_lines(*, purchase: Purchase, lines: Sequence[NewLine], trail: Trail) -> list[PurchaseLine]:
    """Adds lines behind those that stand there. The caller records what was bought."""
    first = PurchaseLine.objects.filter(purchase=purchase).count() + 1
    return PurchaseLine.objects.bulk_create(
        [
            PurchaseLine(
                organization_id=trail.organization_id,
                purchase=purchase,
                position=position,
                sku=line.sku,
                description=line.description,
                product=line.product,
                edition=line.edition,
                quantity=line.quantity,
                rights_per_unit=line.rights_per_unit,
                unit_price=line.unit_price,
                line_total=rounded(line.unit_price * line.quantity),
                billing_period=line.billing_period,
                cost_centre=line.cost_centre,
                created_at=trail.clock.now(),
            )
            for position, line in enumerate(lines, start=first)
        ]
    )
