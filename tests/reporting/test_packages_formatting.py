"""Foreign text and numbers in the report."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.packages.formatting import Formatter, isolated, printable


def test_long_text_is_cut_and_says_so():
    """A name of 5,000 signs takes at most the room that its place has, and ends with an ellipsis."""
    shown = printable("x" * 5000, limit=80)
    assert len(shown) == 80
    assert shown.endswith("\u2026")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("invoice\u202efdp.exe", "invoice[U+202E]fdp.exe"),
        ("bell\x07", "bell[U+0007]"),
        ("zero\u200bwidth", "zero[U+200B]width"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("\ufffe", "[U+FFFE]"),
        ("نرم\u200cافزار", "نرم\u200cافزار"),
    ],
)
def test_what_cannot_be_seen_is_shown_by_its_number(text, shown):
    """Signs that reverse, hide or ring appear as code points; joiners that spelling needs stay."""
    assert printable(text) == shown


@given(st.text(max_size=3000), st.integers(2, 200))
def test_printable_keeps_its_limit(text, limit):
    """No text takes more signs than its limit."""
    assert len(printable(text, limit=limit)) <= limit


def test_right_to_left_names_are_isolated():
    """A Hebrew name inside an English sentence stands between isolating marks, a Latin one does not."""
    assert isolated("שלום") == "\u2068שלום\u2069"
    assert isolated("Lumen") == "Lumen"


def test_each_language_has_its_own_conventions():
    """English and German write numbers, dates and money as their readers do."""
    english, german = Formatter("en"), Formatter("de")
    assert (english.number(14208), german.number(14208)) == ("14,208", "14.208")
    assert english.money(Decimal("1250.5"), "EUR") == "€1,250.50"
    assert german.money(Decimal("1250.5"), "EUR") == "1.250,50\xa0€"
    assert german.whole_money(Decimal("1250.5"), "EUR") == "1.251\xa0€"
    assert english.period(date(2026, 7, 1), date(2026, 10, 1)) == "1 Jul 2026 – 30 Sept 2026"
    assert Formatter("en-us").day(date(2026, 7, 1)) == "1 Jul 2026"


def test_a_missing_number_is_a_dash():
    """Nothing is printed as zero that is not zero."""
    assert (Formatter("en").number(None), Formatter("en").day(None), Formatter("en").number(0)) == ("–", "–", "0")
