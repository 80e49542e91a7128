"""Spans on a calendar: terms, notice periods, renewals."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from reporting.charts.bars import BAR, BAR_TOP, ROW, TEXT_BASE, piece, track
from reporting.charts.drawing import Attribute, Key, Table, document, element, heading, percent, text
from reporting.charts.palette import GRID, INK, TONES, Tone, paint

HEAD: Final = 24


@dataclass(frozen=True, kw_only=True)
class Span:
    """From `start` to before `end` (None: without end). `mark` is a day that matters within it, a notice deadline.

    `text` is what stands at the right and in the table: the dates or the days left, as the reader's language has them.
    """

    label: str
    start: date
    end: date | None
    text: str
    mark: date | None = None
    tone: Tone | None = None


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """Spans between `start` and `end`, cut at both; `ticks` are days with their names (first of a month, a quarter).

    Raises ValueError when the period is empty.
    """

    title: str
    description: str
    start: date
    end: date
    today: date
    spans: tuple[Span, ...]
    ticks: tuple[tuple[date, str], ...] = ()
    mark_label: str = ""

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError("a timeline ends after it starts")

    def draw(self) -> SafeString:
        height = HEAD + max(len(self.spans), 1) * ROW
        parts = [self._tick(day, name, height) for day, name in self.ticks if self.start <= day < self.end]
        parts += [self._span(span, HEAD + index * ROW) for index, span in enumerate(self.spans)]
        if self.start <= self.today < self.end:
            parts.append(_upright(percent(self._place(self.today)), height, TONES["danger"].stroke(1.5)))
        return document(title=self.title, description=self.description, height=height, parts=parts)

    def _tick(self, day: date, name: str, height: float) -> str:
        x = percent(self._place(day))
        return _upright(x, height, GRID.stroke(1)) + text(name, x, TEXT_BASE)

    def _span(self, span: Span, top: float) -> str:
        start = self._place(max(span.start, self.start))
        end = self._place(min(span.end or self.end, self.end))
        drawn = heading(span.label, span.text, top + TEXT_BASE) + track(top)
        drawn += piece(start, end - start, top, paint(0, span.tone))
        if span.mark and self.start <= span.mark < self.end:
            dot: dict[str, Attribute] = {"cx": percent(self._place(span.mark)), "cy": top + BAR_TOP + BAR / 2, "r": 4}
            drawn += element("circle", {**dot, **INK.fill()})
        return drawn

    def _place(self, day: date) -> float:
        return (day - self.start).days / (self.end - self.start).days

    def legend(self) -> tuple[Key, ...]:
        today = Key(_("Today"), TONES["danger"], line=True)
        return (today, Key(self.mark_label, INK)) if self.mark_label else (today,)

    def table(self) -> Table:
        return Table((_("Name"), _("When")), tuple((span.label, span.text) for span in self.spans))


def _upright(x: str, height: float, stroke: dict[str, Attribute]) -> str:
    return element("line", {"x1": x, "x2": x, "y1": HEAD - 4, "y2": height, **stroke})
