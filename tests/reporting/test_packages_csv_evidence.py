"""The CSV listings of an audit package."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.packages.csv_evidence import Listing, listings
from tests.reporting import packages


def _rows(listing: Listing) -> list[dict[str, str]]:
    text = listing.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def _by_name(snapshot) -> dict[str, Listing]:
    return {listing.name.removeprefix("evidence/"): listing for listing in listings(snapshot)}


def _cell(product: str) -> str:
    row = packages.inventory_row("Publisher", product, "", "user", 1, 1, 1, 0, "-1.50", 5)
    (read,) = _rows(_by_name(packages.snapshot(inventory=(row,)))["inventory.csv"])
    assert read["annual_cost"] == "-1.50"
    return read["product"]


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", " =1", "\t=1", "\ttab", "\uff1d1"])
def test_a_formula_is_neutralised(text):
    """What a spreadsheet program could run begins with an apostrophe afterwards, in every cell of text."""
    assert _cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Lumen CAD", "-12.50", "1250", "a=b", "Müller & Söhne"])
def test_harmless_text_stays_as_it_is(text):
    """Plain words and plain numbers, credits among them, are not touched."""
    assert _cell(text) == text


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_no_text_ends_as_a_formula(text):
    """Whatever the text, its cell does not begin with a sign that starts a formula, unless it is a plain number."""
    cell = _cell(text)
    assert not cell.startswith(("=", "+", "@", "\t", "\r"))
    assert not cell.startswith("-") or float(cell) <= 0


def test_every_row_of_the_snapshot_is_there():
    """Each listing has one row for each row of the snapshot, in the same order, and says how many."""
    snapshot = packages.snapshot()
    files = _by_name(snapshot)
    assert [row["product"] for row in _rows(files["inventory.csv"])] == [row.product for row in snapshot.inventory]
    assert [row["number"] for row in _rows(files["violations.csv"])] == [row.number for row in snapshot.violations]
    assert [int(row["sequence"]) for row in _rows(files["seat-history.csv"])] == [
        event.sequence for event in snapshot.seat_history
    ]
    assert all(listing.rows == len(_rows(listing)) for listing in files.values())


def test_timelines_keep_the_order_of_the_ledger():
    """The steps of each violation stand under its number in the order of their ledger entries."""
    rows = _rows(_by_name(packages.snapshot())["violation-timelines.csv"])
    for number in {row["number"] for row in rows}:
        sequences = [int(row["sequence"]) for row in rows if row["number"] == number]
        assert sequences == sorted(sequences)
        assert sequences


def test_unlimited_unknown_and_zero_are_told_apart():
    """Unlimited rights and an unknown price are empty cells, while nobody assigned is a 0."""
    rows = {row["product"]: row for row in _rows(_by_name(packages.snapshot())["inventory.csv"])}
    assert (rows["Fahrplan"]["unlimited"], rows["Fahrplan"]["owned"], rows["Fahrplan"]["annual_cost"]) == (
        "true",
        "",
        "",
    )
    assert rows["Lumen CAD"]["free"] == "0"
    assert rows["Lumen CAD"]["annual_cost"] == "54000.00"


def test_times_are_utc_and_lists_are_words():
    """Times carry their Z, missing papers are named by their codes."""
    files = _by_name(packages.snapshot())
    assert _rows(files["imports.csv"])[0]["committed_at"] == "2026-07-03T08:14:22.000000Z"
    missing = {row["product"]: row["missing"] for row in _rows(files["entitlements.csv"])}
    assert missing["Northgate Mail Archive"] == "invoice document"
    assert missing["Lumen CAD"] == ""


def test_an_empty_listing_still_says_its_columns():
    """A listing without rows is a file with a header: nothing was found is a statement, too."""
    findings = _by_name(packages.snapshot())["ledger-findings.csv"]
    assert findings.rows == 0
    assert findings.content.decode("utf-8-sig") == "code,text,sequence\r\n"


def test_line_ends_quotes_and_nul_inside_a_name_stay_in_their_cell():
    """A name with commas, quotes and line ends comes back as one cell."""
    name = 'A "quoted", name\r\nwith a second line'
    row = packages.inventory_row(name, '=HYPERLINK("x")', "", "user", 1, 1, 1, 0, "1.00", 5)
    (read,) = _rows(_by_name(packages.snapshot(inventory=(row,)))["inventory.csv"])
    assert read["publisher"] == name
    assert read["product"] == '\'=HYPERLINK("x")'
