"""What a whole column tells about its ambiguous cells, learnt in one pass over the file before any row is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Literal

from django.utils.translation import gettext as _

from licensing.importing.cells import Cell
from licensing.importing.conventions import UNDECIDED, Convention, DateOrder, DecimalMark
from licensing.importing.dates import date_readings
from licensing.importing.fields import Learns, RowForm
from licensing.importing.mapping import ColumnMapping
from licensing.importing.numbers import number_readings
from licensing.importing.sheets import Sheet
from licensing.importing.texts import cleaned
from licensing.importing.values import price_amount

# Evidence lies in short texts; a column of a hundred thousand different ones is not remembered whole.
LONGEST_EVIDENCE = 60
REMEMBERED = 20_000
BLOCK = 500

Source = Literal["column", "file", "stated"]


@dataclass(frozen=True, slots=True)
class Lesson:
    """How one column is read, and why: its own cells, the other columns of the file, or a person's word.

    `needed`: it has cells that can be read in two ways. `mixed`: its cells contradict each other, so that those stay
    errors.
    """

    heading: str
    convention: Convention
    source: Source
    needed: bool
    mixed: bool = False

    def sentence(self) -> str:
        """What a person should know; "" when nothing had to be decided."""
        if not self.needed:
            return ""
        if self.mixed:
            return _("Column “%(heading)s” mixes two ways of writing; ambiguous cells are errors.") % {
                "heading": self.heading
            }
        if self.convention == UNDECIDED:
            return ""
        return f"{self._meaning()} {self._reason()}"

    def _meaning(self) -> str:
        words = {
            ",": _("Column “%(heading)s”: the comma is the decimal mark (1.234,56)."),
            ".": _("Column “%(heading)s”: the point is the decimal mark (1,234.56)."),
            "dmy": _("Column “%(heading)s”: the day comes before the month (31/12/2026)."),
            "mdy": _("Column “%(heading)s”: the month comes before the day (12/31/2026)."),
        }
        return words[self.convention.decimal or self.convention.order or ""] % {"heading": self.heading}

    def _reason(self) -> str:
        reasons = {
            "column": _("Its own cells show it."),
            "file": _("Other columns of the file show it."),
            "stated": _("You said so."),
        }
        return reasons[self.source]


@dataclass(frozen=True, slots=True)
class Lessons:
    """What one pass over the file taught; `rows` is the number of rows with content."""

    rows: int
    conventions: Mapping[str, Convention]
    lessons: tuple[Lesson, ...]

    def sentences(self) -> list[str]:
        return [sentence for lesson in self.lessons if (sentence := lesson.sentence())]


def learn(
    sheet: Sheet,
    form: RowForm[Any],
    mapping: ColumnMapping,
    *,
    decimal: DecimalMark | None = None,
    order: DateOrder | None = None,
) -> Lessons:
    """Reads the whole file once, so that every refusal of a broken file comes before the first row is planned.

    `decimal` and `order` are a person's word; it decides ambiguous cells of every column.
    """
    columns = [
        _Column(mapping.columns[each.name], each.name, mapping.heading(each.name), each.learns)
        for each in form.fields
        if each.learns is not Learns.NOTHING and each.name in mapping.columns
    ]
    rows = 0
    records = sheet.rows()
    while block := [cells for _line, cells in islice(records, BLOCK)]:
        rows += len(block)
        for column in columns:
            column.notice({cells[column.index] for cells in block if column.index < len(cells)})
    stated = {Learns.DECIMAL: Convention(decimal=decimal), Learns.ORDER: Convention(order=order)}
    lessons = [_lesson(column, columns, stated) for column in columns]
    conventions = {
        column.name: replace(lesson.convention, epoch=sheet.facts.epoch)
        for column, lesson in zip(columns, lessons, strict=True)
    }
    return Lessons(rows, conventions, tuple(lessons))


@dataclass(slots=True)
class _Column:
    index: int
    name: str
    heading: str
    learns: Learns
    seen: set[Cell] = field(default_factory=set)
    evidence: set[Convention] = field(default_factory=set)
    needed: bool = False

    def notice(self, cells: set[Cell]) -> None:
        new = cells - self.seen
        if len(self.seen) >= REMEMBERED:
            self.seen.clear()
        self.seen |= new
        for cell in new:
            if isinstance(cell, str) and len(cell) <= LONGEST_EVIDENCE:
                convention, ambiguous = EVIDENCE[self.learns](cell)
                self.needed = self.needed or ambiguous
                self.evidence |= {convention} - {UNDECIDED}


def _decimal_of(cell: str) -> tuple[Convention, bool]:
    """What the cell proves, and whether it can be read in two ways."""
    readings = number_readings(price_amount(cell))
    proven = next(iter(readings)) if len(readings) == 1 else None
    return Convention(decimal=proven), len(set(readings.values())) > 1


def _order_of(cell: str) -> tuple[Convention, bool]:
    readings = date_readings(cleaned(cell))
    proven = next(iter(readings)) if len(readings) == 1 else None
    return Convention(order=proven), len(set(readings.values())) > 1


EVIDENCE: dict[Learns, Callable[[str], tuple[Convention, bool]]] = {
    Learns.DECIMAL: _decimal_of,
    Learns.ORDER: _order_of,
}


def _lesson(column: _Column, columns: list[_Column], stated: Mapping[Learns, Convention]) -> Lesson:
    word = stated[column.learns]
    if word != UNDECIDED:
        return Lesson(column.heading, word, "stated", column.needed)
    if len(column.evidence) > 1:
        return Lesson(column.heading, UNDECIDED, "column", column.needed, mixed=True)
    if column.evidence:
        return Lesson(column.heading, next(iter(column.evidence)), "column", column.needed)
    others = {convention for other in columns if other.learns is column.learns for convention in other.evidence}
    return Lesson(column.heading, others.pop() if len(others) == 1 else UNDECIDED, "file", column.needed)
