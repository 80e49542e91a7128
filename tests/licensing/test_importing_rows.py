"""Rows: cells into frozen rows, checks across cells, columns that teach, repeated lines, findings with their place."""

from datetime import date
from decimal import Decimal
from inspect import signature

import pytest

from licensing.importing import findings, refusals
from licensing.importing.assignments import ASSIGNMENTS
from licensing.importing.entitlements import ENTITLEMENTS
from licensing.importing.inference import learn
from licensing.importing.kinds import FORMS
from licensing.importing.mapping import guess
from licensing.importing.rows import BLOCK, read_rows
from licensing.importing.sheets import open_sheet
from licensing.ports import PlannedRow, RowStatus, left_out
from tests.licensing.importing import SEAT, codes, csv_of, csv_of_rights, parsed


def the_only(data, form=ENTITLEMENTS):
    (row,) = parsed(data, form)
    return row


def test_forms_fit_their_rows():
    """Fields stand in the order of the row's attributes, each with a name, a label and headings."""
    for form in FORMS.values():
        assert [field.name for field in form.fields] == list(signature(form.row_type).parameters)
        assert all(str(field.label) and field.synonyms for field in form.fields)


def test_a_full_entitlement():
    """Every column of an entitlement arrives typed."""
    row = the_only(
        csv_of_rights(
            {
                "Edition": "Team",
                "Metric": "benannter Nutzer",
                "Rights per unit": "5",
                "Maintenance until": "30.06.2027",
                "Agreement number": "HE-1",
                "Notice days": "90",
                "Renews automatically": "ja",
                "Purchase order": "PO-1",
                "Invoice": "RE-1",
                "SKU": "S-1",
                "Unit price": "€ 1.234,50",
                "Billing period": "jährlich",
                "Cost centre": "4500",
                "Evidence": "dms/1.pdf",
            }
        )
    )
    assert row.findings == ()
    assert row.row == ENTITLEMENTS.row_type(
        publisher="Brightfold",
        product="Brightfold Diagram",
        edition="Team",
        metric="named_user",
        quantity=25,
        rights_per_unit=5,
        model="subscription",
        start=date(2026, 1, 1),
        end=date(2026, 12, 31),
        maintenance_until=date(2027, 6, 30),
        agreement_number="HE-1",
        notice_days=90,
        auto_renew=True,
        purchase_order="PO-1",
        invoice="RE-1",
        sku="S-1",
        unit_price=Decimal("1234.50"),
        currency="EUR",
        billing_period="yearly",
        cost_centre="4500",
        evidence="dms/1.pdf",
    )
    assert row.row.rights == 125


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"Publisher": ""}, "REQUIRED", "publisher"),
        ({"Metric": "-"}, "REQUIRED", "metric"),
        ({"Start": "31.12.9999"}, "REQUIRED", "start"),
        ({"Quantity": ""}, "QUANTITY_MISSING", "quantity"),
        ({"Quantity": "unlimited"}, "QUANTITY_MISSING", "quantity"),
        ({"End": "2025-12-31"}, "END_BEFORE_START", "end"),
        ({"End": ""}, "END_MISSING", "end"),
        ({"Licence model": "trial", "End": ""}, "END_MISSING", "end"),
        ({"Licence model": "perpetual"}, "PERPETUAL_ENDS", "end"),
        ({"Licence model": "loan"}, "CHOICE_UNKNOWN", "model"),
        ({"Unit price": "12.50"}, "CURRENCY_MISSING", "currency"),
        ({"Unit price": "kr 12.50"}, "CURRENCY_AMBIGUOUS", "currency"),
        ({"Unit price": "€ 12.50", "Currency": "NOK"}, "CURRENCY_CONTRADICTS", "unit_price"),
        ({"Quantity": "2000000", "Rights per unit": "2000"}, "NUMBER_TOO_LARGE", "rights_per_unit"),
        ({"Quantity": "2000000", "Unit price": "EUR 900000000.00"}, "NUMBER_TOO_LARGE", "unit_price"),
    ],
)
def test_entitlements_that_cannot_be(change, code, field):
    """Each is an error at the field where a person should look; the row stays out, the rest of the file does not."""
    bad, good = parsed(csv_of_rights(change, {}), ENTITLEMENTS)
    assert bad.row is None
    assert good.row is not None
    errors = [finding for finding in bad.findings if finding.is_error]
    assert [(finding.code, finding.field, finding.line) for finding in errors] == [(code, field, 2)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"Licence model": "site", "Quantity": "unlimited", "End": ""},
            {"quantity": None, "end": None, "rights": None},
        ),
        ({"Licence model": "perpetual", "End": "unbefristet"}, {"end": None, "rights_per_unit": 1}),
        ({"Unit price": "kr 12.50", "Currency": "NOK", "Billing period": "once"}, {"currency": "NOK"}),
        ({"Metric": "API calls"}, {"metric": "API calls"}),
    ],
)
def test_entitlements_that_are_allowed(change, expected):
    """Unlimited site licences, rights without end, signs settled by the currency column, metrics of one's own."""
    row = the_only(csv_of_rights(change))
    assert codes([row]) == [[]]
    assert {name: getattr(row.row, name) for name in expected} == expected


def test_a_price_without_a_period_is_let_in_with_a_warning():
    """The row counts, but not in annual figures, and says so."""
    row = the_only(csv_of_rights({"Unit price": "12.50 EUR"}))
    assert (codes([row]), row.row is not None) == ([["BILLING_PERIOD_MISSING"]], True)


@pytest.mark.parametrize(
    ("change", "kind", "subject"),
    [
        ({}, "person", "ingrid.solberg@halden.example"),
        ({"User name": "", "E-mail": "Lars.Haugen@halden.example"}, "person", "lars.haugen@halden.example"),
        ({"User name": "", "Employee number": "4711"}, "person", "4711"),
        ({"User name": "", "Serial number": "HX1"}, "device", "HX1"),
        ({"User name": "", "Host name": "hal-osl-ws-0101", "Serial number": "HX1"}, "device", "hal-osl-ws-0101"),
        ({"User name": "", "External holder": "Rørvik Engineering AS"}, "external", "Rørvik Engineering AS"),
    ],
)
def test_holders(change, kind, subject):
    """A person, a device or an outsider, by the first name that the file gives."""
    row = the_only(csv_of_rights(change, like=SEAT), ASSIGNMENTS)
    assert row.row is not None
    assert (row.row.subject_kind, row.row.subject, row.row.quantity) == (kind, subject, 1)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"User name": ""}, ["SUBJECT_MISSING"]),
        ({"Host name": "hal-osl-ws-0101"}, ["SUBJECT_AMBIGUOUS"]),
        ({"External holder": "Rørvik", "Serial number": "HX1"}, ["SUBJECT_AMBIGUOUS"]),
        ({"Since": "2026-05-01", "Last used": "2026-04-01"}, ["USED_BEFORE_SINCE"]),
        ({"Product": "", "Quantity": "0"}, ["REQUIRED", "NUMBER_TOO_SMALL"]),
    ],
)
def test_seats_that_need_a_look(change, found):
    """Nobody, two holders, use before the seat; all findings of the cells come together."""
    assert codes(parsed(csv_of_rights(change, like=SEAT), ASSIGNMENTS)) == [found]


def test_a_column_teaches_its_ambiguous_cells():
    """13/04 in one row proves that 03/04 in another is the third of April, and the result says so."""
    data = csv_of_rights({"Start": "03/04/2026"}, {"Start": "13/04/2026"})
    sheet = open_sheet(data)
    mapping = guess(sheet.header, ENTITLEMENTS)
    lessons = learn(sheet, ENTITLEMENTS, mapping)
    first, _second = read_rows(sheet, ENTITLEMENTS, mapping, lessons)
    assert first.row is not None
    assert first.row.start == date(2026, 4, 3)
    assert lessons.rows == 2
    assert lessons.sentences() == [
        "Column “Start”: the day comes before the month (31/12/2026). Its own cells show it."
    ]


def test_other_columns_teach_where_a_column_is_silent():
    """A price of 12,50 proves that a quantity of 1.000 is a thousand."""
    row = the_only(csv_of_rights({"Quantity": "1.000", "Unit price": "12,50 EUR", "Billing period": "once"}))
    assert row.row is not None
    assert row.row.quantity == 1000


def test_a_persons_word_decides():
    """Where nothing in the file decides, a person may; without it each such cell is an error."""
    data = csv_of_rights({"Start": "03/04/2026", "Quantity": "1.000"})
    assert codes(parsed(data, ENTITLEMENTS)) == [["NUMBER_AMBIGUOUS", "DATE_AMBIGUOUS"]]
    (row,) = parsed(data, ENTITLEMENTS, order="mdy", decimal=",")
    assert row.row is not None
    assert (row.row.start, row.row.quantity) == (date(2026, 3, 4), 1000)


def test_columns_that_contradict_themselves_teach_nothing():
    """13/04 and 04/13 in one column: both are read as they must be, 03/04 is an error, and the result says why."""
    data = csv_of_rights({"Start": "13/04/2026"}, {"Start": "04/14/2026"}, {"Start": "03/04/2026"})
    rows = parsed(data, ENTITLEMENTS)
    assert codes(rows) == [[], [], ["DATE_AMBIGUOUS"]]
    sheet = open_sheet(data)
    (sentence,) = learn(sheet, ENTITLEMENTS, guess(sheet.header, ENTITLEMENTS)).sentences()
    assert "mixes two ways" in sentence


def test_nothing_is_said_about_what_needed_no_decision():
    """ISO dates and plain numbers teach nothing and say nothing."""
    sheet = open_sheet(csv_of_rights({"Unit price": "12,50 EUR"}))
    assert learn(sheet, ENTITLEMENTS, guess(sheet.header, ENTITLEMENTS)).sentences() == []


def test_repeated_lines_are_left_out():
    """The same purchase in another spelling is a warning, with other values an error; both name the first line."""
    data = csv_of_rights({}, {"Product": "BRIGHTFOLD-Diagram", "Rights per unit": "1"}, {"Quantity": "26"})
    first, repeated, contradicted = parsed(data, ENTITLEMENTS)
    assert first.row is not None
    assert (codes([repeated]), repeated.duplicate_of) == ([["ENTITLEMENT_REPEATED"]], 2)
    assert (codes([contradicted]), contradicted.duplicate_of) == ([["ENTITLEMENT_CONTRADICTED"]], 2)
    assert contradicted.findings[0].is_error
    assert "Line 2" in contradicted.findings[0].words


def test_lines_about_different_purchases_are_both_kept():
    """Another invoice, cost centre or start makes another purchase."""
    rows = parsed(csv_of_rights({}, {"Invoice": "2"}, {"Cost centre": "1"}, {"Start": "2026-01-02"}), ENTITLEMENTS)
    assert codes(rows) == [[], [], [], []]


def test_the_same_holder_twice():
    """In whatever case; with another quantity the first line counts."""
    rows = parsed(
        csv_of_rights({}, {"User name": SEAT["User name"].upper()}, {"Quantity": "2"}, like=SEAT), ASSIGNMENTS
    )
    assert codes(rows) == [[], ["ASSIGNMENT_REPEATED"], ["ASSIGNMENT_CONTRADICTED"]]
    assert not any(finding.is_error for row in rows for finding in row.findings)


def test_an_error_does_not_hide_a_later_line():
    """A line that could not be read does not count as the first of its kind."""
    rows = parsed(csv_of_rights({"Quantity": "many"}, {}), ENTITLEMENTS)
    assert [row.row is None for row in rows] == [True, False]


def test_short_and_long_lines():
    """Missing cells at the end are empty; text beyond the last heading is an error, empty cells beyond are not."""
    data = csv_of(list(SEAT), ["A", "x"], ["A"], ["B", "y", "", ""], ["C", "z", "", "lost"])
    rows = parsed(data, ASSIGNMENTS)
    assert codes(rows) == [[], ["SUBJECT_MISSING"], [], ["ROW_TOO_LONG"]]
    assert rows[3].findings[0].value == "lost"
    assert "4 cells under 2 headings" in rows[3].findings[0].words


def test_findings_say_where():
    """Line and column as the file has them, the cell's value cut to a readable length."""
    data = csv_of(["Produkt", "Benutzer", "Menge"], ["A", "x", "1"], ["A", "y", "m" * 500])
    finding = parsed(data, ASSIGNMENTS)[1].findings[0]
    assert (finding.line, finding.field, finding.column, finding.code) == (3, "quantity", "Menge", "NUMBER_UNREADABLE")
    assert len(finding.value) == findings.SHOWN_CHARACTERS


def test_findings_can_be_stored():
    """A finding survives JSON and is put into words when it is read."""
    row = the_only(csv_of_rights({"End": "2025-12-31"}))
    (finding,) = row.findings
    assert findings.finding_from(2, findings.to_json(finding)) == finding
    assert finding.words == "The end (2025-12-31) lies before the start (2026-01-01)."


def test_a_code_is_declared_once():
    """Two rules of one code could not be told apart in a stored batch."""
    with pytest.raises(ValueError, match="REQUIRED"):
        findings.warning("REQUIRED", findings.REQUIRED.sentence)


def test_every_rule_has_words():
    """No sentence lacks a detail that the code gives, and each ends as sentences do."""
    assert all(str(rule.sentence).endswith(".") for rule in findings.RULES.values())


def test_texts_of_a_row():
    """What is stored beside a row is what its mapped columns say; other columns (keys!) are not kept."""
    data = csv_of([*SEAT, "Licence key"], ["A", "x", "AAAA-BBBB"])
    sheet = open_sheet(data)
    mapping = guess(sheet.header, ASSIGNMENTS)
    (row,) = read_rows(sheet, ASSIGNMENTS, mapping, learn(sheet, ASSIGNMENTS, mapping))
    assert row.texts(mapping) == {"product": "A", "user_name": "x"}


def test_an_incomplete_mapping_is_refused_before_the_first_row():
    """Nothing is read from a file without its columns."""
    sheet = open_sheet(csv_of(["Product"], ["A"]))
    mapping = guess(sheet.header, ASSIGNMENTS)
    with pytest.raises(refusals.ColumnsMissing):
        read_rows(sheet, ASSIGNMENTS, mapping, learn(sheet, ASSIGNMENTS, mapping))


def test_long_files_with_many_different_texts():
    """Remembered, forgotten and plain columns give the same rows; errors keep their lines over all blocks."""
    count = 12 * BLOCK + 7
    rows = [
        [f"Product {n % 3}", f"user{n}@halden.example", "=1" if n % 997 == 0 else f"reason {n}", str(n % 5)]
        for n in range(count)
    ]
    data = csv_of(["Product", "User name", "Reason", "Quantity"], *rows)
    read = parsed(data, ASSIGNMENTS)
    assert [row.line for row in read] == list(range(2, count + 2))
    assert [row.row is None for row in read] == [n % 5 == 0 for n in range(count)]
    assert [row.line - 2 for row in read if "FORMULA_AS_TEXT" in codes([row])[0]] == list(range(0, count, 997))
    assert all(
        (row.row.user_name, row.row.reason, row.row.quantity) == (rows[n][1], rows[n][2], n % 5)
        for n, row in enumerate(read)
        if row.row
    )


def test_what_the_file_itself_settles():
    """A plan passes on errors and repeated lines as the file decides them, and plans the rest."""
    good, repeated, wrong = parsed(csv_of_rights({}, {}, {"Quantity": "x"}), ENTITLEMENTS)
    assert left_out(good) is None
    assert left_out(repeated) == PlannedRow(3, RowStatus.WARNING, findings=repeated.findings)
    assert left_out(wrong) == PlannedRow(4, RowStatus.ERROR, findings=wrong.findings)
