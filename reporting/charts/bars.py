"""Bars: one figure for each thing, or the parts that make it up against what is allowed."""

from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from reporting.charts.drawing import Attribute, Key, Number, Table, document, element, heading, percent
from reporting.charts.palette import INK, SERIES, TRACK, Paint, Tone, paint

ROW: Final = 38
BAR: Final = 10
TEXT_BASE: Final = 13
BAR_TOP: Final = 20


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar. `text` is its figure as the reader's language writes it; `tone` marks one that needs a look."""

    label: str
    value: Number
    text: str
    tone: Tone | None = None


@dataclass(frozen=True, kw_only=True)
class BarChart:
    """Bars one below the other on one scale, from 0 to `maximum` or to the longest. Raises ValueError below 0."""

    title: str
    description: str
    bars: tuple[Bar, ...]
    maximum: Number | None = None

    def __post_init__(self) -> None:
        _refuse_negative([bar.value for bar in self.bars])

    def draw(self) -> SafeString:
        longest = float(self.maximum or max((bar.value for bar in self.bars), default=0))
        parts = [self._bar(bar, index * ROW, longest) for index, bar in enumerate(self.bars)]
        return document(title=self.title, description=self.description, height=_height(len(self.bars)), parts=parts)

    def _bar(self, bar: Bar, top: float, longest: float) -> str:
        share = min(float(bar.value) / longest, 1) if longest else 0
        return heading(bar.label, bar.text, top + TEXT_BASE) + track(top) + piece(0, share, top, paint(0, bar.tone))

    def legend(self) -> tuple[Key, ...]:
        return ()

    def table(self) -> Table:
        return Table((_("Name"), _("Figure")), tuple((bar.label, bar.text) for bar in self.bars))


@dataclass(frozen=True, kw_only=True)
class StackedRow:
    """One bar of parts, in the order of the chart's series; `limit` is what is allowed (a mark across the bar)."""

    label: str
    values: tuple[Number, ...]
    texts: tuple[str, ...]
    text: str
    limit: Number | None = None


@dataclass(frozen=True, kw_only=True)
class StackedBarChart:
    """Bars made of parts. `proportional` gives each bar its own scale (its parts or its limit fill the width), else
    all share the longest. Raises ValueError below 0, for a wrong number of parts and for more than six series."""

    title: str
    description: str
    series: tuple[str, ...]
    rows: tuple[StackedRow, ...]
    limit_label: str = ""
    proportional: bool = False

    def __post_init__(self) -> None:
        if len(self.series) > len(SERIES):
            raise ValueError(f"{len(self.series)} series; colours tell at most {len(SERIES)} apart")
        for row in self.rows:
            if not len(row.values) == len(row.texts) == len(self.series):
                raise ValueError(f"{row.label}: {len(row.values)} values, {len(self.series)} series")
            _refuse_negative(row.values)

    def draw(self) -> SafeString:
        longest = max((_extent(row) for row in self.rows), default=0)
        parts = [
            self._bar(row, index * ROW, _extent(row) if self.proportional else longest)
            for index, row in enumerate(self.rows)
        ]
        return document(title=self.title, description=self.description, height=_height(len(self.rows)), parts=parts)

    def _bar(self, row: StackedRow, top: float, full: float) -> str:
        drawn = heading(row.label, row.text, top + TEXT_BASE) + track(top)
        start = 0.0
        for index, value in enumerate(row.values):
            share = float(value) / full if full else 0
            drawn += piece(start, share, top, SERIES[index])
            start += share
        return drawn + (_mark(float(row.limit) / full, top) if row.limit is not None and full else "")

    def legend(self) -> tuple[Key, ...]:
        keys = tuple(Key(name, SERIES[index]) for index, name in enumerate(self.series))
        return (*keys, Key(self.limit_label, INK, line=True)) if self.limit_label else keys

    def table(self) -> Table:
        rows = tuple((row.label, *row.texts, row.text) for row in self.rows)
        return Table((_("Name"), *self.series, _("Figure")), rows)


def track(top: float) -> str:
    """The empty bar."""
    return element("rect", {"x": 0, "y": top + BAR_TOP, "width": "100%", "height": BAR, "rx": 2, **TRACK.fill()})


def piece(start: float, share: float, top: float, colour: Paint) -> str:
    """A filled part of a bar; nothing is drawn where there is nothing."""
    if share <= 0:
        return ""
    place: dict[str, Attribute] = {
        "x": percent(start),
        "y": top + BAR_TOP,
        "width": percent(share),
        "height": BAR,
        "rx": 2,
    }
    return element("rect", {**place, **colour.fill()})


def _mark(share: float, top: float) -> str:
    """What is allowed: a stroke across the bar, a little inside at the right end so that it is not cut in half."""
    x = percent(min(share, 0.998))
    return element("line", {"x1": x, "x2": x, "y1": top + BAR_TOP - 4, "y2": top + BAR_TOP + BAR + 4, **INK.stroke(2)})


def _extent(row: StackedRow) -> float:
    return max(float(sum(row.values)), float(row.limit or 0))


def _height(rows: int) -> float:
    return max(rows, 1) * ROW


def _refuse_negative(values: tuple[Number, ...] | list[Number]) -> None:
    if any(value < 0 for value in values):
        raise ValueError("a bar has no length below 0")
