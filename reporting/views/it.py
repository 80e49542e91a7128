"""The IT overview."""

from datetime import datetime

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kernel.clock import DatabaseClock
from kernel.pages import PageRequest, page, show_page
from reporting.charts import StackedBarChart, StackedRow
from reporting.queries.freshness import last_import, last_scan
from reporting.queries.rights import expiring
from reporting.queries.use import SeatUse, observed_products, seat_use
from reporting.queries.violations import pressing
from reporting.rules.utilisation import ProductUse
from reporting.tiles import Tile
from reporting.views.strips import expiring_tile, seats_tiles, violations_tile, words
from reporting.views.tables import UseTable

ROWS = 15
BARS = 10
MOST_EXPIRING = 10
MOST_VIOLATIONS = 5


@require_GET
@page("reporting.dashboard.it")
def it(request: PageRequest) -> HttpResponseBase:
    """How seats are used, what was found, what ends soon. Violations and rights only for those who may see them."""
    at, may = DatabaseClock().now(), request.principal.may
    use, scan = seat_use(at=at), last_scan()
    sees_violations, sees_rights = may("compliance.violation.view"), may("licensing.entitlement.view")
    found = pressing(request.principal.account_id, most=MOST_VIOLATIONS) if sees_violations else None
    ending = expiring(at=at, most=MOST_EXPIRING) if sees_rights else None
    observed = observed_products() if sees_rights else []
    tiles = seats_tiles(use)
    if found is not None:
        tiles.append(violations_tile(found.total, scanned_at=scan.started_at if scan else None))
    if ending is not None:
        tiles += [expiring_tile(ending.total, at=at), _observed_tile(sum(row.subjects for row in observed), at)]
    table = UseTable(use.products, pools_url=reverse("seats:pools") if may("seats.pool.view") else "")
    show_page(table, request, rows=ROWS)
    context = {
        "at": at,
        "tiles": tiles,
        "use": use,
        "chart": use_chart(use) if use.products else None,
        "table": table,
        "violations": found,
        "ending": ending,
        "ending_more": ending.total - len(ending.rows) if ending else 0,
        "observed": observed,
        "scan": scan,
        "batch": last_import(),
        "can_scan": may("compliance.scan.run"),
        "can_import": may("licensing.import.run"),
    }
    return render(request, "reporting/it.html", context)


def use_chart(use: SeatUse, *, most: int = BARS) -> StackedBarChart:
    """The products that need a look first, each bar as wide as its limit or its use; figures stand in the table too."""
    shown = [row for row in use.products if row.limit is not None][:most]
    return StackedBarChart(
        title=_("Use by product"),
        description=_("For each product the seats in use, those held beyond the limit, and those still free."),
        series=(_("In use"), _("Over"), _("Free")),
        rows=tuple(_bar(row) for row in shown),
        limit_label=_("Covered by rights"),
        proportional=True,
    )


def _bar(row: ProductUse) -> StackedRow:
    write = words()
    return StackedRow(
        label=row.product,
        values=(row.in_use, row.over, row.free),
        texts=(write.number(row.in_use), write.number(row.over), write.number(row.free)),
        text=_("%(used)s of %(limit)s") % {"used": write.number(row.used), "limit": write.number(row.limit)},
        limit=row.limit,
    )


def _observed_tile(subjects: int, at: datetime) -> Tile:
    return Tile(
        label=_("Used without a right"),
        value=words().number(subjects),
        tone="warn" if subjects else "",
        icon="" if subjects else "eye",
        note=_("observed, nobody has a seat") if subjects else _("nothing was observed"),
        as_of=at,
        href="#observed",
    )
