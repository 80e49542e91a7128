"""What an import shows of prices to readers without the right to money: that there is one, and no figure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from licensing.importing.findings import Finding

MONEY_FIELDS: Final = frozenset({"unit_price", "price", "line_total"})
HIDDEN: Final = "•••"


def masked(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Cells or differences by field, prices replaced; a difference is a pair."""
    return {
        name: value if name not in MONEY_FIELDS else HIDDEN if isinstance(value, str) else [HIDDEN, HIDDEN]
        for name, value in cells.items()
    }


def masked_finding(finding: Finding) -> Finding:
    """The finding without what the cell said, when the cell was a price; its sentence may repeat the cell."""
    if finding.field not in MONEY_FIELDS:
        return finding
    details = {name: HIDDEN if isinstance(said, str) else said for name, said in finding.details.items()}
    return replace(finding, value=HIDDEN, details=details)
