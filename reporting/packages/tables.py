"""Printed tables: a choice of rows, as text that only has to be placed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from django.utils.translation import gettext as _

from reporting.packages.formatting import Formatter

# The report prints at most 1,000 rows in all; what is left out is in the CSV files. The shares follow what readers
# look at: where rights are missing, and the papers behind them.
PRINT_LIMITS: Final = {
    "inventory": 280,
    "positions": 160,
    "explanations": 140,
    "seat_history": 120,
    "violations": 80,
    "timelines": 60,
    "access_reviews": 40,
    "entitlements": 80,
    "imports": 25,
    "findings": 15,
}

Row = TypeVar("Row")
Align = Literal["text", "number", "date", "code"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its head; `width` is its share of the page in per cent."""

    head: str
    align: Align
    width: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: a main line and, smaller, a second one; `tone` is a class of report.css."""

    text: str
    sub: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A line under a row that says where a number comes from or what happened."""

    lead: str
    text: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One row with its notes."""

    cells: tuple[Cell, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """What stands on the page; `choice` says which rows these are and where the others are."""

    caption: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    choice: str
    lead: Align = "number"  # how the first part of a note is set

    @property
    def rows(self) -> tuple[tuple[tuple[tuple[Column, Cell], ...], tuple[Note, ...]], ...]:
        """Each row as ((column, cell) pairs, notes), which is what a template can walk through."""
        return tuple((tuple(zip(self.columns, line.cells, strict=True)), line.notes) for line in self.lines)


def chosen(rows: Sequence[Row], *, first: Callable[[Row], Any], limit: int) -> tuple[Row, ...]:
    """The `limit` rows with the smallest key `first`; rows with the same key keep their order."""
    return tuple(sorted(rows, key=first)[:limit])


def choice_sentence(form: Formatter, *, printed: int, total: int, order: str, listing: str) -> str:
    """Which rows are printed, in words, with the file that holds all of them."""
    words = {"printed": form.number(printed), "total": form.number(total), "order": order, "file": f"{listing}.csv"}
    if printed == total:
        return _("All %(total)s rows, %(order)s; the same rows as data: %(file)s.") % words
    return _("%(printed)s of %(total)s rows, %(order)s. All rows: %(file)s, attached to this document.") % words
