"""What all charts are made of: elements, the document round them, their legend and their table."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol

from django.utils.html import escape
from django.utils.safestring import SafeString

from reporting.charts.palette import INK, TEXT, Paint

Number = int | float | Decimal
Attribute = str | float

# "Inter Extended" is the second half of the font where one file cannot hold both (reporting's PDF).
FONT: Final = "Inter, 'Inter Extended', 'DejaVu Sans', sans-serif"
TEXT_SIZE: Final = 12


@dataclass(frozen=True)
class Key:
    """One line of a legend."""

    label: str
    paint: Paint
    line: bool = False


@dataclass(frozen=True)
class Table:
    """The same facts as the drawing, for readers who do not see it, each figure written as the drawing writes it."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Chart(Protocol):
    """A drawing with a title that names it and a description that says what it shows."""

    @property
    def title(self) -> str: ...
    @property
    def description(self) -> str: ...
    def draw(self) -> SafeString:
        """The SVG element alone."""

    def legend(self) -> tuple[Key, ...]:
        """Empty where the drawing explains itself."""

    def table(self) -> Table:
        """The facts behind the drawing."""


def element(name: str, attributes: dict[str, Attribute], content: str = "") -> str:
    """One element; attribute values are escaped, `content` is markup already."""
    written = "".join(f' {key}="{escape(_written(value))}"' for key, value in attributes.items())
    return f"<{name}{written}>{content}</{name}>"


def text(content: str, x: str, y: float, *, anchor: str = "start", paint: Paint = TEXT, bold: bool = False) -> str:
    """A line of text on the base line `y`."""
    attributes: dict[str, Attribute] = {"x": x, "y": y, "font-size": TEXT_SIZE, **paint.fill()}
    if anchor != "start":
        attributes["text-anchor"] = anchor
    if bold:
        attributes["font-weight"] = 600
    return element("text", attributes, str(escape(content)))


def heading(label: str, figure: str, y: float) -> str:
    """What stands above a bar: its name on the left, its figure on the right."""
    return text(label, "0", y, paint=INK) + text(figure, "100%", y, anchor="end")


def percent(share: float) -> str:
    """A horizontal place or width as a percentage of the drawing."""
    return f"{_written(share * 100)}%"


def document(*, title: str, description: str, height: float, parts: list[str]) -> SafeString:
    """The whole drawing: as wide as its place, `height` pixels high. Read as one picture by screen readers."""
    words = element("title", {}, str(escape(title)))
    if description:
        words += element("desc", {}, str(escape(description)))
    attributes: dict[str, Attribute] = {
        "xmlns": "http://www.w3.org/2000/svg",
        "role": "img",
        "width": "100%",
        "height": height,
        "font-family": FONT,
    }
    return SafeString(element("svg", attributes, words + "".join(parts)))  # every part was escaped on its way in


def _written(value: Attribute) -> str:
    """Numbers with at most two decimals and none that say nothing: the same drawing is the same bytes everywhere."""
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")
