"""What goes out: formula cells made harmless in CSV and XLSX, and the error file that can be mended and uploaded."""

import csv
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from licensing.importing.assignments import ASSIGNMENTS
from licensing.importing.error_report import write_error_report
from licensing.importing.inference import learn
from licensing.importing.mapping import guess
from licensing.importing.neutralise import SafeCsvWriter, is_formula, neutralised, restored, text_cell
from licensing.importing.rows import read_rows
from licensing.importing.sheets import open_sheet
from tests.licensing.importing import codes, csv_of, parsed, saved, xlsx_of

HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "=cmd|'/c calc'!A0", "'=1", "''@x"]


@pytest.mark.parametrize("text", HOSTILE)
def test_formulas_are_neutralised(text):
    """Whatever a spreadsheet program may run begins with an apostrophe afterwards."""
    assert neutralised(text) == "'" + text


@pytest.mark.parametrize("text", ["", "a=1", "1-1", "x@y.example", "'s-Hertogenbosch", "‘=1", "3 + 4"])
def test_other_texts_are_left_alone(text):
    """Marks inside a text run nothing."""
    assert neutralised(text) == text
    assert restored(text) == text


@given(st.text(alphabet=st.sampled_from("'=+-@ \t\rab1＝"), max_size=8) | st.text(max_size=20))
def test_neutralising_can_be_undone(text):
    """An export that is uploaded again gives the same texts, and nothing that leaves is a formula."""
    assert restored(neutralised(text)) == text
    assert not is_formula(neutralised(text))


def test_the_csv_writer_neutralises_texts_alone():
    """Texts are marked, numbers keep their sign; cells with delimiters and quotes are quoted."""
    out = io.StringIO()
    writer = SafeCsvWriter(out, delimiter=";")
    writer.write(["=1", -5, "a;b", 'say "hi"', None])
    assert out.getvalue() == '\'=1;-5;"a;b";"say ""hi""";\r\n'


def test_xlsx_cells_are_text():
    """A text like a formula is stored as text that stays text when edited; control characters are left out."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    sheet.append([text_cell(sheet, "=1+1"), text_cell(sheet, "a\x00b"), -5])
    data = saved(workbook)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    (row,) = load_workbook(io.BytesIO(data)).worksheets[0].iter_rows()
    assert [(cell.value, cell.data_type) for cell in row] == [("=1+1", "s"), ("ab", "s"), (-5, "n")]
    assert row[0].quotePrefix


HEADER = ["Product", "User name", "Quantity", "Reason", "Licence key"]
ROWS = [
    ["A", "anna", "1", "", "K-1"],
    ["A", "", "x", "=HYPERLINK(1)", "K-2"],
    ["A", "bo", "2"],
    ["A", "bo", "2", "", "K-3"],
]


def report_of(data):
    sheet = open_sheet(data)
    mapping = guess(sheet.header, ASSIGNMENTS)
    rows = list(read_rows(sheet, ASSIGNMENTS, mapping, learn(sheet, ASSIGNMENTS, mapping)))
    out = io.StringIO()
    written = write_error_report(sheet, mapping, (finding for row in rows for finding in row.findings), out)
    return written, out.getvalue()


def test_the_error_file():
    """The lines with findings as they were, their line, rules and words; no formulas, no unmapped columns (keys!)."""
    written, text = report_of(csv_of(HEADER, *ROWS, delimiter=";"))
    lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert written == 2
    assert lines[0] == ["Product", "User name", "Quantity", "Reason", "Line", "Rules", "What is wrong"]
    assert lines[1][:6] == ["A", "", "x", "'=HYPERLINK(1)", "3", "NUMBER_UNREADABLE FORMULA_AS_TEXT"]
    assert lines[1][6].startswith("Quantity (“x”): This is not a number.")
    assert lines[2][:6] == ["A", "bo", "2", "", "5", "ASSIGNMENT_REPEATED"]
    assert "K-" not in text


def test_the_error_file_can_be_uploaded_again():
    """Mended and uploaded, it gives the same rows: marks come off, the added columns are left aside."""
    _, text = report_of(csv_of(HEADER, *ROWS, delimiter=";"))
    mended = text.replace(";;x;", ";carl;7;").encode()
    rows = parsed(mended, ASSIGNMENTS)
    assert codes(rows) == [["FORMULA_AS_TEXT"], []]
    assert rows[0].row is not None
    assert (rows[0].row.user_name, rows[0].row.quantity, rows[0].row.reason) == ("carl", 7, "=HYPERLINK(1)")


def test_the_error_file_of_a_workbook():
    """Typed cells are written as people read them."""
    written, text = report_of(xlsx_of(HEADER, ["A", "anna", 1.5, None, None], ["A", "bo", 2, None, None]))
    assert written == 1
    assert "A;anna;1.5;;2;NUMBER_NOT_WHOLE;" in text
