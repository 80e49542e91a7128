"""The inventory: what is owned, in force, assigned and free, what it costs in a year, and what ends next."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from licensing.models import Entitlement
from reporting.gather.frame import Frame
from reporting.gather.lines import Line
from reporting.gather.rights import Rights
from reporting.packages.snapshot import InventoryRow
from reporting.queries.spending import bought_line
from reporting.rules.cost import Charge
from reporting.rules.notice import last_day, notice_day
from reporting.rules.position import holding


def inventory(frame: Frame, lines: Iterable[Line], rights: Rights) -> tuple[InventoryRow, ...]:
    """One row for each line; no query."""
    return tuple(_row(frame, line, rights) for line in lines)


def annual_costs(rows: Sequence[Entitlement], frame: Frame) -> dict[str, Decimal]:
    """What the rights in force cost in a year, by currency: each purchase line once. What was paid once costs nothing
    in a year, which is 0 and not unknown."""
    lines = {row.purchase_line.id: row for row in rows if row.purchase_line is not None and row.is_valid_at(frame.at)}
    found: dict[str, Decimal] = {}
    for row in lines.values():
        if row.purchase_line is not None:
            price = bought_line(row.purchase_line, row.product).price
            annual = price.cost if price.charge is Charge.ANNUAL else Decimal("0.00")
            found[price.currency] = found.get(price.currency, Decimal(0)) + annual
    return found


def _row(frame: Frame, line: Line, rights: Rights) -> InventoryRow:
    figures = holding(tuple(line.pools), at=frame.at)
    costs = annual_costs(line.entitlements, frame)
    currency, amount = next(iter(costs.items())) if len(costs) == 1 else ("", None)
    return InventoryRow(
        publisher=line.publisher,
        product=line.product,
        edition=line.edition,
        metric=line.metric,
        unlimited=figures.valid is None,
        owned=None if figures.valid is None else figures.owned,
        valid=figures.valid,
        assigned=figures.assigned,
        free=figures.free,
        observed_use=figures.observed,
        annual_cost=None if amount is None else str(amount),
        currency=currency,
        next_end=_first_end(frame, line.entitlements, rights),
        notice_deadline=_first_notice(frame, line.entitlements, rights),
    )


def _first_end(frame: Frame, rows: Iterable[Entitlement], rights: Rights) -> date | None:
    """The last day of the right in force that ends first; one with a renewal on record goes on."""
    return min((last_day(row.ends_at, frame.zone) for row in _ending(frame, rows, rights) if row.ends_at), default=None)


def _first_notice(frame: Frame, rows: Iterable[Entitlement], rights: Rights) -> date | None:
    days = (
        notice_day(row.ends_at, row.agreement.notice_days, frame.zone)
        for row in _ending(frame, rows, rights)
        if row.ends_at and row.agreement
    )
    return min(days, default=None)


def _ending(frame: Frame, rows: Iterable[Entitlement], rights: Rights) -> list[Entitlement]:
    return [row for row in rows if row.is_valid_at(frame.at) and row.ends_at and row.id not in rights.renewed_from]
