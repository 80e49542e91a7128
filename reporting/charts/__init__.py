"""Charts as SVG, drawn on the server: the same drawing in a page, in the admin and in a PDF.

Widths are percentages, so text keeps its size on a phone and in print. Each shape carries its colour for print as a
literal `fill=` and a class that takes the theme's colour in the browser; nothing needs a script or a style attribute.
"""

from reporting.charts.bars import Bar, BarChart, StackedBarChart, StackedRow
from reporting.charts.drawing import Chart, Key, Table
from reporting.charts.figure import figure
from reporting.charts.gauge import Gauge
from reporting.charts.lines import Band, Limit, LineChart, Series, Sparkline
from reporting.charts.timeline import Span, Timeline

__all__ = [
    "Band",
    "Bar",
    "BarChart",
    "Chart",
    "Gauge",
    "Key",
    "Limit",
    "LineChart",
    "Series",
    "Span",
    "Sparkline",
    "StackedBarChart",
    "StackedRow",
    "Table",
    "Timeline",
    "figure",
]
