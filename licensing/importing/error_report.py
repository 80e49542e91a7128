"""The error file: the lines that need attention, as they were, each with what is wrong; mend it and upload it again."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Protocol

from django.utils.translation import gettext as _

from licensing.importing.cells import Cell
from licensing.importing.mapping import ColumnMapping
from licensing.importing.neutralise import SafeCsvWriter, TextSink
from licensing.importing.sheets import Sheet

# Excel takes a CSV file for UTF-8 only with this mark; our own reader knows it.
BYTE_ORDER_MARK = "\ufeff"


class Explained(Protocol):
    """What the report needs of a finding, fresh or read back from a stored batch."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def words(self) -> str: ...


def write_error_report(
    sheet: Sheet,
    mapping: ColumnMapping,
    findings: Iterable[Explained],
    sink: TextSink,
    *,
    without: Collection[str] = (),
) -> int:
    """Writes the header and every row that has findings, with three columns behind: line, rules, what is wrong.

    `findings` come in the order of lines. Returns the number of rows written. Only mapped columns are written, as the
    others may hold keys or what else nobody asked for; columns of the fields `without` are left out as well. Cells are
    neutralised; the importer takes the marks off again.
    """
    columns = sorted(index for field, index in mapping.columns.items() if field not in without)
    sink.write(BYTE_ORDER_MARK)
    writer = SafeCsvWriter(sink, delimiter=sheet.facts.delimiter or ";")
    writer.write([*(sheet.header[index] for index in columns), _("Line"), _("Rules"), _("What is wrong")])
    rows = 0
    for line, cells, group in _rows_with_findings(sheet, findings):
        rows += 1
        codes = " ".join(dict.fromkeys(finding.code for finding in group))
        kept = [cells[index] if index < len(cells) else "" for index in columns]
        writer.write([*kept, line, codes, " ".join(map(_sentence, group))])
    return rows


def _rows_with_findings(
    sheet: Sheet, findings: Iterable[Explained]
) -> Iterator[tuple[int, Sequence[Cell], list[Explained]]]:
    """Walks the file beside the findings, so that neither rests in memory."""
    records = sheet.rows()
    grouped = ((line, list(group)) for line, group in groupby(findings, key=attrgetter("line")))
    for line, group in grouped:
        record = next((record for record in records if record[0] == line), None)
        if record is not None:
            yield line, record[1], group


def _sentence(finding: Explained) -> str:
    if not finding.column:
        return finding.words
    said = {"column": finding.column, "value": finding.value, "words": finding.words}
    return _("%(column)s (“%(value)s”): %(words)s") % said
