"""Lines over time: a trend with its uncertainty and its limit, and the small one beside a figure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from reporting.charts.drawing import Attribute, Key, Number, Table, document, element, percent, text
from reporting.charts.palette import BAND, GRID, SERIES, TONES, Paint

PLOT: Final = 180
TOP: Final = 18
FOOT: Final = 24
# The first and the last point keep this distance (a share of the width) from the edges, so that no dot is cut.
INSET: Final = 0.008


def plain(value: float) -> str:
    """A tick of the scale without a language: 1500, 0.5."""
    return f"{value:g}"


@dataclass(frozen=True, kw_only=True)
class Series:
    """One line; None is a gap."""

    name: str
    values: tuple[Number | None, ...]


@dataclass(frozen=True, kw_only=True)
class Band:
    """The range that the line may reasonably lie in."""

    name: str
    low: tuple[Number, ...]
    high: tuple[Number, ...]


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A level that matters: capacity, budget."""

    name: str
    value: Number


@dataclass(frozen=True, kw_only=True)
class LineChart:
    """Lines over evenly spaced points named by `labels`; the scale begins at 0 unless a value lies below.

    `number` writes the figures of scale and table. Raises ValueError when a line has another number of points.
    """

    title: str
    description: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    band: Band | None = None
    limit: Limit | None = None
    number: Callable[[float], str] = plain

    def __post_init__(self) -> None:
        lines: list[Sequence[Number | None]] = [line.values for line in self.series]
        if self.band:
            lines += [self.band.low, self.band.high]
        if any(len(line) != len(self.labels) for line in lines):
            raise ValueError(f"every line needs {len(self.labels)} points")
        if len(self.series) > len(SERIES):
            raise ValueError(f"{len(self.series)} lines; colours tell at most {len(SERIES)} apart")

    def draw(self) -> SafeString:
        ticks = scale(self._extremes())
        plot = Plot(len(self.labels), ticks[0], ticks[-1])
        parts = [*self._grid(plot, ticks), *self._band(plot), *self._limit(plot)]
        for index, line in enumerate(self.series):
            parts += plot.line(line.values, SERIES[index])
        parts += self._names(plot)
        return document(title=self.title, description=self.description, height=TOP + PLOT + FOOT, parts=parts)

    def _extremes(self) -> tuple[float, float]:
        values = [float(value) for line in self.series for value in line.values if value is not None]
        if self.band:
            values += [float(value) for value in (*self.band.low, *self.band.high)]
        if self.limit:
            values.append(float(self.limit.value))
        return min([0.0, *values]), max([0.0, *values])

    def _grid(self, plot: "Plot", ticks: list[float]) -> list[str]:
        parts = []
        for tick in ticks:
            y = plot.y(tick)
            parts.append(element("line", {"x1": 0, "x2": "100%", "y1": y, "y2": y, **GRID.stroke(1)}))
            parts.append(text(self.number(tick), "0", y - 4))
        return parts

    def _band(self, plot: "Plot") -> list[str]:
        if self.band is None or len(self.labels) < 2:
            return []
        # A drawing of its own, stretched to the width: a filled area, unlike a stroke, may be stretched.
        there = [f"{plot.x(index) * 100:.2f},{plot.y(value):.2f}" for index, value in enumerate(self.band.high)]
        back = [f"{plot.x(index) * 100:.2f},{plot.y(value):.2f}" for index, value in enumerate(self.band.low)]
        area = element("polygon", {"points": " ".join([*there, *reversed(back)]), **BAND.fill()})
        height = TOP + PLOT
        stretched: dict[str, Attribute] = {"viewBox": f"0 0 100 {height}", "preserveAspectRatio": "none"}
        return [element("svg", {"x": 0, "y": 0, "width": "100%", "height": height, **stretched}, area)]

    def _limit(self, plot: "Plot") -> list[str]:
        if self.limit is None:
            return []
        y = plot.y(self.limit.value)
        dashed: dict[str, Attribute] = {**TONES["danger"].stroke(1.5), "stroke-dasharray": "5 4"}
        name = text(self.limit.name, "100%", y - 5, anchor="end", paint=TONES["danger"])
        return [element("line", {"x1": 0, "x2": "100%", "y1": y, "y2": y, **dashed}), name]

    def _names(self, plot: "Plot") -> list[str]:
        """At most five names below the scale, the first and the last at the edges."""
        last = len(self.labels) - 1
        step = max(1, ceil(last / 4))
        shown = [index for index in range(0, last + 1, step) if index == 0 or last - index >= step or index == last]
        y = TOP + PLOT + FOOT - 6
        return [
            text(
                self.labels[index],
                "0" if index == 0 else percent(plot.x(index)),
                y,
                anchor="start" if index == 0 else "end" if index == last else "middle",
            )
            for index in sorted({*shown, *([last] if last > 0 else [])})
        ]

    def legend(self) -> tuple[Key, ...]:
        lines = tuple(Key(line.name, SERIES[index], line=True) for index, line in enumerate(self.series))
        return (*lines, Key(self.band.name, BAND)) if self.band else lines if len(lines) > 1 else ()

    def table(self) -> Table:
        columns: list[Sequence[Number | None]] = [line.values for line in self.series]
        head = [_("Point"), *(line.name for line in self.series)]
        if self.band:
            columns += [self.band.low, self.band.high]
            head += [_("%(band)s, low") % {"band": self.band.name}, _("%(band)s, high") % {"band": self.band.name}]
        rows = zip(self.labels, *(map(self._written, column) for column in columns), strict=True)
        return Table(tuple(head), tuple(rows))

    def _written(self, value: Number | None) -> str:
        return "–" if value is None else self.number(float(value))


@dataclass(frozen=True, kw_only=True)
class Sparkline:
    """The way a figure came, without scale: its place is beside the figure. Needs no table, the figure stands there."""

    title: str
    values: tuple[Number | None, ...]
    description: str = ""
    height: float = 30

    def draw(self) -> SafeString:
        known = [float(value) for value in self.values if value is not None]
        low, high = (min(known), max(known)) if known else (0.0, 0.0)
        plot = Plot(len(self.values), low, high if high > low else low + 1, top=4, height=self.height - 8)
        parts = plot.line(self.values, SERIES[0])
        return document(title=self.title, description=self.description, height=self.height, parts=parts)

    def legend(self) -> tuple[Key, ...]:
        return ()

    def table(self) -> Table:
        return Table((), ())


@dataclass(frozen=True)
class Plot:
    """The field that points lie in: `points` places across, values from `low` to `high` upwards."""

    points: int
    low: float
    high: float
    top: float = TOP
    height: float = PLOT

    def x(self, index: int) -> float:
        """The place of a point as a share of the width; a single point lies at the right."""
        if self.points < 2:
            return 1 - INSET
        return INSET + (1 - 2 * INSET) * index / (self.points - 1)

    def y(self, value: Number) -> float:
        """The height of a value in pixels from above."""
        return self.top + self.height * (1 - (float(value) - self.low) / (self.high - self.low))

    def line(self, values: Sequence[Number | None], colour: Paint) -> list[str]:
        """Strokes between neighbours and a dot on the last known point; strokes, since only they take percentages."""
        known = [(index, value) for index, value in enumerate(values) if value is not None]
        parts = [self._stroke(one, two, colour) for one, two in pairwise(known) if two[0] == one[0] + 1]
        if known:
            index, value = known[-1]
            dot: dict[str, Attribute] = {"cx": percent(self.x(index)), "cy": self.y(value), "r": 3}
            parts.append(element("circle", {**dot, **colour.fill()}))
        return parts

    def _stroke(self, one: tuple[int, Number], two: tuple[int, Number], colour: Paint) -> str:
        ends: dict[str, Attribute] = {
            "x1": percent(self.x(one[0])),
            "y1": self.y(one[1]),
            "x2": percent(self.x(two[0])),
            "y2": self.y(two[1]),
        }
        return element("line", {**ends, **colour.stroke(2), "stroke-linecap": "round"})


def scale(extremes: tuple[float, float], steps: int = 4) -> list[float]:
    """Round ticks (1, 2, 2.5 or 5 times a power of ten) that enclose both extremes; a span below 1e-6 is none."""
    low, high = extremes
    raw = (high - low if high - low > 1e-6 else 1) / steps
    power = 10.0 ** floor(log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw)
    first, last = floor(low / step), ceil(high / step)
    return [round(index * step, 10) for index in range(first, max(last, first + 1) + 1)]
