"""Figures of the ledger that readers without the right to money do not see."""

from collections.abc import Mapping
from typing import Any, Final

MONEY: Final = "licensing.money.view"
"""Declared above; the ledger only asks whether its reader has it."""
MONEY_FIELDS: Final = frozenset({"amount", "annual_cost", "line_total", "price", "total", "unit_price"})


def without_money(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with amounts of its details left out, and their names under "hidden": such a body no longer gives the
    hash of its entry, and says so. Without amounts it is the body as it is."""
    details = body.get("details")
    hidden = sorted(MONEY_FIELDS & set(details)) if isinstance(details, Mapping) else []
    if not hidden or not isinstance(details, Mapping):
        return dict(body)
    shown = {name: value for name, value in details.items() if name not in MONEY_FIELDS}
    return {**body, "details": shown, "hidden": hidden}
