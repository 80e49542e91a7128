"""A chart in a page: drawing, legend and the same facts as a table."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from reporting.charts.drawing import Chart


def figure(chart: Chart, *, table: bool = True) -> SafeString:
    """The chart as a <figure>; without `table` where the facts stand beside it anyway (a report, a list)."""
    facts = chart.table() if table else None
    context = {"drawing": chart.draw(), "keys": chart.legend(), "title": chart.title, "table": facts}
    return render_to_string("charts/figure.html", context)
