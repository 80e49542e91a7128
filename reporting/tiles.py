"""Tiles: the figures of a dashboard strip, as facts that a template renders."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Tone = Literal["", "ok", "warn", "danger", "info", "pending", "neutral"]
Direction = Literal["up", "down", "flat"]


@dataclass(frozen=True, kw_only=True)
class Trend:
    """A change against an earlier figure, in words ("+12 in 30 days"); `good` is None where neither way is better."""

    text: str
    direction: Direction
    good: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One figure: `value` is already formatted for the reader, `as_of` is the instant it holds for (aware),
    `href` leads to the rows behind it, `chart` is a sparkline from reporting.charts (safe SVG)."""

    label: str
    value: str
    unit: str = ""
    href: str = ""
    icon: str = ""
    tone: Tone = ""
    note: str = ""
    trend: Trend | None = None
    as_of: datetime | None = None
    chart: str = ""
