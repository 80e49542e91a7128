"""Where the cells of a delimited text begin and end: a slow, plain reader for telling people where the trouble is.

The csv module reads the files; when it gives up it does not say in which cell. This reader does, and runs only then.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LINE_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Span:
    """One cell: `line` and `column` from 1, `start` and `end` as offsets in the text, `end` excluded.

    `closed` is false when its quotation mark never ends, `tidy` when text follows the closing mark.
    """

    line: int
    column: int
    start: int
    end: int
    closed: bool = True
    tidy: bool = True

    @property
    def sound(self) -> bool:
        return self.closed and self.tidy


def spans(text: str, delimiter: str) -> Iterator[Span]:
    """The cells of `text` in order."""
    stop = re.compile(rf"{re.escape(delimiter)}|\r\n|\r|\n")
    line, column, position = 1, 1, 0
    while position <= len(text):
        span = _span(text, delimiter, stop, Span(line, column, position, position))
        yield span
        line += len(LINE_BREAK.findall(text, span.start, span.end))
        mark = stop.match(text, span.end)
        if mark is None:
            return
        if mark[0] == delimiter:
            column += 1
        else:
            line, column = line + 1, 1
        position = mark.end()


def _span(text: str, delimiter: str, stop: re.Pattern[str], at: Span) -> Span:
    if text[at.start : at.start + 1] != '"':
        return _replace(at, _next_stop(text, stop, at.start))
    closing = _closing_quote(text, at.start + 1)
    if closing < 0:
        return Span(at.line, at.column, at.start, len(text), closed=False)
    end = _next_stop(text, stop, closing + 1)
    return Span(at.line, at.column, at.start, end, tidy=end == closing + 1)


def _replace(at: Span, end: int) -> Span:
    return Span(at.line, at.column, at.start, end)


def _next_stop(text: str, stop: re.Pattern[str], start: int) -> int:
    mark = stop.search(text, start)
    return len(text) if mark is None else mark.start()


def _closing_quote(text: str, start: int) -> int:
    """The offset of the quotation mark that ends the cell, -1 if none does; a doubled mark is part of the text."""
    position = text.find('"', start)
    while position >= 0 and text[position + 1 : position + 2] == '"':
        position = text.find('"', position + 2)
    return position
