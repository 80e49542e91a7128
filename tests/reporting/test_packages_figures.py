"""What the summary page counts, and what it says."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.packages.figures import costs, costs_by_publisher, figures, seats_by_month
from reporting.packages.formatting import Formatter
from reporting.packages.issues import issues
from reporting.packages.snapshot import Gap, LedgerFinding, Severity
from reporting.packages.summary import sentences, tiles
from reporting.packages.tables import PRINT_LIMITS
from tests.reporting import packages

ENGLISH = Formatter("en")


def test_lines_are_counted_and_rights_are_not_added_up():
    """The sample has 12 lines of 7 publishers, of which three are short by 16, 4 and 4 rights."""
    counted = figures(packages.snapshot())
    assert (counted.lines, counted.products, counted.publishers) == (12, 12, 7)
    assert [(row.product, row.needed) for row in counted.short] == [
        ("Lumen CAD", 16),
        ("Bracken Remote", 4),
        ("Kestrel Protection", 4),
    ]


def test_a_shortfall_that_a_violation_reports_is_no_second_issue():
    """Only the line without an open violation stands among the issues as a shortfall of its own."""
    counted = figures(packages.snapshot())
    assert [row.product for row in counted.uncovered] == ["Kestrel Protection"]
    assert [row.number for row in counted.open_violations] == ["V-000017", "V-000016"]


def test_currencies_are_never_added():
    """Each currency has its own total, and a line without a price adds nothing to any."""
    rows = packages.snapshot().inventory
    mixed = (*rows, replace(rows[0], annual_cost="100.10", currency="USD"), replace(rows[0], annual_cost=None))
    assert costs(mixed) == (("EUR", Decimal("521970.00")), ("USD", Decimal("100.10")))
    assert costs_by_publisher(mixed, "USD") == (("Lumen Systems", Decimal("100.10")),)


@given(st.lists(st.decimals(-1000, 1000, places=2), max_size=8))
def test_totals_are_exact(amounts):
    """A total is the sum of the decimal texts to the cent."""
    row = packages.snapshot().inventory[0]
    rows = [replace(row, annual_cost=str(amount)) for amount in amounts]
    assert dict(costs(rows)).get("EUR", Decimal(0)) == sum(amounts, Decimal(0))


def test_waived_evidence_is_not_missing():
    """Two entitlements lack papers; the waived site licence is not counted."""
    assert [row.product for row in figures(packages.snapshot()).unproved] == [
        "Northgate Mail Archive",
        "Väärtus Analytics",
    ]


def test_deadlines_look_ninety_days_ahead_and_not_back():
    """A deadline today and one in ninety days count, yesterday's and that of day 91 do not."""
    row, today = packages.snapshot().inventory[0], packages.AS_OF.date()
    days = (-1, 0, 90, 91)
    rows = tuple(replace(row, product=str(day), notice_deadline=today + timedelta(days=day)) for day in days)
    found = figures(packages.snapshot(inventory=rows)).deadlines
    assert [row.product for row in found.rows] == ["0", "90"]
    assert found.first == today


def test_months_of_the_period_are_complete():
    """Months without an event are there with zeros; February of a leap year and the turn of a year are no exception."""
    event = packages.seat_events(1)[0]
    at = replace(event, occurred_at=datetime(2028, 2, 29, 23, 59, tzinfo=UTC))
    months = seats_by_month((at, replace(at, change=-1)), date(2027, 12, 15), date(2028, 3, 1))
    assert months == ((date(2027, 12, 1), 0, 0), (date(2028, 1, 1), 0, 0), (date(2028, 2, 1), 1, 1))


def test_issues_come_by_severity_and_lead_to_their_section():
    """The open issues of the sample, the gravest first, each with the anchor of the section that holds its rows."""
    snapshot = packages.snapshot()
    found = issues(snapshot, figures(snapshot), ENGLISH)
    assert [(issue.severity, issue.section) for issue in found] == [
        (Severity.CRITICAL, "violations"),
        (Severity.WARNING, "violations"),
        (Severity.WARNING, "position"),
        (Severity.WARNING, "entitlements"),
        (Severity.INFO, "inventory"),
        (Severity.INFO, "inventory"),
        (Severity.INFO, "gaps"),
    ]
    assert found[0].title == "More seats assigned than rights in force: Lumen CAD (Lumen Systems)"
    assert found[2].title == "4 rights short: Kestrel Protection"


def test_a_broken_ledger_comes_first_and_colours_every_sentence():
    """A finding of the verification is the gravest issue, and the summary does not call the ledger verified."""
    finding = LedgerFinding("edited", "the body is not the one that was recorded", 4711)
    snapshot = packages.snapshot(ledger=replace(packages.ledger(), findings=(finding,)))
    counted = figures(snapshot)
    first = issues(snapshot, counted, ENGLISH)[0]
    assert (first.severity, first.detail) == (Severity.SEVERE, "From entry 4,711 on.")
    assert tiles(snapshot, counted, ENGLISH)[-1].value == "broken"
    assert "does not verify" in sentences(snapshot, counted, ENGLISH)[-1]


def test_nothing_found_says_so():
    """An organisation without any finding has no issue; a complete checklist leaves no topic open."""
    row = replace(packages.snapshot().inventory[1], notice_deadline=None)
    snapshot = packages.snapshot(
        inventory=(row,), positions=(), violations=(), entitlements=(), seat_history=(), imports=(), gaps=()
    )
    counted = figures(snapshot)
    assert issues(snapshot, counted, ENGLISH) == ()
    assert (
        sentences(snapshot, counted, ENGLISH)[1] == "As of 30 Sept 2026, 22:00 UTC, no line was used beyond its rights."
    )


def test_topics_that_are_left_out_are_an_issue():
    """What the package does not answer is counted among the open issues."""
    snapshot = packages.snapshot(gaps=(Gap.APPROVALS,))
    assert issues(snapshot, figures(snapshot), ENGLISH)[-1].title == "1 topic is not part of this package"


@pytest.mark.parametrize(("currency", "expected"), [("EUR", "€521,970"), ("", "521,970"), ("JPY", "JP¥521,970")])
def test_the_headline_amount_has_no_cents(currency, expected):
    """The tile shows whole units; the table beside it keeps the cents."""
    assert ENGLISH.whole_money(Decimal("521969.50"), currency) == expected


def test_the_report_prints_at_most_a_thousand_rows():
    """The shares of all sections together stay within the promise of 1,000 printed rows."""
    assert sum(PRINT_LIMITS.values()) <= 1000
