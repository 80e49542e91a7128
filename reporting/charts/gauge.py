"""A half circle that fills: one share at a glance."""

from dataclasses import dataclass
from math import cos, pi, sin
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from reporting.charts.drawing import Key, Number, Table, document, element, text
from reporting.charts.palette import INK, TRACK, Paint, Tone, paint

RADIUS: Final = 52.0
WIDTH: Final = 12.0


@dataclass(frozen=True, kw_only=True)
class Gauge:
    """`value` of `maximum`; above it the arc is full and `text`, which stands inside, tells the truth."""

    title: str
    description: str
    value: Number
    maximum: Number
    text: str
    tone: Tone | None = None

    def draw(self) -> SafeString:
        share = max(0.0, min(float(self.value) / float(self.maximum), 1.0)) if self.maximum else 0.0
        parts = [arc(1, TRACK), text(self.text, "0", 2, anchor="middle", paint=INK, bold=True)]
        if share:
            parts.append(arc(share, paint(0, self.tone)))
        # Lengths here are pixels round a centre; a drawing of its own keeps them in the middle of any width.
        inner = element("svg", {"width": "100%", "height": 76, "viewBox": "-64 -64 128 76"}, "".join(parts))
        return document(title=self.title, description=self.description, height=76, parts=[inner])

    def legend(self) -> tuple[Key, ...]:
        return ()

    def table(self) -> Table:
        return Table((_("Name"), _("Figure")), ((self.title, self.text),))


def arc(share: float, colour: Paint) -> str:
    """The left part of the half circle, from a sliver to the whole."""
    angle = pi * (1 - share)
    x, y = RADIUS * cos(angle), -RADIUS * sin(angle)
    path = f"M{-RADIUS:g} 0A{RADIUS:g} {RADIUS:g} 0 0 1 {x:.2f} {y:.2f}"
    return element("path", {"d": path, "fill": "none", **colour.stroke(WIDTH)})
