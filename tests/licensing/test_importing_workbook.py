"""Reading XLSX files: types, worksheets, formulas; and archives that are encrypted, damaged or hostile."""

import io
import zipfile
from contextlib import suppress
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from kernel.errors import Refusal
from licensing.importing import limits, refusals
from licensing.importing.entitlements import ENTITLEMENTS
from licensing.importing.rows import ParsedRow
from licensing.importing.sheets import open_sheet
from tests.licensing.importing import RIGHT, codes, parsed, saved, xlsx_of

SHEET = "xl/worksheets/sheet1.xml"


def rewritten(data: bytes, changes: dict[str, bytes]) -> bytes:
    """The archive with some parts replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), *changes}:
            new.writestr(name, changes[name] if name in changes else old.read(name))
    return out.getvalue()


def sheet_xml(rows: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def test_cells_keep_their_types():
    """Numbers, dates and truth values come as such; the line is the row number of the worksheet."""
    data = xlsx_of(["Text", "Number", "Day", "Moment", "Yes"], [], ["ä", 1234.5, date(2026, 12, 31), None, True])
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(["Moment", "Time"])
    sheet.append([datetime.fromisoformat("2026-12-31T10:30"), time(10, 30)])
    assert list(open_sheet(data).rows()) == [(3, ["ä", 1234.5, date(2026, 12, 31), "", True])]
    assert list(open_sheet(saved(workbook)).rows()) == [(2, [datetime.fromisoformat("2026-12-31T10:30"), "10:30:00"])]


def test_rows_of_a_workbook_are_parsed():
    """Dates, numbers and percentages of Excel need no guessing: 1.234 is 1.234 and day numbers are days."""
    row = {**RIGHT, "Quantity": 25.0, "Start": date(2026, 1, 1), "End": 46387, "Unit price": 1.234, "Currency": "EUR"}
    rows = parsed(xlsx_of(list(row), list(row.values())), ENTITLEMENTS)
    assert codes(rows) == [["DATE_FROM_SERIAL", "BILLING_PERIOD_MISSING"]]
    right = rows[0].row
    assert right is not None
    assert (right.quantity, right.start, right.end, str(right.unit_price)) == (
        25,
        date(2026, 1, 1),
        date(2026, 12, 31),
        "1.234",
    )


def test_the_calendar_of_old_macs_is_known():
    """Day numbers of a workbook with the 1904 date system are counted from 1904."""
    workbook = Workbook()
    workbook.epoch = datetime.fromisoformat("1904-01-01")
    sheet = workbook.worksheets[0]
    row = {**RIGHT, "Start": 44561}
    sheet.append(list(row))
    sheet.append(list(row.values()))
    data = saved(workbook)
    assert open_sheet(data).facts.epoch == date(1904, 1, 1)
    assert [row.row.start for row in parsed(data, ENTITLEMENTS) if row.row] == [date(2026, 1, 1)]


def test_formulas_are_text():
    """A formula is never calculated: text fields keep it with a warning, number fields refuse the cell."""
    formula = ArrayFormula("B2:B2", "=SUM(D2:D9)")
    row = {**RIGHT, "Quantity": formula, "Evidence": "=HYPERLINK(A1)"}
    rows = parsed(xlsx_of(list(row), list(row.values())), ENTITLEMENTS)
    assert codes(rows) == [["FORMULA_NOT_CALCULATED", "FORMULA_AS_TEXT"]]
    assert rows[0].findings[1].value == "=HYPERLINK(A1)"


def test_the_first_visible_worksheet_is_read():
    """Others are named in the result; another can be asked for by name, a hidden one cannot."""
    workbook = Workbook()
    hidden = workbook.worksheets[0]
    hidden.title, hidden.sheet_state = "Lists", "hidden"
    for title in ("Rights", "Seats"):
        sheet = workbook.create_sheet(title)
        sheet.append([title])
        sheet.append(["x"])
    data = saved(workbook)
    facts = open_sheet(data).facts
    assert (facts.format, facts.worksheet, facts.other_worksheets) == ("xlsx", "Rights", ("Seats",))
    assert "Seats" in facts.sentences()[0]
    assert open_sheet(data, worksheet="Seats").header == ("Seats",)
    with pytest.raises(refusals.WorksheetUnknown) as refused:
        open_sheet(data, worksheet="Lists")
    assert refused.value.details["seen"] == ["Rights", "Seats"]


def test_encrypted_and_old_files_are_told_apart():
    """Excel wraps an encrypted workbook in the container of old .xls files; each gets its own words."""
    container = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100
    with pytest.raises(refusals.Encrypted):
        open_sheet(container + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(refusals.FormatUnknown, match="xls"):
        open_sheet(container)


def test_an_archive_with_a_password_is_refused():
    """Encrypted parts of a plain ZIP archive are seen in its directory."""
    data = bytearray(xlsx_of(["A"], ["1"]))
    start = data.find(b"PK\x01\x02")
    while start >= 0:
        data[start + 8] |= 1
        start = data.find(b"PK\x01\x02", start + 4)
    with pytest.raises(refusals.Encrypted):
        open_sheet(bytes(data))


def test_other_archives_are_refused():
    """A ZIP file without a workbook is no table."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("content.xml", "<x/>")
    with pytest.raises(refusals.FormatUnknown):
        open_sheet(out.getvalue())


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("xl/sharedStrings.xml", limits.SHARED_STRINGS_BYTES + 1),
        ("xl/styles.xml", limits.SMALL_PART_BYTES + 1),
        (SHEET, limits.ARCHIVE_BYTES + 1),
    ],
)
def test_zip_bombs_are_refused(name, size):
    """A part that unpacks to more than it may is refused by the archive's directory, before anything is unpacked."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open(name, "w", force_zip64=True) as part:
            for _ in range(size // 1_048_576 + 1):
                part.write(b" " * 1_048_576)
    assert len(out.getvalue()) < limits.FILE_BYTES
    with pytest.raises(refusals.ArchiveSuspicious):
        open_sheet(out.getvalue())


def test_too_many_parts_are_refused():
    """A workbook has some dozens of parts, not thousands."""
    parts = {f"xl/media/{number}.png": b"" for number in range(limits.ARCHIVE_PARTS + 1)}
    with pytest.raises(refusals.ArchiveSuspicious):
        open_sheet(rewritten(xlsx_of(["A"], ["1"]), parts))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entity_bombs_are_refused(encoding):
    """A document type is refused in whatever part and encoding it stands, before any entity is expanded."""
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    bomb = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY e0 "ha">{entities}]><x>&e9;</x>'
    for part in (SHEET, "xl/styles.xml", "[Content_Types].xml"):
        with pytest.raises(refusals.ArchiveSuspicious):
            open_sheet(rewritten(xlsx_of(["A"], ["1"]), {part: bomb.encode(encoding)}))


def test_row_numbers_beyond_any_worksheet_are_refused():
    """A file that numbers its only row 10^12 is not counted up to."""
    header = '<row r="1"><c r="A1" t="inlineStr"><is><t>A</t></is></c></row>'
    far = '<row r="1000000000000"><c t="inlineStr"><is><t>x</t></is></c></row>'
    with pytest.raises(refusals.TooManyRows):
        list(open_sheet(rewritten(xlsx_of(["A"], ["1"]), {SHEET: sheet_xml(header + far)})).rows())


def test_wide_rows_and_large_cells_are_refused():
    """The limits of columns and cells are those of CSV files."""
    with pytest.raises(refusals.TooManyColumns):
        list(open_sheet(xlsx_of(["A"], ["x"] * 201)).rows())
    large = sheet_xml(f'<row r="1"><c t="inlineStr"><is><t>{"x" * 32_769}</t></is></c></row>')
    with pytest.raises(refusals.CellTooLarge):
        open_sheet(rewritten(xlsx_of(["A"], ["1"]), {SHEET: large}))


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1" t="s"><v>99</v></c></row>',
        '<row r="x"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>one</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v>',
    ],
)
def test_damaged_workbooks_are_refused(rows):
    """Whatever the spreadsheet library stumbles over becomes one refusal that says what to do."""
    with pytest.raises(refusals.Damaged, match="save it again"):
        open_sheet(rewritten(xlsx_of(["A"], ["1"]), {SHEET: sheet_xml(rows)}))


WORKBOOK = xlsx_of(list(RIGHT), list(RIGHT.values()))


@given(st.integers(0, len(WORKBOOK) - 1), st.binary(min_size=1, max_size=8), st.integers(0, len(WORKBOOK)))
def test_spoilt_workbooks_are_read_or_refused(position, spoilt, cut):
    """A workbook with random bytes in it, or cut short, never raises anything but a Refusal."""
    for data in (WORKBOOK[:position] + spoilt + WORKBOOK[position + len(spoilt) :], WORKBOOK[:cut]):
        with suppress(Refusal):
            assert all(isinstance(row, ParsedRow) for row in parsed(data, ENTITLEMENTS))
