"""Reading CSV files: encodings, delimiters, line numbers, limits, and every way in which a file can be broken."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Refusal
from licensing.importing import limits, refusals
from licensing.importing.inference import learn
from licensing.importing.kinds import FORMS
from licensing.importing.mapping import guess
from licensing.importing.rows import read_rows
from licensing.importing.sheets import open_sheet, read_limited
from tests.licensing.importing import csv_of

GERMAN = "Größe;Straße\nüber;Øl\n"


@pytest.mark.parametrize(
    ("encoding", "seen", "guessed"),
    [
        ("utf-8", "utf-8", False),
        ("utf-8-sig", "utf-8-sig", False),
        ("utf-16", "utf-16", False),
        ("utf-32", "utf-32", False),
        ("windows-1252", "windows-1252", True),
    ],
)
def test_encodings_are_recognised(encoding, seen, guessed):
    """UTF-8 with and without mark, UTF-16 and UTF-32 with mark, else Windows-1252, which the result states."""
    sheet = open_sheet(GERMAN.encode(encoding))
    assert sheet.header == ("Größe", "Straße")
    assert list(sheet.rows()) == [(2, ["über", "Øl"])]
    assert (sheet.facts.encoding, sheet.facts.encoding_guessed) == (seen, guessed)
    assert bool(sheet.facts.sentences()) is guessed


def test_utf_16_of_the_other_byte_order():
    """The mark decides the byte order, not the machine."""
    sheet = open_sheet(b"\xfe\xff" + GERMAN.encode("utf-16-be"))
    assert sheet.header == ("Größe", "Straße")


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_delimiters_are_recognised(delimiter):
    """The delimiter is the one under which rows are as wide as the header, whatever stands inside the cells."""
    inner = ";" if delimiter == "," else ","
    sheet = open_sheet(csv_of(["Name", "Price"], [f"a{inner}b", f"1{inner}5"], ["c", "2"], delimiter=delimiter))
    assert sheet.facts.delimiter == delimiter
    assert [cells for _, cells in sheet.rows()] == [[f"a{inner}b", f"1{inner}5"], ["c", "2"]]


def test_excel_may_name_the_delimiter():
    """A first line "sep=;" is obeyed, and lines still count from the top of the file."""
    sheet = open_sheet(b"sep=;\r\nName;Note\r\nx;a,b,c,d\r\n")
    assert (sheet.header, sheet.facts.header_line) == (("Name", "Note"), 2)
    assert list(sheet.rows()) == [(3, ["x", "a,b,c,d"])]


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_lines_count_as_an_editor_does(line_break):
    """Line breaks inside quotes and empty rows count; empty rows are left out."""
    text = f'A,B{line_break}1,"two{line_break}lines"{line_break}{line_break},{line_break} , {line_break}2,x{line_break}'
    rows = list(open_sheet(text.encode()).rows())
    assert rows == [(2, ["1", f"two{line_break}lines"]), (7, ["2", "x"])]


def test_a_header_is_trimmed():
    """Line breaks and spaces in headings become single spaces; nameless columns at the end are dropped."""
    sheet = open_sheet(b'  Unit   price ,"Licence\nmodel",,\n1,2\n')
    assert sheet.header == ("Unit price", "Licence model")
    assert sheet.facts.header_line == 1


def test_rows_can_be_read_again():
    """Each call of rows() starts at the top: the pass that learns does not use the file up."""
    sheet = open_sheet(b"A\n1\n2\n")
    assert list(sheet.rows()) == list(sheet.rows())


def test_the_digest_is_of_the_bytes():
    """SHA-256 in hex, by which the same file is known again."""
    assert open_sheet(b"A\n1\n").facts.digest == "8ebbd9fe688c1e5442da8aaf95b3ebd6d850c60f8ef42a69a3a4b82f4df064e6"


REFUSED = [
    (b"", "IMPORT_FILE_EMPTY", {}),
    (b" \n\t\n ", "IMPORT_FILE_EMPTY", {}),
    (b"\xef\xbb\xbf", "IMPORT_FILE_EMPTY", {}),
    (b"\n\nA,B\n,\n", "IMPORT_HEADER_ONLY", {"line": 3}),
    (b"A,B\n1,x\n2,a\0b\n", "IMPORT_NUL_BYTE", {"line": 3, "column": 2}),
    (b"A,B\n\x81\0,x\n", "IMPORT_NUL_BYTE", {"line": 2, "column": 1}),
    ("A,B\n1,ä\0".encode("utf-16"), "IMPORT_NUL_BYTE", {"line": 2, "column": 2}),
    (GERMAN.encode("utf-16-le"), "IMPORT_NUL_BYTE", {"line": 1, "column": 1}),
    (b"A,B\n1,x\n\x81,x\n", "IMPORT_ENCODING_UNKNOWN", {"line": 3, "encoding": "windows-1252"}),
    (b"\xff\xfeA\0\n\0\x00\xd8", "IMPORT_ENCODING_UNKNOWN", {"line": 2, "encoding": "utf-16"}),
    (b'A,B\n1,x\n2,"never closed\n3,y\n', "IMPORT_QUOTES_UNBALANCED", {"line": 3, "column": 2}),
    (b'A,B\n1,"x" y\n', "IMPORT_QUOTES_UNBALANCED", {"line": 2, "column": 2}),
    (b"A,B\n1," + b"x" * 32_769, "IMPORT_CELL_TOO_LARGE", {"line": 2, "column": 2, "limit": 32_768, "heading": ""}),
    (b'A,B\n1,x\n"' + b"x\n" * 20_000 + b'",y\n', "IMPORT_CELL_TOO_LARGE", {"line": 3, "column": 1}),
    (b"A,B\n1," + b"x" * 10_000_000 + b"\n", "IMPORT_CELL_TOO_LARGE", {"line": 2, "column": 2}),
    (b'A,B\n1,"' + b"x,\n" * 100_000, "IMPORT_QUOTES_UNBALANCED", {"line": 2, "column": 2}),
    (b"A,B\n1,x" + b",y" * 200 + b"\n", "IMPORT_TOO_MANY_COLUMNS", {"line": 2, "columns": 202, "limit": 200}),
    (b"%PDF-1.7 a,b\n1,2\n", "IMPORT_FORMAT_UNKNOWN", {}),
    (b"\x89PNG\r\n\x1a\n....", "IMPORT_FORMAT_UNKNOWN", {}),
]


@pytest.mark.parametrize(("data", "code", "details"), REFUSED)
def test_broken_files_are_refused_with_their_place(data, code, details):
    """Each has its own stable code, says where (line and column from 1), and tells in words what to do."""
    with pytest.raises(Refusal) as refused:
        list(open_sheet(data).rows())
    assert refused.value.code == code
    assert details.items() <= refused.value.details.items()
    assert refused.value.message.endswith(".")
    assert all(str(value) in refused.value.message for name, value in details.items() if name in ("line", "column"))


def test_cells_at_the_limit_are_read():
    """32,768 characters fit, in one line and over several."""
    text = b"A,B\n" + b"x" * 32_768 + b',"' + b"y\n" * 16_384 + b'"\n'
    assert [[len(str(cell)) for cell in cells] for _, cells in open_sheet(text).rows()] == [[32_768, 32_768]]


def test_empty_columns_beyond_the_limit_do_not_count():
    """Spreadsheet programs write hundreds of empty columns behind a table."""
    rows = list(open_sheet(b"A,B\n1,x" + b"," * 300 + b"\n").rows())
    assert rows[0][1][:2] == ["1", "x"]


def test_too_many_rows_are_refused():
    """Row 200,001 is refused when it is reached, and the refusal names its line."""
    sheet = open_sheet(b"A\n" + b"1\n" * (limits.ROWS + 1))
    with pytest.raises(refusals.TooManyRows) as refused:
        for _ in sheet.rows():
            pass
    assert refused.value.details == {"line": limits.ROWS + 2, "limit": limits.ROWS}


def test_large_files_are_refused():
    """25 MB are read, a byte more is refused with 413, from a stream as from bytes."""
    stream = io.BytesIO(b"x" * (limits.FILE_BYTES + 1))
    with pytest.raises(refusals.FileTooLarge) as refused:
        read_limited(stream)
    assert refused.value.status == 413
    assert len(read_limited(io.BytesIO(b"x" * limits.FILE_BYTES))) == limits.FILE_BYTES
    with pytest.raises(refusals.FileTooLarge):
        open_sheet(stream.getvalue())


CODES = {
    refusal.code
    for refusal in vars(refusals).values()
    if isinstance(refusal, type) and issubclass(refusal, Refusal) and refusal.__module__ == refusals.__name__
}


def read_through(data: bytes) -> str:
    """The code of the refusal, or "" when every row was read and every finding has words."""
    try:
        _read(data)
    except Refusal as refusal:
        return refusal.code
    return ""


def _read(data: bytes) -> None:
    for form in FORMS.values():
        sheet = open_sheet(data)
        mapping = guess(sheet.header, form)
        for row in read_rows(sheet, form, mapping, learn(sheet, form, mapping)):
            assert all(finding.words for finding in row.findings)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data):
    """Random bytes never raise anything but a Refusal."""
    assert read_through(data) in ("", *CODES)


HEADINGS = ["Publisher", "Product", "Metric", "Quantity", "Model", "Start", "End", "Price", "Währung", "User", "E-mail"]
CELLS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["1.234", "03/04/2026", "31.12.2026", "=1+1", "-", "kr 5", "1,5", "46387", '"', "subscription"]),
)


@given(st.lists(st.lists(CELLS, min_size=len(HEADINGS), max_size=len(HEADINGS)), min_size=1, max_size=4))
def test_any_cells_under_known_headings_are_read_or_refused(rows):
    """Random cells become rows or findings with words; only a Refusal is ever raised."""
    data = "\n".join(";".join(cells) for cells in [HEADINGS, *rows])
    assert read_through(data.encode("utf-8", errors="surrogatepass")) in ("", *CODES)


def test_an_upload_is_read_from_its_beginning_each_time():
    """A request that is tried again after a deadlock finds the whole file, not its end."""
    stream = io.BytesIO(b"Product\nCAD\n")
    assert read_limited(stream) == read_limited(stream) == b"Product\nCAD\n"
