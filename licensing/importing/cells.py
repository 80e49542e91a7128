"""What a cell and a record of a table are, whatever file they come from."""

from collections.abc import Sequence
from datetime import date

from licensing.importing import refusals
from licensing.importing.limits import CELL_CHARACTERS, COLUMNS

# Text from CSV; XLSX also knows numbers, truth values and dates (datetime is a date).
Cell = str | int | float | date


# One record of a file: the line (or worksheet row) at which it begins, counted from 1, and its cells. A plain tuple,
# because files have hundreds of thousands.
Record = tuple[int, Sequence[Cell]]


def refuse_large(line: int, cells: Sequence[Cell]) -> None:
    """Refuses a record with too many columns (empty ones at its end do not count) or with a cell over the limit."""
    if len(cells) > COLUMNS and any(cells[COLUMNS:]):
        raise refusals.too_many_columns(line=line, columns=len(cells), limit=COLUMNS)
    for column, cell in enumerate(cells, start=1):
        if isinstance(cell, str) and len(cell) > CELL_CHARACTERS:
            raise refusals.cell_too_large(line=line, column=column, limit=CELL_CHARACTERS)
