"""Opening an upload as a table: what it is, how it was read, its header, and its rows as a stream."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import IO

from django.utils.translation import gettext as _

from licensing.importing import limits, refusals
from licensing.importing.cells import Record
from licensing.importing.conventions import EPOCH
from licensing.importing.delimited import open_delimited
from licensing.importing.workbook import OLE_SIGNATURE, ZIP_SIGNATURE, open_worksheet, refuse_compound_file

FOREIGN_SIGNATURES = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"{\\rtf")


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """How the file was read; `digest` is the SHA-256 of its bytes in hex. Fields that do not apply are empty.

    `encoding_guessed`: nothing in the file told the encoding, so Windows-1252 was assumed.
    """

    format: str
    size: int
    digest: str
    header_line: int
    encoding: str = ""
    encoding_guessed: bool = False
    delimiter: str = ""
    worksheet: str = ""
    other_worksheets: tuple[str, ...] = ()
    epoch: date = EPOCH

    def sentences(self) -> list[str]:
        """What a person should know about how the file was read."""
        said = []
        if self.encoding_guessed:
            said.append(_("Read as Windows-1252, as the file is not UTF-8. Look at letters like ä, ö and ø below."))
        if self.other_worksheets:
            words = _("Only the worksheet “%(name)s” is read; not: %(others)s.")
            said.append(words % {"name": self.worksheet, "others": ", ".join(self.other_worksheets)})
        return said


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a header and at least one row. `header` holds the headings as written, "" where there is none."""

    facts: SheetFacts
    header: tuple[str, ...]
    _records: Callable[[], Iterator[Record]]

    def rows(self) -> Iterator[Record]:
        """Streams the rows below the header, empty ones left out; each call reads from the start.

        Raises the refusals of this package at the place where a limit is passed or the file cannot be read on.
        """
        records = _filled(self._records())
        next(records)
        yield from islice(records, limits.ROWS)
        beyond = next(records, None)
        if beyond is not None:
            raise refusals.too_many_rows(line=beyond[0], limit=limits.ROWS)


def read_limited(stream: IO[bytes]) -> bytes:
    """The bytes of an upload, refused when there are more than `limits.FILE_BYTES`.

    From its beginning where that can be: a request that is tried again after a deadlock has read it before.
    """
    if stream.seekable():
        stream.seek(0)
    data = stream.read(limits.FILE_BYTES + 1)
    if len(data) > limits.FILE_BYTES:
        raise _file_too_large()
    return data


def open_sheet(data: bytes, *, worksheet: str = "") -> Sheet:
    """Recognises the format by content, not by name, and reads up to the first row.

    `worksheet` names the one to read in an XLSX file; empty: the first visible one.
    """
    if len(data) > limits.FILE_BYTES:
        raise _file_too_large()
    if not data.strip():
        raise _empty()
    if data.startswith(OLE_SIGNATURE):
        refuse_compound_file(data)
    if data.startswith(FOREIGN_SIGNATURES):
        raise refusals.FormatUnknown(_("This is not a table. Upload a file of type .csv or .xlsx."))
    return _workbook_sheet(data, worksheet) if data.startswith(ZIP_SIGNATURE) else _delimited_sheet(data)


def _delimited_sheet(data: bytes) -> Sheet:
    text = open_delimited(data)
    line, header = _header(text.records())
    facts = SheetFacts(
        "csv",
        len(data),
        hashlib.sha256(data).hexdigest(),
        line,
        encoding=text.encoding,
        encoding_guessed=text.guessed,
        delimiter=text.delimiter,
    )
    return Sheet(facts, header, text.records)


def _workbook_sheet(data: bytes, worksheet: str) -> Sheet:
    opened = open_worksheet(data, name=worksheet)
    line, header = _header(opened.records())
    facts = SheetFacts(
        "xlsx",
        len(data),
        hashlib.sha256(data).hexdigest(),
        line,
        worksheet=opened.name,
        other_worksheets=opened.others,
        epoch=opened.epoch,
    )
    return Sheet(facts, header, opened.records)


def _header(records: Iterator[Record]) -> tuple[int, tuple[str, ...]]:
    filled = _filled(records)
    first = next(filled, None)
    if first is None:
        raise _empty()
    line, cells = first
    if next(filled, None) is None:
        words = _("The file has a header (line %(line)d) but no row below it.")
        raise refusals.HeaderOnly(words % {"line": line}, details={"line": line})
    headings = [" ".join(str(cell).split()) for cell in cells]
    while headings and not headings[-1]:
        headings.pop()
    return line, tuple(headings)


def _filled(records: Iterator[Record]) -> Iterator[Record]:
    """Leaves out rows without content, such as those that spreadsheet programs write below a table."""
    return filter(_has_content, records)


def _has_content(record: Record) -> bool:
    for cell in record[1]:  # noqa: SIM110  # a plain loop: almost every row ends it at its first cell
        if not isinstance(cell, str) or (cell and not cell.isspace()):
            return True
    return False


def _empty() -> refusals.FileEmpty:
    return refusals.FileEmpty(_("The file is empty. Upload one with a header and at least one row."))


def _file_too_large() -> refusals.FileTooLarge:
    limit = limits.FILE_BYTES // (1024 * 1024)
    words = _("The file is larger than %(limit)d MB. Split it and upload the parts one by one.")
    return refusals.FileTooLarge(words % {"limit": limit}, details={"limit_bytes": limits.FILE_BYTES})
