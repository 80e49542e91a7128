"""Colours of charts: the class that the browser's theme paints and the literal colour that print keeps.

The literals are the light halves of the tokens in static/css/tokens.css; a test compares.
"""

from dataclasses import dataclass
from typing import Final, Literal

Tone = Literal["ok", "warn", "danger"]


@dataclass(frozen=True)
class Paint:
    """One colour: `name` follows `c-` or `s-` in the class of a filled or a stroked shape."""

    name: str
    colour: str

    def fill(self) -> dict[str, str | float]:
        """Attributes of a filled shape or of text."""
        return {"class": f"c{self.name}", "fill": self.colour}

    def stroke(self, width: float) -> dict[str, str | float]:
        """Attributes of a line, `width` pixels wide."""
        return {"class": f"s{self.name}", "stroke": self.colour, "stroke-width": width}


SERIES: Final = (
    Paint("1", "#17708f"),
    Paint("2", "#d07a22"),
    Paint("3", "#5b8f6b"),
    Paint("4", "#86589b"),
    Paint("5", "#7a8896"),
    Paint("6", "#b3931b"),
)
TONES: Final[dict[Tone, Paint]] = {
    "ok": Paint("-ok", "#14663a"),
    "warn": Paint("-warn", "#c26a17"),
    "danger": Paint("-danger", "#a11d17"),
}
TEXT: Final = Paint("-text", "#5c6a78")
INK: Final = Paint("-ink", "#14202b")
TRACK: Final = Paint("-track", "#ebeff3")
GRID: Final = Paint("-grid", "#e3e8ed")
BAND: Final = Paint("-band", "#d3e5ec")


def paint(series: int, tone: Tone | None) -> Paint:
    """The colour of the series with this index (from 0), or of the tone where one is given."""
    return SERIES[series] if tone is None else TONES[tone]
