"""Money is a Decimal, rounded once, half up."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def rounded(amount: Decimal) -> Decimal:
    """To the cent, half up: the one rounding rule of invoices and reports."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)
