"""Charts: what is drawn, what is written beside it, and what is refused."""

import re
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.template import engines
from hypothesis import example, given
from hypothesis import strategies as st
from weasyprint import HTML

from reporting.charts import (
    Band,
    Bar,
    BarChart,
    Chart,
    Gauge,
    Limit,
    LineChart,
    Series,
    Span,
    Sparkline,
    StackedBarChart,
    StackedRow,
    Timeline,
    figure,
)
from reporting.charts.lines import scale
from reporting.charts.palette import BAND, GRID, INK, SERIES, TEXT, TRACK

SVG = "{http://www.w3.org/2000/svg}"
ROOT = Path(__file__).resolve().parents[2]


def drawn(chart: Chart) -> ElementTree.Element:
    """The drawing as a tree; raises on markup that is not well formed."""
    return ElementTree.fromstring(chart.draw())  # noqa: S314 - our own drawing, not a stranger's file


def shapes(chart: Chart, name: str, paint: str) -> list[dict[str, str]]:
    """Attributes of the elements of one kind and class, in drawing order."""
    return [element.attrib for element in drawn(chart).iter(f"{SVG}{name}") if element.get("class") == paint]


SPEND = BarChart(
    title="Spend by publisher",
    description="Per year, in euro.",
    bars=(
        Bar(label="Officium", value=200, text="€200"),
        Bar(label="Lumen & Sons <Ltd>", value=50, text="€50", tone="danger"),
        Bar(label="Vectorial", value=0, text="€0"),
    ),
)
USE = StackedBarChart(
    title="Utilisation",
    description="Seats against rights.",
    series=("In use", "Idle", "Free"),
    limit_label="Rights",
    proportional=True,
    rows=(
        StackedRow(label="LumenCAD", values=(88, 22, 0), texts=("88", "22", "0"), text="110 of 100", limit=100),
        StackedRow(label="AutoDraft", values=(6, 2, 2), texts=("6", "2", "2"), text="8 of 10", limit=10),
    ),
)
SEATS = LineChart(
    title="Seats",
    description="At the end of each month.",
    labels=("Jan", "Feb", "Mar", "Apr"),
    series=(Series(name="Seats", values=(80, None, 90, 100)),),
    band=Band(name="Expected", low=(70, 75, 80, 85), high=(90, 95, 100, 105)),
    limit=Limit(name="Capacity", value=120),
)
SCORE = Gauge(title="Data health", description="", value=50, maximum=100, text="50%", tone="ok")
TERMS = Timeline(
    title="Renewals",
    description="Within four months.",
    start=date(2026, 1, 1),
    end=date(2026, 5, 1),
    today=date(2026, 3, 2),
    mark_label="Notice deadline",
    ticks=((date(2026, 2, 1), "Feb"), (date(2025, 12, 1), "Dec")),
    spans=(
        Span(label="LumenCAD", start=date(2025, 1, 1), end=date(2026, 3, 2), mark=date(2026, 1, 31), text="1 Mar 2026"),
        Span(label="Vectorial", start=date(2026, 4, 1), end=None, text="no end", tone="warn"),
    ),
)
TREND = Sparkline(title="Last months", values=(1, 2, None, 3))
ALL: list[Chart] = [SPEND, USE, SEATS, SCORE, TERMS, TREND]
each = pytest.mark.parametrize("chart", ALL, ids=lambda chart: type(chart).__name__)


@each
def test_a_chart_has_a_name_and_no_styles(chart: Chart) -> None:
    """Each drawing is well formed, named for screen readers and free of what the content security policy forbids."""
    tree = drawn(chart)
    assert tree.get("role") == "img"
    assert tree[0].tag == f"{SVG}title"
    assert tree[0].text == chart.title
    assert ("desc" in tree[1].tag) == bool(chart.description)
    for element in tree.iter():
        assert element.tag.removeprefix(SVG) not in {"style", "script", "foreignObject"}
        assert not [name for name in element.attrib if name == "style" or name.startswith("on")]


@each
def test_every_painted_shape_has_a_colour_for_print(chart: Chart) -> None:
    """A shape with a theme class also carries a literal colour: WeasyPrint reads neither page styles nor variables."""
    painted = [element for element in drawn(chart).iter() if element.get("class")]
    assert painted
    for element in painted:
        colours = {element.get("fill"), element.get("stroke")} - {None, "none"}
        assert colours
        assert all(re.fullmatch(r"#[0-9a-f]{6}", str(colour)) for colour in colours)


@each
def test_the_browser_has_a_theme_colour_for_every_class(chart: Chart) -> None:
    """Each class that a drawing uses is painted by the style sheet, so that dark mode reaches it."""
    styles = (ROOT / "static/css/app.css").read_text()
    used = {element.get("class", "") for element in drawn(chart).iter()} - {""}
    assert {name for name in used if f".{name} {{" not in styles} == set()


def test_print_colours_are_the_light_tokens() -> None:
    """The literals of the palette are the light halves of the design tokens."""
    tokens = dict(re.findall(r"--([\w-]+): light-dark\((#\w{6}),", (ROOT / "static/css/tokens.css").read_text()))
    assert [paint.colour for paint in SERIES] == [tokens[f"series-{number}"] for number in range(1, 7)]
    others = {"chart-axis": TEXT, "chart-grid": GRID, "chart-band": BAND, "ink": INK, "neutral-wash": TRACK}
    assert {name: tokens[name] for name in others} == {name: paint.colour for name, paint in others.items()}


def test_bars_are_as_long_as_their_values() -> None:
    """The longest bar fills the width, a quarter of it a quarter, nothing is drawn for 0; a tone has its own colour."""
    assert [bar["width"] for bar in shapes(SPEND, "rect", "c1")] == ["100%"]
    assert [bar["width"] for bar in shapes(SPEND, "rect", "c-danger")] == ["25%"]


def test_words_of_people_are_escaped() -> None:
    """A name with markup in it stands as text in the drawing and in the table."""
    assert "Lumen &amp; Sons &lt;Ltd&gt;" in SPEND.draw()
    assert "<Ltd>" not in figure(SPEND)


def test_a_bar_over_its_maximum_is_full() -> None:
    """With a given scale a longer value fills the bar instead of leaving the drawing."""
    chart = BarChart(title="t", description="", bars=(Bar(label="a", value=150, text="150"),), maximum=100)
    assert [bar["width"] for bar in shapes(chart, "rect", "c1")] == ["100%"]


def test_no_bars_are_still_a_drawing() -> None:
    """An empty chart and one of zeros can be drawn: nothing divides by the longest bar."""
    assert shapes(BarChart(title="t", description="", bars=()), "rect", "c1") == []
    zero = StackedBarChart(
        title="t", description="", series=("a",), rows=(StackedRow(label="x", values=(0,), texts=("0",), text="0"),)
    )
    assert shapes(zero, "rect", "c1") == []


def test_parts_of_a_bar_follow_each_other() -> None:
    """88 + 22 of 110 used seats: the parts lie end to end, and the 100 rights are marked inside the bar."""
    in_use, idle = shapes(USE, "rect", "c1")[0], shapes(USE, "rect", "c2")[0]
    assert (in_use["x"], in_use["width"]) == ("0%", "80%")
    assert (idle["x"], idle["width"]) == ("80%", "20%")
    assert shapes(USE, "line", "s-ink")[0]["x1"] == "90.91%"


def test_rows_share_one_scale_unless_proportional() -> None:
    """Without `proportional` ten rights beside a hundred are a tenth as long."""
    shared = StackedBarChart(title="t", description="", series=USE.series, rows=USE.rows)
    assert [bar["width"] for bar in shapes(shared, "rect", "c1")] == ["80%", "5.45%"]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=6))
def test_parts_never_leave_the_bar(values: list[int]) -> None:
    """Whatever the parts are, they add up to the width of the bar, to the rounding of a hundredth of a percent each."""
    row = StackedRow(label="x", values=tuple(values), texts=("",) * len(values), text="")
    chart = StackedBarChart(title="t", description="", series=("s",) * len(values), rows=(row,))
    pieces = [element.attrib for element in drawn(chart).iter(f"{SVG}rect") if element.get("class") != "c-track"]
    total = sum(float(piece["width"].rstrip("%")) for piece in pieces)
    assert total == pytest.approx(100 if any(values) else 0, abs=0.005 * len(values) + 1e-9)


@pytest.mark.parametrize(
    "build",
    [
        lambda: BarChart(title="t", description="", bars=(Bar(label="a", value=-1, text="-1"),)),
        lambda: StackedBarChart(
            title="t",
            description="",
            series=("a", "b"),
            rows=(StackedRow(label="x", values=(1,), texts=("1",), text="1"),),
        ),
        lambda: StackedBarChart(title="t", description="", series=tuple("abcdefg"), rows=()),
        lambda: LineChart(title="t", description="", labels=("a", "b"), series=(Series(name="s", values=(1,)),)),
        lambda: Timeline(
            title="t", description="", start=date(2026, 1, 1), end=date(2026, 1, 1), today=date(2026, 1, 1), spans=()
        ),
    ],
    ids=["negative bar", "missing part", "too many series", "missing point", "empty period"],
)
def test_facts_that_cannot_be_drawn_are_refused(build: Callable[[], object]) -> None:
    """A drawing that would mislead is refused when it is made, not when it is looked at."""
    with pytest.raises(ValueError, match=r"\w+"):
        build()


def test_a_gap_in_a_line_stays_a_gap() -> None:
    """80, unknown, 90, 100: one stroke from 90 to 100 and none across the gap; the last point has a dot."""
    assert len(shapes(SEATS, "line", "s1")) == 1
    assert len(shapes(SEATS, "circle", "c1")) == 1


def test_heights_follow_the_scale() -> None:
    """The limit of 120 lies on a scale to 150 at a fifth from above."""
    limit = shapes(SEATS, "line", "s-danger")[0]
    assert float(limit["y1"]) == pytest.approx(18 + 180 * (1 - 120 / 150))
    assert limit["stroke-dasharray"] == "5 4"


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
@example(0.0, 5e-324)
@example(1e6, 1e6)
def test_a_scale_encloses_its_values(one: float, two: float) -> None:
    """Ticks are evenly spaced, enclose both extremes and are at most seven."""
    low, high = min(one, two), max(one, two)
    ticks = scale((low, high))
    assert ticks[0] <= low + 1e-6
    assert ticks[-1] >= high - 1e-6
    assert 2 <= len(ticks) <= 7
    steps = {round(b - a, 6) for a, b in pairwise(ticks)}
    assert len(steps) == 1


def test_a_half_full_gauge_ends_at_the_top() -> None:
    """50 of 100 is a quarter of the circle: from the left end to the top."""
    assert shapes(SCORE, "path", "s-ok")[0]["d"] == "M-52 0A52 52 0 0 1 0.00 -52.00"


def test_spans_are_cut_at_the_edges_of_the_calendar() -> None:
    """A term that began earlier starts at the edge, one without end ends there; today and deadline are marked."""
    (early,) = shapes(TERMS, "rect", "c1")
    (late,) = shapes(TERMS, "rect", "c-warn")
    assert (early["x"], early["width"]) == ("0%", "50%")
    assert (late["x"], late["width"]) == ("75%", "25%")
    assert shapes(TERMS, "line", "s-danger")[0]["x1"] == "50%"
    assert shapes(TERMS, "circle", "c-ink")[0]["cx"] == "25%"
    assert next(element.text for element in drawn(TERMS).iter(f"{SVG}text")) == "Feb"


def test_a_figure_tells_the_same_as_a_table() -> None:
    """Whoever does not see the drawing reads every part, the total and the series' names."""
    html = figure(USE)
    assert "<figcaption" not in html
    for word in ("In use", "Idle", "Free", "Rights", "LumenCAD", "110 of 100", ">88<", ">22<"):
        assert word in html
    assert "<table" not in figure(USE, table=False)
    assert "<table" not in figure(TREND)


def test_unknown_points_are_a_dash_in_the_table() -> None:
    """The table of a line names the band's edges and writes a dash where a point is unknown."""
    assert SEATS.table().head == ("Point", "Seats", "Expected, low", "Expected, high")
    assert SEATS.table().rows[1] == ("Feb", "–", "75", "95")


@each
def test_print_draws_the_same_colours(chart: Chart) -> None:
    """WeasyPrint puts the literal colours of the drawing on the page, without any style of the page."""
    pdf = HTML(string=f"<body>{chart.draw()}</body>").write_pdf(uncompressed_pdf=True) or b""
    operators = re.findall(r"([\d.]+) ([\d.]+) ([\d.]+) (?:rg|RG)\b", pdf.decode("latin-1"))
    printed = {"#" + "".join(f"{round(float(part) * 255):02x}" for part in colour) for colour in operators}
    painted = [element for element in drawn(chart).iter() if element.get("class")]
    literal = {element.get(name) for element in painted for name in ("fill", "stroke")}
    assert literal - {None, "none"} <= printed


def test_the_figure_tag_draws_in_a_template() -> None:
    """`{% figure chart %}` prints the drawing unescaped."""
    html = engines["django"].from_string("{% load ui %}{% figure chart %}").render({"chart": SCORE})
    assert '<svg xmlns="http://www.w3.org/2000/svg" role="img"' in html
