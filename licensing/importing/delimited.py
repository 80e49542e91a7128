"""CSV and its relatives: encoding, delimiter and records of a text file, with the line of each record."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from licensing.importing import refusals
from licensing.importing.cells import Record, refuse_large
from licensing.importing.limits import CELL_CHARACTERS, COLUMNS
from licensing.importing.spans import LINE_BREAK, Span, spans

DELIMITERS = (";", ",", "\t", "|")
SAMPLE_BYTES = 64 * 1024
SAMPLE_RECORDS = 50
CHUNK = 1024 * 1024

ONE_BYTE_BREAKS = frozenset({"utf-8", "utf-8-sig", "windows-1252", "latin-1"})

# "sep=;" in the first line is Excel's way to name the delimiter.
SEPARATOR_LINE = re.compile(r'"?sep=(?P<delimiter>[;,|\t])"?[;,|\t]*(?:\r\n|\r|\n)', re.IGNORECASE)

# Longest first: the mark of UTF-32 begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class DelimitedText:
    """A text file whose encoding and delimiter are known and which holds no NUL.

    `guessed` is true when no byte order mark and no valid UTF-8 told the encoding: then it was read as Windows-1252.
    `skipped` lines stand before the first record ("sep=;"). `has_long_lines`: some line is longer than a cell may be.
    """

    data: bytes
    encoding: str
    guessed: bool
    delimiter: str
    skipped: int
    has_long_lines: bool

    def records(self) -> Iterator[Record]:
        """Streams the records from the start; call it again to read again. Refuses what cannot be split in cells."""
        with io.TextIOWrapper(io.BytesIO(self.data), encoding=self.encoding, newline="") as lines:
            for _line in islice(lines, self.skipped):
                pass
            reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
            first = line = self.skipped + 1
            try:
                for cells in reader:
                    following = first + reader.line_num
                    # A cell is no longer than its line unless it goes over several: measuring each costs a third more.
                    if len(cells) > COLUMNS or self.has_long_lines or following > line + 1:
                        refuse_large(line, cells)
                    yield line, cells
                    line = following
            except csv.Error as error:
                raise self._refusal(line, str(error)) from error

    def _refusal(self, line: int, reason: str) -> Exception:
        """Says in which cell the csv module gave up: a mark that never closes is the cause, a large cell its effect."""
        for span in spans(self.data.decode(self.encoding), self.delimiter):
            if not span.sound:
                return _quotes_unbalanced(span)
            if span.end - span.start > CELL_CHARACTERS:
                return refusals.cell_too_large(line=span.line, column=span.column, limit=CELL_CHARACTERS)
        return refusals.damaged(f"line {line}: {reason}")


def open_delimited(data: bytes) -> DelimitedText:
    """Recognises encoding and delimiter. Refuses unknown encodings and NUL characters."""
    encoding, guessed = _encoding_of(data)
    sample = codecs.getincrementaldecoder(encoding)(errors="replace").decode(data[:SAMPLE_BYTES])
    stated = SEPARATOR_LINE.match(sample)
    delimiter = stated["delimiter"] if stated else _delimiter_of(sample)
    # In UTF-16 a line break's byte is part of other characters too.
    long = encoding not in ONE_BYTE_BREAKS or max(map(len, io.BytesIO(data))) > CELL_CHARACTERS
    text = DelimitedText(data, encoding, guessed, delimiter, 1 if stated else 0, has_long_lines=long)
    _refuse_nul(text)
    return text


def _encoding_of(data: bytes) -> tuple[str, bool]:
    marked = next((encoding for mark, encoding in MARKS if data.startswith(mark)), None)
    if marked is not None:
        fault = _undecodable(data, marked)
        if fault is not None:
            raise _encoding_unknown(data, marked, fault)
        return marked, False
    if _undecodable(data, "utf-8") is None:
        return "utf-8", False
    fault = _undecodable(data, "windows-1252")
    if fault is not None and b"\0" not in data:
        raise _encoding_unknown(data, "windows-1252", fault)
    # Latin-1 decodes every byte: it serves only to find the place of the NUL that is about to be refused.
    return ("windows-1252", True) if fault is None else ("latin-1", True)


def _undecodable(data: bytes, encoding: str) -> int | None:
    """The offset of the first byte that is not of this encoding, in chunks so that no second copy is made."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for start in range(0, len(data) + 1, CHUNK):
        chunk = data[start : start + CHUNK]
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, final=start + CHUNK > len(data))
        except UnicodeDecodeError as error:
            return max(0, start - held + error.start)
    return None


def _encoding_unknown(data: bytes, encoding: str, offset: int) -> refusals.EncodingUnknown:
    before = data[:offset].decode(encoding, errors="replace")
    line = len(LINE_BREAK.findall(before)) + 1
    words = _(
        "Line %(line)d holds characters of an unknown encoding. Save the file as “CSV UTF-8” and upload it again."
    )
    return refusals.EncodingUnknown(words % {"line": line}, details={"line": line, "encoding": encoding})


def _delimiter_of(sample: str) -> str:
    """The delimiter under which most records are as wide as the first; comma when there is one column only."""
    return max(DELIMITERS, key=lambda delimiter: (_fit(sample, delimiter), delimiter == ","))


def _fit(sample: str, delimiter: str) -> int:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    widths: list[int] = []
    # The records before any trouble tell enough; the trouble itself is refused with its place when it is read.
    with suppress(csv.Error):
        widths.extend(len(cells) for cells in islice(filter(any, reader), SAMPLE_RECORDS))
    if not widths:
        return 0
    return (widths[0] - 1) * widths.count(widths[0])


def _refuse_nul(text: DelimitedText) -> None:
    if text.encoding in ("utf-16", "utf-32"):
        if "\0" not in text.data.decode(text.encoding):
            return
    elif b"\0" not in text.data:
        return
    decoded = text.data.decode(text.encoding)
    span = _span_at(decoded, text.delimiter, decoded.index("\0"))
    words = _(
        "Line %(line)d, column %(column)d holds a NUL character, which no table contains. "
        "The file is not a text file, or is UTF-16 without its mark: save it as “CSV UTF-8” and upload it again."
    )
    place: dict[str, int] = {"line": span.line, "column": span.column}
    raise refusals.NulByte(words % place, details={**place})


def _span_at(text: str, delimiter: str, offset: int) -> Span:
    last = Span(1, 1, 0, 0)
    for span in spans(text, delimiter):
        if span.start > offset:
            break
        last = span
    return last


def _quotes_unbalanced(span: Span) -> refusals.QuotesUnbalanced:
    place: dict[str, int] = {"line": span.line, "column": span.column}
    words = (
        _("The quotation mark that opens line %(line)d, column %(column)d is never closed. Add or remove one.")
        if not span.closed
        else _(
            "In line %(line)d, column %(column)d text follows the closing quotation mark. Double marks inside a text."
        )
    )
    return refusals.QuotesUnbalanced(words % place, details={**place})
