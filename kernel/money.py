"""Money: a Decimal and an ISO 4217 code, rounded once, half up."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Money:
    """An amount in one currency; adding two currencies raises ValueError."""

    amount: Decimal
    currency: str

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.amount + other.amount, self.currency)


def rounded(amount: Decimal) -> Decimal:
    """To the cent, half up: the one rounding rule of invoices and reports."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)
