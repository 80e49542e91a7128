"""More or fewer units during a term: what that costs until the term ends, and the change itself."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from kernel.errors import Conflict
from kernel.trail import Trail
from licensing.models import License
from licensing.operations.license_steps import locked_with_entitlement, record_step, require, stated
from licensing.operations.licenses import LARGEST_QUANTITY, LicenseInvalid, take_units
from licensing.ports import bindings
from licensing.rules.life import Step
from licensing.rules.proration import Charge, ChargePeriod, charge, period_end


class QuoteChanged(Conflict):
    """The price is another one than the one that was shown and confirmed."""

    code = "LICENSE_QUOTE_CHANGED"


class QuantityUnchanged(Conflict):
    """The licence has this quantity already."""

    code = "LICENSE_QUANTITY_UNCHANGED"


@dataclass(frozen=True)
class Quote:
    """What a change of units costs (negative: gives back) up to `until`; None without a price on the licence type."""

    units: int
    charge: Charge | None
    currency: str
    until: datetime | None


def quote_of(*, license: License, quantity: int, at: datetime) -> Quote:
    """The price of having `quantity` units from `at` on, read with the licence's type; it changes nothing.

    Without an end of the term it reaches to the end of the running billing period.
    """
    kind = license.license_type
    units = quantity - license.quantity
    if kind.unit_price is None:
        return Quote(units, None, "", license.expires_at)
    period = ChargePeriod(kind.charge_period)
    anchor = license.term_anchor or license.valid_from or license.created_at
    until = license.expires_at or period_end(period=period, anchor=anchor, at=at)
    owed = charge(
        units=units, unit_price=kind.unit_price, period=period, anchor=anchor, changed_at=max(at, anchor), ends_at=until
    )
    return Quote(units, owed, kind.currency, until)


def change_quantity(
    *, license_id: UUID, quantity: int, reason: str, confirmed: Decimal | None, trail: Trail
) -> License:
    """Gives a licence more or fewer units for the rest of its term, at the price that was shown and confirmed.

    `confirmed` is the amount of the quote; None where the type has no price. Raises LicenseStatusConflict,
    LicenseReasonRequired, LicenseInvalid, QuantityUnchanged, QuoteChanged and, beyond the right, RightsExhausted.
    """
    reason = stated(reason)
    if not 1 <= quantity <= LARGEST_QUANTITY:
        raise LicenseInvalid(
            _("A licence is for 1 to %(most)d units.") % {"most": LARGEST_QUANTITY}, pointer="/quantity"
        )
    row, entitlement = locked_with_entitlement(license_id=license_id)
    now = trail.clock.now()
    require(Step.RESIZE, row, at=now)
    if quantity == row.quantity:
        raise QuantityUnchanged(_("The licence has this many units already."), pointer="/quantity")
    quote = quote_of(license=row, quantity=quantity, at=now)
    amount = None if quote.charge is None else quote.charge.amount
    if amount != confirmed:
        raise QuoteChanged(
            _("The price has changed since it was shown; look at it again."),
            pointer="/confirmed",
            details={"amount": None if amount is None else str(amount)},
        )
    if entitlement is not None:
        take_units(entitlement=entitlement, units=quote.units)
    before, row.quantity = row.quantity, quantity
    row.save(update_fields=["quantity"])
    bindings.quantity_changed(license=row, before=before, trail=trail)
    record_step(
        kind="license.quantity_changed",
        row=row,
        reason=reason,
        trail=trail,
        details={
            "before": before,
            "quantity": quantity,
            "amount": None if amount is None else str(amount),
            "currency": quote.currency,
        },
    )
    return row
