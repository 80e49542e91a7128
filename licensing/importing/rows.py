"""From a sheet to parsed rows: one frozen row or its errors for each line, as a stream."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from itertools import islice, repeat
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from licensing.importing.cells import Cell, Record
from licensing.importing.columns import column_readers
from licensing.importing.fields import RowForm
from licensing.importing.findings import ROW_TOO_LONG, Finding, Problem, shown
from licensing.importing.inference import Lessons
from licensing.importing.mapping import ColumnMapping, require_complete
from licensing.importing.sheets import Sheet

R = TypeVar("R")

# Rows read at a time: enough to make columns worth turning, few enough to show progress.
BLOCK = 500


class ParsedRow(NamedTuple, Generic[R]):
    """One line of the file, with its own `cells` in the order of the header.

    `row` is None when an error keeps the line out, or when `duplicate_of` names an earlier line about the same thing.
    """

    line: int
    row: R | None
    cells: Sequence[Cell]
    findings: tuple[Finding, ...] = ()
    duplicate_of: int | None = None

    def texts(self, mapping: ColumnMapping) -> dict[str, str]:
        """What the line says in its mapped columns, field to text, for storing beside the outcome; empty ones not."""
        said = {field: shown(self.cells[index]) for field, index in mapping.columns.items()}
        return {field: text for field, text in said.items() if text}


def read_rows(sheet: Sheet, form: RowForm[R], mapping: ColumnMapping, lessons: Lessons) -> Iterator[ParsedRow[R]]:
    """Streams the rows in the order of the file. Refuses an incomplete mapping before the first row.

    Cells are read one by one; only a row whose cells can all be read is then checked across its cells.
    """
    require_complete(mapping, form)
    return _RowReader(form, mapping, lessons).rows(sheet)


class _RowReader(Generic[R]):
    def __init__(self, form: RowForm[R], mapping: ColumnMapping, lessons: Lessons) -> None:
        self._form = form
        self._mapping = mapping
        self._width = len(mapping.header)
        self._columns = column_readers(form, mapping, lessons.conventions)
        # Which line spoke of it first, and a hash of what that line said. Identities rest as digests: the texts of
        # 200,000 rows would cost memory, and the time to walk through it.
        self._first_lines: dict[bytes, int] = {}
        self._contents: dict[int, int] = {}
        self._statement = itemgetter(*(_position(form, name) for name in form.statement))

    def rows(self, sheet: Sheet) -> Iterator[ParsedRow[R]]:
        records = sheet.rows()
        while block := list(islice(records, BLOCK)):
            yield from self._block(block)

    def _block(self, block: list[Record]) -> Iterator[ParsedRow[R]]:
        findings: defaultdict[int, list[Finding]] = defaultdict(list)
        lines = [line for line, _cells in block]
        records = [self._fitted(position, record, findings) for position, record in enumerate(block)]
        columns = list(zip(*records, strict=True))
        fields: list[Any] = []
        for column in self._columns:
            if column is None:
                fields.append(repeat(None, len(block)))
                continue
            fields.append(column.read(columns[column.index]))
            for position, finding in column.findings(lines, columns[column.index]):
                findings[position].append(finding)
        for position, values in enumerate(zip(*fields, strict=True)):
            yield self._parsed(lines[position], records[position], values, findings.get(position, ()))

    def _fitted(self, position: int, record: Record, findings: dict[int, list[Finding]]) -> Sequence[Cell]:
        """As many cells as headings. Missing ones at the end are empty; text beyond the last heading is an error."""
        line, cells = record
        missing = self._width - len(cells)
        if missing == 0:
            return cells
        if missing > 0:
            return [*cells, *[""] * missing]
        beyond = " ".join(str(cell) for cell in cells[self._width :]).strip()
        if beyond:
            details = {"cells": len(cells), "columns": self._width}
            findings[position].append(Finding(line, "", "", shown(beyond), ROW_TOO_LONG, details))
        return cells[: self._width]

    def _parsed(
        self, line: int, cells: Sequence[Cell], values: tuple[Any, ...], found: Sequence[Finding]
    ) -> ParsedRow[R]:
        settled = list(values)
        if not found or not any(finding.is_error for finding in found):
            across = self._form.settle(settled)
            if across:
                found = [*found, *(self._placed(line, cells, name, problem) for name, problem in across)]
        if found and any(finding.is_error for finding in found):
            return ParsedRow(line, None, cells, tuple(found))
        row = self._form.row_type(*settled)
        first_line = self._first_lines.setdefault(_digest(self._form.identity(row)), line)
        self._contents[line] = hash(self._statement(settled))
        if first_line == line:
            return ParsedRow(line, row, cells, tuple(found))
        says_the_same = self._contents[line] == self._contents[first_line]
        rule = self._form.repeated if says_the_same else self._form.contradicted
        return ParsedRow(line, None, cells, (*found, Finding(line, "", "", "", rule, {"line": first_line})), first_line)

    def _placed(self, line: int, cells: Sequence[Cell], name: str, problem: Problem) -> Finding:
        index = self._mapping.columns.get(name)
        if index is None:
            return Finding(line, name, str(self._form.field(name).label), "", problem.rule, problem.details)
        heading = self._mapping.heading(name)
        return Finding(line, name, heading, shown(cells[index]), problem.rule, problem.details)


def _position(form: RowForm[Any], name: str) -> int:
    return form.fields.index(form.field(name))


def _digest(identity: tuple[str, ...]) -> bytes:
    return blake2b("\x1f".join(identity).encode(), digest_size=16).digest()
