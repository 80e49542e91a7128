"""Reading cells column by column: the inner loop of every import.

Columns hold few different texts, so each text is read once and then looked up. Whole blocks of rows are turned on their
side for that, because a look-up inside `map` costs a fifth of one in a loop (docs/performance.md, P14).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from licensing.importing.cells import Cell
from licensing.importing.conventions import UNDECIDED, Convention
from licensing.importing.fields import Field, Presence, RowForm
from licensing.importing.findings import REQUIRED, Finding, Problem, Severity, shown
from licensing.importing.mapping import ColumnMapping
from licensing.importing.values import TextReader

# A column with more different texts than this (people, invoices) is read, not remembered.
REMEMBERED = 5_000


class ColumnReader(dict[Cell, Any]):
    """One mapped field of one file. As a dictionary it gives a cell's value, read on first sight."""

    def __init__(self, *, index: int, field: Field, heading: str, convention: Convention) -> None:
        super().__init__()
        self.index = index
        self.field = field
        self.heading = heading
        self._convention = convention
        self._needed = field.presence is Presence.CELL
        self._remembers = True
        # By class and cell, as 1, 1.0 and True are one key.
        self._problems: dict[tuple[type, Cell], Problem] = {}

    def __missing__(self, cell: Cell) -> Any:
        value, problem = self.field.read(cell, self._convention)
        if self._needed and value is None and not _is_error(problem):
            problem = Problem(REQUIRED)
        if problem is not None:
            self._problems[cell.__class__, cell] = problem
        if self._remembers and isinstance(cell, str):
            self[cell] = value
        return value

    def read(self, cells: Sequence[Cell]) -> Sequence[Any]:
        """The values of a block of cells; None where a cell is empty or cannot be read."""
        self._problems = {key: problem for key, problem in self._problems.items() if key[1] in self}
        if len(self) > REMEMBERED:
            self.clear()
            self._remembers = False
        if not self._remembers and isinstance(self.field.read, TextReader) and self.field.read.takes_as_written(cells):
            return cells
        return list(map(self.__getitem__, cells))

    def findings(self, lines: Sequence[int], cells: Sequence[Cell]) -> Iterator[tuple[int, Finding]]:
        """What is wrong in the block that `read` was just asked for, with the position in the block."""
        if not self._problems:
            return
        for position, cell in enumerate(cells):
            problem = self._problems.get((cell.__class__, cell))
            if problem is not None:
                yield position, self._finding(lines[position], cell, problem)

    def _finding(self, line: int, cell: Cell, problem: Problem) -> Finding:
        return Finding(line, self.field.name, self.heading, shown(cell), problem.rule, problem.details)


def column_readers(
    form: RowForm[Any], mapping: ColumnMapping, conventions: Mapping[str, Convention]
) -> list[ColumnReader | None]:
    """A reader for each field of the form in its order, None for fields without a column."""
    return [
        ColumnReader(
            index=mapping.columns[field.name],
            field=field,
            heading=mapping.heading(field.name),
            convention=conventions.get(field.name, UNDECIDED),
        )
        if field.name in mapping.columns
        else None
        for field in form.fields
    ]


def _is_error(problem: Problem | None) -> bool:
    return problem is not None and problem.rule.severity is Severity.ERROR
