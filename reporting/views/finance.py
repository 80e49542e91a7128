"""The finance overview."""

from datetime import datetime

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from kernel.clock import DatabaseClock
from kernel.pages import PageRequest, page
from reporting.charts import StackedBarChart, StackedRow
from reporting.queries.spending import spending_at
from reporting.rules.spending import CurrencySpending, ProductSpending
from reporting.tiles import Tile
from reporting.views.strips import words

BARS = 12
MONEY = "licensing.money.view"


@require_GET
@page("reporting.dashboard.finance")
def finance(request: PageRequest) -> HttpResponseBase:
    """What rights cost, what of it nobody uses, and what use without rights would cost, by currency."""
    request.principal.require(MONEY)
    at = DatabaseClock().now()
    figures = spending_at(at=at)
    sections = [
        {"figures": currency, "tiles": _tiles(currency, at), "chart": cost_chart(currency)}
        for currency in figures.currencies
    ]
    context = {
        "at": at,
        "figures": figures,
        "sections": sections,
        "can_import": request.principal.may("licensing.import.run"),
    }
    return render(request, "reporting/finance.html", context)


def _tiles(spent: CurrencySpending, at: datetime) -> list[Tile]:
    write, total, code = words(), spent.total, spent.currency
    idle = ngettext("%(count)s unused right", "%(count)s unused rights", total.unused)
    short = ngettext("%(count)s seat without a right", "%(count)s seats without a right", total.short)
    rows = f"#rows-{code}"
    return [
        Tile(label=_("Annual cost"), value=write.whole_money(total.annual, code), icon="coin", href=rows, as_of=at),
        Tile(
            label=_("Over-licensed amount"),
            value=write.whole_money(total.over_annual, code),
            icon="trending-down",
            tone="warn" if total.over_annual else "",
            note=idle % {"count": write.number(total.unused)},
            href=rows,
            as_of=at,
        ),
        Tile(
            label=_("Under-licensed exposure"),
            value=write.whole_money(total.exposure, code),
            icon="scale",
            tone="danger" if total.short else "",
            note=short % {"count": write.number(total.short)},
            href=rows,
            as_of=at,
        ),
        Tile(
            label=_("Paid once"),
            value=write.whole_money(total.once, code),
            icon="receipt",
            note=_("not a part of the annual cost"),
            href=rows,
            as_of=at,
        ),
    ]


def cost_chart(spent: CurrencySpending) -> StackedBarChart | None:
    """The dearest products: what pays for seats that are held, and what for rights that nobody uses."""
    rows = [row for row in spent.products if row.amounts.annual][:BARS]
    if not rows:
        return None
    return StackedBarChart(
        title=_("Annual cost by product, %(currency)s") % {"currency": spent.currency},
        description=_("For each product the part of its annual cost for used rights and for unused ones."),
        series=(_("For used rights"), _("For unused rights")),
        rows=tuple(_bar(row, spent.currency) for row in rows),
    )


def _bar(row: ProductSpending, currency: str) -> StackedRow:
    write, amounts = words(), row.amounts
    over = min(amounts.over_annual, amounts.annual)
    return StackedRow(
        label=row.product.name,
        values=(amounts.used_annual, over),
        texts=(write.money(amounts.used_annual, currency), write.money(over, currency)),
        text=write.whole_money(amounts.annual, currency),
    )
