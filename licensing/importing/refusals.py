"""Refusals of a whole file: it cannot be read, or not safely. Nothing of it was imported.

Each says where the trouble is, as far as it has a place (`details`: line, column, heading), and what to do.
"""

from django.utils.translation import gettext as _

from kernel.errors import InvalidInput


class FileTooLarge(InvalidInput):
    """The file is larger than an import may be."""

    code = "IMPORT_FILE_TOO_LARGE"
    status = 413


class FileEmpty(InvalidInput):
    """The file holds nothing."""

    code = "IMPORT_FILE_EMPTY"


class HeaderOnly(InvalidInput):
    """The file has headings and no row below them."""

    code = "IMPORT_HEADER_ONLY"


class FormatUnknown(InvalidInput):
    """The file is neither CSV nor XLSX."""

    code = "IMPORT_FORMAT_UNKNOWN"


class Encrypted(InvalidInput):
    """The workbook is protected by a password and cannot be read."""

    code = "IMPORT_ENCRYPTED"


class Damaged(InvalidInput):
    """The workbook is damaged and cannot be opened."""

    code = "IMPORT_DAMAGED"


class ArchiveSuspicious(InvalidInput):
    """An XLSX file that unpacks to far more than a spreadsheet, or that carries XML definitions (entity bombs)."""

    code = "IMPORT_ARCHIVE_SUSPICIOUS"


class EncodingUnknown(InvalidInput):
    """The bytes are text in none of the encodings that spreadsheets write."""

    code = "IMPORT_ENCODING_UNKNOWN"


class NulByte(InvalidInput):
    """The text contains a NUL byte, which no spreadsheet writes."""

    code = "IMPORT_NUL_BYTE"


class QuotesUnbalanced(InvalidInput):
    """A quotation mark was opened and never closed, so that rows run into each other."""

    code = "IMPORT_QUOTES_UNBALANCED"


class CellTooLarge(InvalidInput):
    """One cell is larger than any value can be."""

    code = "IMPORT_CELL_TOO_LARGE"


class TooManyColumns(InvalidInput):
    """The file has more columns than an import can map."""

    code = "IMPORT_TOO_MANY_COLUMNS"


class TooManyRows(InvalidInput):
    """The file has more rows than one import may have."""

    code = "IMPORT_TOO_MANY_ROWS"


class WorksheetUnknown(InvalidInput):
    """The workbook has no worksheet of that name."""

    code = "IMPORT_WORKSHEET_UNKNOWN"


class ColumnsMissing(InvalidInput):
    """Columns that this kind of import needs are missing."""

    code = "IMPORT_COLUMNS_MISSING"


class MappingInvalid(InvalidInput):
    """The mapping names a column or a field that is not there."""

    code = "IMPORT_MAPPING_INVALID"


def damaged(reason: str = "") -> Damaged:
    """For whatever a spreadsheet library stumbles over; `reason` is for programs and logs, not for people."""
    return Damaged(
        _("The file is damaged or was not saved completely. Open it in your spreadsheet program and save it again."),
        details={"reason": reason} if reason else {},
    )


def cell_too_large(*, line: int, column: int, limit: int, heading: str = "") -> CellTooLarge:
    """`line` and `column` count from 1."""
    words = _("The cell in line %(line)d, column %(column)d holds more than %(limit)d characters. Shorten or empty it.")
    place: dict[str, int | str] = {"line": line, "column": column, "limit": limit}
    return CellTooLarge(words % place, details={**place, "heading": heading})


def too_many_columns(*, line: int, columns: int, limit: int) -> TooManyColumns:
    words = _("Line %(line)d has %(columns)d columns; at most %(limit)d are read. Delete those that are not needed.")
    place: dict[str, int] = {"line": line, "columns": columns, "limit": limit}
    return TooManyColumns(words % place, details={**place})


def too_many_rows(*, line: int, limit: int) -> TooManyRows:
    words = _("The file goes on after %(limit)d rows (line %(line)d). Split it and upload the parts one by one.")
    place: dict[str, int] = {"line": line, "limit": limit}
    return TooManyRows(words % place, details={**place})
