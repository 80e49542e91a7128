"""What the tests of the importer share: small files made on the spot."""

import io
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from openpyxl import Workbook

from licensing.importing.fields import RowForm
from licensing.importing.inference import learn
from licensing.importing.mapping import guess
from licensing.importing.rows import ParsedRow, read_rows
from licensing.importing.sheets import open_sheet

R = TypeVar("R")

RIGHT = {
    "Publisher": "Brightfold",
    "Product": "Brightfold Diagram",
    "Metric": "Named User",
    "Quantity": "25",
    "Licence model": "subscription",
    "Start": "2026-01-01",
    "End": "2026-12-31",
}
SEAT = {"Product": "Brightfold Diagram", "User name": "ingrid.solberg@halden.example"}


def csv_of(*rows: Sequence[str], delimiter: str = ",") -> bytes:
    """Cells are taken as they are: no quotes are added."""
    return "\n".join(delimiter.join(row) for row in rows).encode()


def csv_of_rights(*changes: Mapping[str, str], like: Mapping[str, str] = RIGHT) -> bytes:
    """A file with one row for each mapping, which changes or adds cells of `like`."""
    headings = list(dict.fromkeys([*like, *(heading for change in changes for heading in change)]))
    rows = [[{**like, **change}.get(heading, "") for heading in headings] for change in changes]
    return csv_of(headings, *rows, delimiter=";")


def xlsx_of(*rows: Sequence[Any], title: str = "Rights") -> bytes:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    return saved(workbook)


def saved(workbook: Workbook) -> bytes:
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def parsed(data: bytes, form: RowForm[R], **stated: Any) -> list[ParsedRow[R]]:
    """The whole way from bytes to rows, with the mapping that is guessed."""
    sheet = open_sheet(data)
    mapping = guess(sheet.header, form)
    return list(read_rows(sheet, form, mapping, learn(sheet, form, mapping, **stated)))


def codes(rows: Sequence[ParsedRow[Any]]) -> list[list[str]]:
    return [[finding.code for finding in row.findings] for row in rows]
