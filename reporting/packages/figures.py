"""The key figures of a snapshot, counted without adding up what cannot be added.

Rights of different metrics are never summed, and neither are amounts of different currencies: the figures count lines
(a product, edition and metric) and keep one total per currency.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from reporting.packages.snapshot import (
    EntitlementRow,
    InventoryRow,
    PositionRow,
    SeatEvent,
    Severity,
    Snapshot,
    ViolationRow,
)

NOTICE_HORIZON: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Lines whose notice deadline falls within `NOTICE_HORIZON` after `as_of`, the next one first."""

    rows: tuple[InventoryRow, ...]

    @property
    def first(self) -> date | None:
        """The next deadline."""
        return self.rows[0].notice_deadline if self.rows else None


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of the summary page."""

    products: int
    publishers: int
    lines: int
    short: tuple[PositionRow, ...]  # lines used beyond their rights, the largest shortfall first
    uncovered: tuple[PositionRow, ...]  # those of `short` for which no violation is open
    observed: tuple[InventoryRow, ...]  # lines with use outside assignments
    costs: tuple[tuple[str, Decimal], ...]  # (currency, total a year), the currency of the most lines first
    unpriced: int  # lines without a recorded price
    open_violations: tuple[ViolationRow, ...]  # the gravest first, then the oldest
    closed_violations: int
    entitlements: int
    unproved: tuple[EntitlementRow, ...]  # evidence missing and not waived
    assigned: int  # assignments that began in the period
    released: int  # assignments that ended in the period
    deadlines: Deadlines


def figures(snapshot: Snapshot) -> Figures:
    """Counts the snapshot; reads no clock, "today" is the snapshot's `as_of`."""
    short = sorted((row for row in snapshot.positions if row.needed > 0), key=lambda row: (-row.needed, line_of(row)))
    open_violations = open_of(snapshot.violations)
    reported = {(row.publisher, row.product) for row in open_violations}
    return Figures(
        products=len({(row.publisher, row.product) for row in snapshot.inventory}),
        publishers=len({row.publisher for row in snapshot.inventory}),
        lines=len(snapshot.inventory),
        short=tuple(short),
        uncovered=tuple(row for row in short if (row.publisher, row.product) not in reported),
        observed=tuple(row for row in snapshot.inventory if row.observed_use > 0),
        costs=costs(snapshot.inventory),
        unpriced=sum(row.annual_cost is None for row in snapshot.inventory),
        open_violations=open_violations,
        closed_violations=len(snapshot.violations) - len(open_violations),
        entitlements=len(snapshot.entitlements),
        unproved=tuple(row for row in snapshot.entitlements if row.missing and not row.waiver),
        assigned=sum(event.change > 0 for event in snapshot.seat_history),
        released=sum(event.change < 0 for event in snapshot.seat_history),
        deadlines=_deadlines(snapshot.inventory, snapshot.parameters.as_of.date()),
    )


def line_of(row: InventoryRow | PositionRow) -> tuple[str, str, str, str]:
    """What names a line; ties in the order of print are broken by it."""
    return row.publisher, row.product, row.edition, row.metric


def open_of(violations: Iterable[ViolationRow]) -> tuple[ViolationRow, ...]:
    """The open ones, the gravest first, then the oldest."""
    rank = {severity: -index for index, severity in enumerate(Severity)}
    rows = (row for row in violations if row.open)
    return tuple(sorted(rows, key=lambda row: (rank[row.severity], row.first_seen, row.number)))


def costs(rows: Iterable[InventoryRow]) -> tuple[tuple[str, Decimal], ...]:
    """The annual cost per currency, the currency of the most lines first: totals of two currencies do not compare.
    Raises decimal.InvalidOperation for a text amount."""
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    lines: Counter[str] = Counter()
    for row in rows:
        if row.annual_cost is not None:
            totals[row.currency] += Decimal(row.annual_cost)
            lines[row.currency] += 1
    return tuple(sorted(totals.items(), key=lambda item: (-lines[item[0]], item[0])))


def costs_by_publisher(rows: Iterable[InventoryRow], currency: str) -> tuple[tuple[str, Decimal], ...]:
    """The annual cost of each publisher in one currency, the largest first."""
    totals: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row.annual_cost is not None and row.currency == currency:
            totals[row.publisher] += Decimal(row.annual_cost)
    return tuple(sorted(totals.items(), key=lambda item: (-item[1], item[0])))


def seats_by_month(events: Iterable[SeatEvent], start: date, end: date) -> tuple[tuple[date, int, int], ...]:
    """(first of month, assignments, releases) for each month that the period [start, end) touches."""
    given: Counter[date] = Counter()
    back: Counter[date] = Counter()
    for event in events:
        month = event.occurred_at.date().replace(day=1)
        given[month] += event.change > 0
        back[month] += event.change < 0
    months = []
    month = start.replace(day=1)
    while month < end:
        months.append((month, given[month], back[month]))
        month = (month + timedelta(days=32)).replace(day=1)
    return tuple(months)


def _deadlines(rows: Iterable[InventoryRow], today: date) -> Deadlines:
    due = [row for row in rows if row.notice_deadline and today <= row.notice_deadline <= today + NOTICE_HORIZON]
    return Deadlines(tuple(sorted(due, key=lambda row: (row.notice_deadline or today, line_of(row)))))
