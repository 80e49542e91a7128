"""XLSX: the records of one worksheet, after the archive was found to be what a spreadsheet program writes."""

import io
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from xml.parsers import expat  # used to refuse document type definitions before anything expands them

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from kernel.errors import InvalidInput
from licensing.importing import limits, refusals
from licensing.importing.cells import Cell, Record, refuse_large

ZIP_SIGNATURE = b"PK\x03\x04"
OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# An encrypted XLSX file is an OLE container with a stream of this name; an old XLS file is one without it.
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
PROLOG_CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Worksheet:
    """One worksheet of an open workbook. `others` are the visible worksheets that are not read.

    `epoch` is day 0 of the workbook's day numbers.
    """

    workbook: Workbook
    name: str
    others: tuple[str, ...]

    @property
    def epoch(self) -> date:
        return self.workbook.epoch.date()

    def records(self) -> Iterator[Record]:
        """Streams the rows from the top; call it again to read again. `line` is the row number of the worksheet."""
        worksheet = self.workbook[self.name]
        if isinstance(worksheet, ReadOnlyWorksheet):
            # The size that the file states may be wrong, and a stated width would pad every row.
            worksheet.reset_dimensions()
        rows = _unfailing(worksheet.iter_rows(values_only=True))
        for line, values in enumerate(rows, start=1):
            if line > limits.WORKSHEET_ROWS:
                raise refusals.too_many_rows(line=line, limit=limits.ROWS)
            cells = _cells(values)
            refuse_large(line, cells)
            yield line, cells


def open_worksheet(data: bytes, *, name: str = "") -> Worksheet:
    """The worksheet called `name`, or the first visible one. Refuses encrypted, damaged and hostile archives."""
    _refuse_unsafe(data)
    workbook = _load(data)
    visible = tuple(sheet.title for sheet in workbook.worksheets if sheet.sheet_state == "visible")
    chosen = name or next(iter(visible), "")
    if chosen not in visible:
        words = _("The file has no visible worksheet “%(name)s”. It has: %(names)s.")
        raise refusals.WorksheetUnknown(
            words % {"name": chosen, "names": ", ".join(visible)}, details={"worksheet": chosen, "seen": list(visible)}
        )
    return Worksheet(workbook, chosen, tuple(title for title in visible if title != chosen))


def refuse_compound_file(data: bytes) -> None:
    """Tells an encrypted XLSX file from an old XLS file; neither can be read."""
    if ENCRYPTED_STREAM in data:
        raise refusals.Encrypted(_("The file is protected by a password. Save a copy without one and upload that."))
    raise refusals.FormatUnknown(_("This is an old Excel file (.xls). Save it as .xlsx or CSV and upload it again."))


def _load(data: bytes) -> Workbook:
    try:
        with warnings.catch_warnings():
            # openpyxl warns about styles and extensions that it drops; none of them holds a value.
            warnings.simplefilter("ignore")
            return load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
    except Exception as error:
        # openpyxl names no base class for what a broken file makes it raise (KeyError, ParseError, ValueError, …).
        raise refusals.damaged(repr(error)) from error


def _unfailing(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    while True:
        try:
            values = next(rows)
        except StopIteration:
            return
        except Exception as error:
            raise refusals.damaged(repr(error)) from error
        yield values


def _cells(values: tuple[Any, ...]) -> list[Cell]:
    width = len(values)
    while width and values[width - 1] is None:
        width -= 1
    return [_cell(value) for value in values[:width]]


def _cell(value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date() if value.time() == time.min else value
    if isinstance(value, (str, bool, int, float, date)):
        return value
    if isinstance(value, ArrayFormula):
        return str(value.text)
    if isinstance(value, DataTableFormula):
        return "={TABLE}"
    return str(value)


def _refuse_unsafe(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            _refuse_foreign(parts)
            _refuse_sizes(parts)
            for part in parts:
                if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                    _refuse_definitions(archive, part)
    except InvalidInput:
        raise
    except Exception as error:
        # Besides BadZipFile: zlib.error, EOFError, RuntimeError, NotImplementedError, UnicodeDecodeError, …
        raise refusals.damaged(repr(error)) from error


def _refuse_foreign(parts: list[zipfile.ZipInfo]) -> None:
    if any(part.flag_bits & 1 for part in parts):
        raise refusals.Encrypted(_("The archive is protected by a password. Save a copy without one and upload that."))
    if not any(part.filename.lower() == "xl/workbook.xml" for part in parts):
        raise refusals.FormatUnknown(_("This archive is not an Excel workbook. Upload a file of type .xlsx or .csv."))


def _refuse_sizes(parts: list[zipfile.ZipInfo]) -> None:
    """Sizes are those of the archive's directory; zipfile reads no further than they say, so they cannot lie low."""
    suspicious = len(parts) > limits.ARCHIVE_PARTS or sum(part.file_size for part in parts) > limits.ARCHIVE_BYTES
    if suspicious or any(part.file_size > _room_for(part.filename.lower()) for part in parts):
        raise refusals.ArchiveSuspicious(
            _("The file unpacks to far more than a table needs. Copy the values to a new workbook and upload that.")
        )


def _room_for(filename: str) -> int:
    if filename.startswith("xl/worksheets/sheet"):
        return limits.ARCHIVE_BYTES
    if filename.startswith("xl/sharedstrings"):
        return limits.SHARED_STRINGS_BYTES
    if filename.startswith(("xl/media/", "xl/embeddings/", "xl/printersettings/", "docprops/", "customxml/")):
        # Never opened by us.
        return limits.ARCHIVE_BYTES
    return limits.SMALL_PART_BYTES


def _refuse_definitions(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """No spreadsheet program writes a document type; entity bombs need one. Reads up to the first element only."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_definition
    parser.StartElementHandler = _leave_prolog
    with archive.open(part) as stream, suppress(_PrologRead):
        while chunk := stream.read(PROLOG_CHUNK):
            parser.Parse(chunk)


class _PrologRead(Exception):
    """Stops the parser where the prolog of a part ends: what follows can define nothing."""


def _leave_prolog(*_element: Any) -> None:
    raise _PrologRead


def _refuse_definition(*_doctype: Any) -> None:
    raise refusals.ArchiveSuspicious(
        _("The file carries XML definitions that no spreadsheet program writes. Save it anew and upload that.")
    )
