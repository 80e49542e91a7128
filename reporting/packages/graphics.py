"""The drawings of the report. Each shows a few lines of a section; the tables beside it hold the figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from reporting.charts import Bar, BarChart, Chart, Key, Span, StackedBarChart, StackedRow, Timeline
from reporting.packages.figures import Figures, costs_by_publisher, line_of, open_of, seats_by_month
from reporting.packages.formatting import Formatter, printable
from reporting.packages.snapshot import InventoryRow, PositionRow, Snapshot, ViolationRow

BARS: Final = 6
LABEL: Final = 34
YEAR: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Graphic:
    """One drawing with its legend, as the figure template of the charts takes them; `half` puts two side by side."""

    chart: Chart
    keys: tuple[Key, ...] = ()
    half: bool = False

    @property
    def title(self) -> str:
        """What stands above the drawing."""
        return self.chart.title

    @property
    def drawing(self) -> str:
        """The SVG element."""
        return self.chart.draw()


def inventory(snapshot: Snapshot, figures: Figures, form: Formatter) -> tuple[Graphic, ...]:
    """What the publishers cost a year, and which terms end next."""
    drawn: list[Graphic] = []
    if figures.costs:
        drawn.append(Graphic(_costs(snapshot, figures.costs[0][0], form), half=True))
    terms = _next_terms(snapshot)
    if terms:
        chart = _ends(terms, snapshot.parameters.as_of.date(), form)
        drawn.append(Graphic(chart, keys=_without_today(chart), half=True))
    return tuple(drawn)


def position(snapshot: Snapshot, form: Formatter) -> tuple[Graphic, ...]:
    """Rights in force against demand: the largest shortfalls, then the lines with the most use."""
    counted = [row for row in snapshot.positions if row.owned is not None]
    rows = sorted(counted, key=lambda row: (-row.needed, -row.used, line_of(row)))[:BARS]
    if not rows:
        return ()
    chart = StackedBarChart(
        title=_("Demand against rights in force"),
        description=_("Each bar has its own scale; the stroke marks the rights in force."),
        series=(_("used within rights"), _("needed beyond rights")),
        rows=tuple(_demand(row, form) for row in rows),
        limit_label=_("rights in force"),
        proportional=True,
    )
    return (Graphic(chart, chart.legend()),)


def violations(snapshot: Snapshot, form: Formatter) -> tuple[Graphic, ...]:
    """When in the period the violations were open."""
    if not snapshot.violations:
        return ()
    parameters = snapshot.parameters
    closed = [row for row in snapshot.violations if not row.open]
    rows = [*open_of(snapshot.violations), *sorted(closed, key=lambda row: row.first_seen)][:BARS]
    chart = Timeline(
        title=_("Violations in the period"),
        description=_("From the day on which a violation was first seen to the day on which it was last seen."),
        start=parameters.period_start,
        end=parameters.period_end,
        today=parameters.period_end,
        spans=tuple(_violation(row, parameters.period_end, form) for row in rows),
        ticks=_ticks(parameters.period_start, parameters.period_end, form),
    )
    return (Graphic(chart),)


def seat_history(snapshot: Snapshot, form: Formatter) -> tuple[Graphic, ...]:
    """Assignments and releases by month."""
    parameters = snapshot.parameters
    months = seats_by_month(snapshot.seat_history, parameters.period_start, parameters.period_end)
    if not snapshot.seat_history:
        return ()
    chart = StackedBarChart(
        title=_("Seats by month"),
        description=_("How many assignments began and ended in each month of the period."),
        series=(_("assigned"), _("released")),
        rows=tuple(_month(month, form) for month in months),
    )
    return (Graphic(chart, chart.legend()),)


def _costs(snapshot: Snapshot, currency: str, form: Formatter) -> BarChart:
    rows = costs_by_publisher(snapshot.inventory, currency)[:BARS]
    return BarChart(
        title=_("Annual cost by publisher"),
        description=_("The publishers with the highest annual cost in %(currency)s.") % {"currency": currency},
        bars=tuple(
            Bar(
                label=printable(name, limit=LABEL), value=max(total, Decimal(0)), text=form.whole_money(total, currency)
            )
            for name, total in rows
        ),
    )


def _next_terms(snapshot: Snapshot) -> Sequence[tuple[date, InventoryRow]]:
    today = snapshot.parameters.as_of.date()
    ahead = [(row.next_end, row) for row in snapshot.inventory if row.next_end and today < row.next_end < today + YEAR]
    return sorted(ahead, key=lambda pair: (pair[0], line_of(pair[1])))[:BARS]


def _ends(terms: Sequence[tuple[date, InventoryRow]], today: date, form: Formatter) -> Timeline:
    return Timeline(
        title=_("Terms that end next"),
        description=_("The twelve months after the time of this report; the dot marks the notice deadline."),
        start=today,
        end=today + YEAR,
        today=today + YEAR,
        spans=tuple(_term(row, today, end, form) for end, row in terms),
        ticks=_quarters(today, form),
        mark_label=_("notice deadline"),
    )


def _without_today(chart: Timeline) -> tuple[Key, ...]:
    """The legend of a drawing that begins or ends with the time of the report, which needs no line of its own."""
    return chart.legend()[1:]


def _term(row: InventoryRow, today: date, end: date, form: Formatter) -> Span:
    late = row.notice_deadline is not None and row.notice_deadline < today
    return Span(
        label=printable(row.product, limit=LABEL),
        start=today,
        end=end,
        text=form.day(end),
        mark=row.notice_deadline,
        tone="warn" if late else None,
    )


def _demand(row: PositionRow, form: Formatter) -> StackedRow:
    words = _("%(demand)s of %(owned)s") % {
        "demand": form.number(row.used + row.needed),
        "owned": form.number(row.owned),
    }
    return StackedRow(
        label=printable(f"{row.product} {row.edition}".strip(), limit=2 * LABEL),
        values=(row.used, row.needed),
        texts=(form.number(row.used), form.number(row.needed)),
        text=words,
        limit=row.owned,
    )


def _violation(row: ViolationRow, end: date, form: Formatter) -> Span:
    last = row.last_seen.date() + timedelta(days=1)
    return Span(
        label=printable(f"{row.product} · {row.title}", limit=2 * LABEL),
        start=row.first_seen.date(),
        end=end if row.open else last,
        text=_("open") if row.open else _("closed"),
        tone="danger" if row.open else None,
    )


def _quarters(today: date, form: Formatter) -> tuple[tuple[date, str], ...]:
    months = (month for month, _given, _back in seats_by_month((), today, today + YEAR))
    return tuple((month, form.month(month)) for month in months if month.month % 3 == 1 and month >= today)


def _ticks(start: date, end: date, form: Formatter) -> tuple[tuple[date, str], ...]:
    """The first days of the months of a period; of the quarters where there would be too many to read."""
    months: Sequence[date] = [month for month, _given, _back in seats_by_month((), start, end)]
    step = 1 if len(months) <= 6 else 3
    return tuple((month, form.month(month)) for month in months[::step])


def _month(counted: tuple[date, int, int], form: Formatter) -> StackedRow:
    month, given, back = counted
    words = _("%(given)s assigned, %(back)s released") % {"given": form.number(given), "back": form.number(back)}
    return StackedRow(
        label=form.month(month), values=(given, back), texts=(form.number(given), form.number(back)), text=words
    )
