"""The sample files beside each upload show what samples/README.md says they show."""

import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from kernel.errors import Refusal
from licensing.importing.assignments import ASSIGNMENTS
from licensing.importing.entitlements import ENTITLEMENTS
from licensing.importing.kinds import FORMS
from licensing.importing.sheets import open_sheet
from licensing.importing.texts import comparable
from tests.licensing.importing import parsed

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
ON = date(2026, 11, 22)


def rows_of(name):
    return parsed((SAMPLES / name).read_bytes(), FORMS[name.split("-")[0]])


def table(name):
    with (SAMPLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def catalogue():
    """The rows of the README's table: names, rights, holders of both files."""
    text = (SAMPLES / "README.md").read_text(encoding="utf-8").partition("## Catalogue")[2]
    lines = [re.sub(r"\*", "", line).strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line] for line in lines[2:]]


@pytest.mark.parametrize(("name", "count"), [("entitlements-good.csv", 51), ("assignments-good.csv", 118)])
def test_good_files_have_no_findings(name, count):
    """Every row is read and nothing is said about it."""
    rows = rows_of(name)
    assert len(rows) == count
    assert [finding for row in rows for finding in row.findings] == []


@pytest.mark.parametrize(
    ("name", "count", "errors", "repeated"),
    [("entitlements-messy.csv", 57, 7, 3), ("assignments-messy.csv", 115, 6, 3)],
)
def test_messy_files_show_what_an_importer_meets(name, count, errors, repeated):
    """Windows-1252 and semicolons are recognised; errors and repeated lines are as many as the README says."""
    facts = open_sheet((SAMPLES / name).read_bytes()).facts
    assert (facts.encoding, facts.encoding_guessed, facts.delimiter) == ("windows-1252", True, ";")
    rows = rows_of(name)
    left = [row for row in rows if row.row is None]
    assert len(rows) == count
    assert sum(row.duplicate_of is None for row in left) == errors
    assert sum(row.duplicate_of is not None for row in left) == repeated
    assert {code for row in rows for code in (finding.code for finding in row.findings)} >= {
        "DATE_UNREADABLE",
        "NUMBER_UNREADABLE",
        "DATE_TWO_DIGIT_YEAR",
        "FORMULA_AS_TEXT",
    }


@pytest.mark.parametrize(
    ("name", "code"),
    [("entitlements-broken.csv", "IMPORT_COLUMNS_MISSING"), ("assignments-broken.csv", "IMPORT_QUOTES_UNBALANCED")],
)
def test_broken_files_are_refused(name, code):
    """Each by its own code; the unclosed quotation mark is found where it opens."""
    with pytest.raises(Refusal) as refused:
        rows_of(name)
    assert refused.value.code == code
    if code == "IMPORT_QUOTES_UNBALANCED":
        assert refused.value.details == {"line": 23, "column": 9}


def rights_and_holders():
    rights: Counter[tuple[str, str]] = Counter()
    for parsed_row in rows_of("entitlements-good.csv"):
        row = parsed_row.row
        if row.start <= ON and (row.end is None or row.end >= ON):
            rights[comparable(row.product), row.edition or ""] += row.rights or 0
    holders = []
    for name in ("assignments-good.csv", "assignments-messy.csv"):
        counted: Counter[tuple[str, str]] = Counter()
        for parsed_row in rows_of(name):
            if parsed_row.row:
                counted[comparable(parsed_row.row.product), parsed_row.row.edition or ""] += parsed_row.row.quantity
        holders.append(counted)
    return rights, *holders


def test_the_catalogue_is_true():
    """Rights and holders of the README's table are those of the files, and there are twelve publishers."""
    rights, good, messy = rights_and_holders()
    rows = catalogue()
    assert len({row[0] for row in rows}) == 12
    assert len(rows) == len(rights)
    for _publisher, product, edition, _metric, _model, stated, in_good, in_messy in rows:
        key = (comparable(product), edition)
        assert str(rights[key] or "unlimited") == stated, product
        assert (str(good[key] or ""), str(messy[key] or "")) == (in_good, in_messy), product


def test_more_holders_than_rights():
    """The good assignments fit their rights; the messy ones need more than there are for three products."""
    rights, good, messy = rights_and_holders()
    assert all(count <= rights[key] for key, count in good.items())
    assert {product for (product, edition), count in messy.items() if 0 < rights[product, edition] < count} == {
        "brightfolddiagram",
        "kestreltestbench",
        "tesselgis",
    }


def test_the_directory_knows_the_good_holders():
    """Every person and device of the good file is in people.csv or devices.csv; the messy one also names strangers."""
    people = {person["User name"] for person in table("people.csv")}
    devices = {device["Host name"] for device in table("devices.csv")}
    assert (len(people), len(devices)) == (120, 40)
    known = people | devices

    def strangers(name):
        rows = [row.row for row in rows_of(name) if row.row and row.row.subject_kind != "external"]
        names = [(row.user_name or row.email or row.hostname or "").lower() for row in rows]
        return {name for name in names if name and name not in known}

    assert strangers("assignments-good.csv") == set()
    assert strangers("assignments-messy.csv") == {
        "nora.ghost@halden.example",
        "temp.student07@halden.example",
        "olav.retired@halden.example",
        "i.solberg@halden.example",
        "laptop-von-knut",
    }


def test_forms_and_samples_agree():
    """Every kind that can be imported has a good, a messy and a broken file."""
    names = {
        f"{kind}-{sort}.csv" for kind in (ENTITLEMENTS.name, ASSIGNMENTS.name) for sort in ("good", "messy", "broken")
    }
    assert {path.name for path in SAMPLES.glob("*-*.csv")} == names
