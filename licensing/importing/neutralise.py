"""Cells that a spreadsheet program would run as a formula: made harmless on the way out, restored on the way in.

A text that begins with =, +, -, @ (or a tab or line break before them) is executed when a CSV file is opened
(OWASP: CSV injection). A leading apostrophe stops that; XLSX files carry the type of a cell instead.
"""

import csv
from collections.abc import Iterable
from typing import Any, Protocol

from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell

# The full-width twins are folded to ASCII by some programs.
FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
APOSTROPHE = "'"


def is_formula(text: str) -> bool:
    """Whether a spreadsheet program may take `text` for a formula; white space before it does not protect."""
    return text.lstrip().startswith(FORMULA_STARTS) or text.startswith(("\t", "\r", "\n"))


def neutralised(text: str) -> str:
    """`text` as it may stand in a CSV file; `restored` gives back exactly the same text."""
    return APOSTROPHE + text if _needs_mark(text) else text


def restored(text: str) -> str:
    """The text that `neutralised` was given; a text that it would not have marked stays as it is."""
    return text[1:] if text.startswith(APOSTROPHE) and _needs_mark(text[1:]) else text


def _needs_mark(text: str) -> bool:
    return is_formula(text.lstrip(APOSTROPHE))


class TextSink(Protocol):
    def write(self, text: str, /) -> object: ...


class SafeCsvWriter:
    """Writes records for people's spreadsheet programs: texts neutralised, numbers and dates as they are.

    `delimiter` is a semicolon for programs set to German, else a comma.
    """

    def __init__(self, sink: TextSink, *, delimiter: str = ",") -> None:
        self._writer = csv.writer(sink, delimiter=delimiter, lineterminator="\r\n")

    def write(self, cells: Iterable[object]) -> None:
        self._writer.writerow([neutralised(cell) if isinstance(cell, str) else cell for cell in cells])


def text_cell(worksheet: Any, text: str) -> Cell:
    """A cell of a write-only XLSX worksheet that is text whatever it looks like, also after somebody edits it.

    Control characters, which XML cannot carry, are left out.
    """
    cell = WriteOnlyCell(worksheet, ILLEGAL_CHARACTERS_RE.sub("", text))
    cell.data_type = "s"
    if is_formula(text):
        cell.quotePrefix = True
    return cell
