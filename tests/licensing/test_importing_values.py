"""Single cells: German and English numbers and dates, money, words, e-mail addresses, texts."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.importing.conventions import UNDECIDED, Convention
from licensing.importing.dates import MONTHS, date_readings, read_date
from licensing.importing.numbers import number_readings, read_number, read_whole
from licensing.importing.texts import all_plain, cleaned, comparable, is_plain
from licensing.importing.values import Price, TextReader, choice, currency, email, price, truth
from licensing.importing.words import BILLING_PERIODS, METRICS, MODELS

COMMA, POINT = Convention(decimal=","), Convention(decimal=".")
DAY_FIRST, MONTH_FIRST = Convention(order="dmy"), Convention(order="mdy")


def outcome(reading):
    """The value and the code of the problem."""
    value, problem = reading
    return value, problem.rule.code if problem else None


def german(amount: Decimal) -> str:
    return f"{amount:,f}".translate(str.maketrans(",.", ".,"))


AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False)


@given(AMOUNTS)
def test_numbers_survive_both_ways_of_writing(amount):
    """1.234,56 and 1,234.56 read back as what was written, also with spaces, apostrophes and a real minus sign."""
    assert read_number(german(amount), COMMA) == (amount, None)
    assert read_number(f"{amount:,f}", POINT) == (amount, None)
    for group in (" ", "\u00a0", "\u202f", "'", "’"):
        written = f"{amount:,f}".replace(",", group)
        assert read_number(written.replace("-", "−"), UNDECIDED) == (amount, None)


@given(AMOUNTS)
def test_a_wrong_convention_never_reads_another_number(amount):
    """Two decimal places decide themselves: the column's convention is asked only where both readings are possible."""
    assert read_number(german(amount), POINT) == (amount, None)
    assert read_number(f"{amount:,f}", COMMA) == (amount, None)


@pytest.mark.parametrize(
    ("text", "comma", "point"),
    [
        ("1.234", 1234, "1.234"),
        ("1,234", "1.234", 1234),
        ("999.000", 999000, "999"),
        ("1.234.567", 1234567, 1234567),
        ("0.123", "0.123", "0.123"),
        ("1234.5", "1234.5", "1234.5"),
        ("12,5", "12.5", "12.5"),
        (".5", "0.5", "0.5"),
        ("5-", -5, -5),
        ("(1.000,00)", -1000, -1000),
        ("1 500,-", 1500, 1500),
        ("99.—", 99, 99),
        ("  7\u00a0", 7, 7),
    ],
)
def test_numbers_by_convention(text, comma, point):
    """Each text under a decimal comma and a decimal point."""
    assert read_number(text, COMMA) == (Decimal(comma), None)
    assert read_number(text, POINT) == (Decimal(point), None)


@pytest.mark.parametrize(
    "text", ["1.23.456", "1,2,3", "12 34", "1.234,5.6", "12a", "1e5", "٣", "--5", "(5", "9" * 41, "½"]
)
def test_what_is_not_a_number(text):
    """Wrong groups, letters, exponents, other digits and absurd lengths are refused, not guessed."""
    assert outcome(read_number(text, UNDECIDED)) == (None, "NUMBER_UNREADABLE")


def test_ambiguous_numbers_name_both_meanings():
    """In an undecided column 1.234 is an error that says what it can mean."""
    _, problem = read_number("1.234", UNDECIDED)
    assert problem is not None
    assert (problem.rule.code, dict(problem.details)) == ("NUMBER_AMBIGUOUS", {"first": "1.234", "second": "1234"})


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1.500", (1500, None)),
        ("1.000", (None, "NUMBER_AMBIGUOUS")),
        ("12,00", (12, None)),
        ("12,5", (None, "NUMBER_NOT_WHOLE")),
        ("0", (None, "NUMBER_TOO_SMALL")),
        ("-3", (None, "NUMBER_TOO_SMALL")),
        ("2147483647", (2147483647, None)),
        ("2147483648", (None, "NUMBER_TOO_LARGE")),
        ("", (None, None)),
        ("k. A.", (None, None)),
        ("=A1", (None, "FORMULA_NOT_CALCULATED")),
        (25.0, (25, None)),
        (float("nan"), (None, "NUMBER_UNREADABLE")),
        (True, (None, "NUMBER_UNREADABLE")),
    ],
)
def test_quantities(cell, expected):
    """Whole numbers from 1 to what the database holds; a reading that is not whole is no reading."""
    assert outcome(read_whole(cell, UNDECIDED, minimum=1)) == expected


DAYS = st.dates(min_value=date(1970, 1, 1), max_value=date(2199, 12, 31))


@given(DAYS)
def test_dates_survive_every_way_of_writing(day):
    """German, English, ISO, with month names, with a time, and as Excel's day number within its plausible range."""
    for form in ("%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d", "%d %b %Y", "%B %d, %Y", "%Y-%m-%dT00:00:00Z"):
        assert read_date(day.strftime(form), UNDECIDED) == (day, None)
    assert read_date(f"{day:%d/%m/%Y}", DAY_FIRST) == (day, None)
    assert read_date(f"{day:%m/%d/%Y}", MONTH_FIRST) == (day, None)
    assert read_date(day, UNDECIDED) == (day, None)


@given(DAYS)
def test_ambiguous_dates_are_never_guessed(day):
    """Without a convention a date with slashes is read rightly, or is an error; never as another day."""
    for written in (f"{day:%d/%m/%Y}", f"{day:%m/%d/%Y}"):
        readings = set(date_readings(written).values())
        value, code = outcome(read_date(written, UNDECIDED))
        assert day in readings
        assert (value, code) == ((day, None) if len(readings) == 1 else (None, "DATE_AMBIGUOUS"))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("31. Dezember 2026", (date(2026, 12, 31), None)),
        ("1. März 2026", (date(2026, 3, 1), None)),
        ("31.12.26", (date(2026, 12, 31), "DATE_TWO_DIGIT_YEAR")),
        ("31.12.95", (date(1995, 12, 31), "DATE_TWO_DIGIT_YEAR")),
        ("46387", (date(2026, 12, 31), "DATE_FROM_SERIAL")),
        (46387, (date(2026, 12, 31), "DATE_FROM_SERIAL")),
        (46387.75, (date(2026, 12, 31), "DATE_FROM_SERIAL")),
        (datetime.fromisoformat("2026-12-31T23:59"), (date(2026, 12, 31), None)),
        ("31.12.2026 23:59:59", (date(2026, 12, 31), None)),
        ("12/31/2026 11:59 PM", (date(2026, 12, 31), None)),
        ("31.12.9999", (None, "DATE_MEANS_NEVER")),
        ("unbefristet", (None, None)),
        ("-", (None, None)),
        ("30.02.2026", (None, "DATE_UNREADABLE")),
        ("12345", (None, "DATE_UNREADABLE")),
        (float("inf"), (None, "DATE_UNREADABLE")),
        (True, (None, "DATE_UNREADABLE")),
        ("31.12.1899", (None, "DATE_IMPLAUSIBLE")),
        ("=TODAY()", (None, "FORMULA_NOT_CALCULATED")),
        ("soon", (None, "DATE_UNREADABLE")),
    ],
)
def test_dates(cell, expected):
    """Long months, short years, day numbers, times, words for "never", and what is no date."""
    assert outcome(read_date(cell, UNDECIDED)) == expected


def test_ambiguous_dates_name_both_meanings():
    """The error shows both days in ISO form."""
    _, problem = read_date("03/04/2026", UNDECIDED)
    assert problem is not None
    assert dict(problem.details) == {"first": "2026-04-03", "second": "2026-03-04"}


def test_months_are_known_in_both_languages():
    """Twelve months, each by its English and German names and abbreviations."""
    assert set(MONTHS.values()) == set(range(1, 13))
    assert [MONTHS[name] for name in ("mär", "märz", "may", "mai", "okt", "december", "dezember")] == [
        3,
        3,
        5,
        5,
        10,
        12,
        12,
    ]


@pytest.mark.parametrize(
    ("cell", "amount", "currencies"),
    [
        ("€ 1.234,56", "1234.56", ("EUR",)),
        ("1.234,56 EUR", "1234.56", ("EUR",)),
        ("1 234,50 kr", "1234.50", ("NOK", "SEK", "DKK", "ISK")),
        ("$1,200.00", "1200.00", ("USD", "CAD", "AUD")),
        ("CHF 12.-", "12", ("CHF",)),
        ("Fr. 12.50", "12.50", ("CHF",)),
        ("0.1250", "0.1250", ()),
        (99.5, "99.5", ()),
    ],
)
def test_prices(cell, amount, currencies):
    """An amount with or without its currency; a sign of several currencies keeps them all, for nobody guesses money."""
    assert price(cell) == (Price(Decimal(amount), currencies), None)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("-5,00", "NUMBER_TOO_SMALL"),
        ("1.234", "NUMBER_AMBIGUOUS"),
        ("1000000000000,00", "NUMBER_TOO_LARGE"),
        ("0,12345", "PRICE_TOO_PRECISE"),
        ("12,50 Taler", "CURRENCY_UNKNOWN"),
        ("EUR", "NUMBER_UNREADABLE"),
        ("x" * 5000, "NUMBER_UNREADABLE"),
    ],
)
def test_prices_that_cannot_be(cell, code):
    """Negative, ambiguous, too large, too precise, of an unknown currency, or no price at all."""
    assert outcome(price(cell)) == (None, code)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("eur", ("EUR", None)),
        ("€", ("EUR", None)),
        ("nkr", ("NOK", None)),
        ("kr", (None, "CURRENCY_AMBIGUOUS")),
        ("DEM", (None, "CURRENCY_UNKNOWN")),
        ("", (None, None)),
    ],
)
def test_currencies(cell, expected):
    """Codes of ISO 4217 in any case, signs of one currency; no currency that is gone."""
    assert outcome(currency(cell)) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Ja", (True, None)),
        ("x", (True, None)),
        (True, (True, None)),
        ("nein", (False, None)),
        ("0", (False, None)),
        (0.0, (False, None)),
        ("", (None, None)),
        ("maybe", (None, "TRUTH_UNREADABLE")),
    ],
)
def test_truth(cell, expected):
    """Yes and no in both languages, as numbers and as Excel's own type."""
    assert outcome(truth(cell)) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (" Ingrid.Solberg@Halden.example ", ("ingrid.solberg@halden.example", None)),
        ("Ingrid Solberg <ingrid.solberg@halden.example>", ("ingrid.solberg@halden.example", None)),
        ("mailto:a@b.example", ("a@b.example", None)),
        ("a@b", (None, "EMAIL_UNREADABLE")),
        ("a@b..example", (None, "EMAIL_UNREADABLE")),
        ("a b@c.example", (None, "EMAIL_UNREADABLE")),
        ("a@" + "b" * 5000 + ".example", (None, "EMAIL_UNREADABLE")),
        ("n/a", (None, None)),
    ],
)
def test_email_addresses(cell, expected):
    """Lower case, taken out of "Name <address>"; what could not be one is refused."""
    assert outcome(email(cell)) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Lumen\u00a0CAD\u200b  Studio\n", ("Lumen CAD Studio", None)),
        (4711.0, ("4711", None)),
        ("=1+1", ("=1+1", "FORMULA_AS_TEXT")),
        ("@Knut: bitte prüfen", ("@Knut: bitte prüfen", "FORMULA_AS_TEXT")),
        ("'=1+1", ("=1+1", "FORMULA_AS_TEXT")),
        ("'s-Hertogenbosch", ("'s-Hertogenbosch", None)),
        ("x" * 41, (None, "TEXT_TOO_LONG")),
        (" – ", (None, None)),
        ("NULL", (None, None)),
    ],
)
def test_texts(cell, expected):
    """Spaces are cleaned, formulas kept and flagged, the mark of our own exports taken off, placeholders empty."""
    assert outcome(TextReader(40)(cell)) == expected


@given(
    st.lists(st.text(max_size=12) | st.sampled_from(["PO-1", "none", "=x", " a", "a  b", ""]), min_size=1, max_size=5)
)
def test_the_short_cut_for_plain_texts_agrees(texts):
    """A block of texts is taken as written exactly when each text would be read as itself without a finding."""
    reader = TextReader(10)
    if reader.takes_as_written(texts):
        assert [reader(text) for text in texts] == [(text, None) for text in texts]
    assert all_plain(texts, limit=10) == all(is_plain(text) and len(text) <= 10 for text in texts)


@given(st.text(max_size=40))
def test_cleaning_is_done_once(text):
    """Cleaning a cleaned text changes nothing."""
    assert cleaned(cleaned(text)) == cleaned(text)


@pytest.mark.parametrize(
    "spelling",
    ["LUMEN CAD-Studio™", "lumen_cad studio", "Lumen  CAD\u00a0Studio", "LumenCADStudio", "Lúmen CAD Studio"],
)
def test_spellings_compare(spelling):
    """Case, spaces, punctuation, accents and marks do not count."""
    assert comparable(spelling) == "lumencadstudio"


@pytest.mark.parametrize(("one", "other"), [("Größe", "GROESSE"), ("Ødegård", "Oedegaard"), ("Straße", "strasse")])
def test_letters_of_the_north_compare(one, other):
    """Old programs write ae, oe, ue, aa and ss."""
    assert comparable(one) == comparable(other)


@pytest.mark.parametrize(
    ("words", "spelling", "code"),
    [
        (MODELS, "Abonnement", "subscription"),
        (MODELS, "Node-Locked", "node_locked"),
        (MODELS, "Standortlizenz", "site"),
        (METRICS, "benannter Nutzer", "named_user"),
        (METRICS, "Concurrent Users", "concurrent_user"),
        (BILLING_PERIODS, "pro Jahr", "yearly"),
        (BILLING_PERIODS, "p.a.", "yearly"),
    ],
)
def test_words_for_codes(words, spelling, code):
    """Closed sets are understood in both languages, whatever the case and punctuation."""
    assert choice(words)(spelling, UNDECIDED) == (code, None)


def test_unknown_words():
    """A closed set refuses and lists its codes; an open one keeps the word, checked like any text."""
    _, problem = choice(BILLING_PERIODS)("biweekly", UNDECIDED)
    assert problem is not None
    assert (problem.rule.code, problem.details["choices"]) == ("CHOICE_UNKNOWN", "monthly, once, quarterly, yearly")
    metric = choice(METRICS, other=TextReader(20))
    assert metric("API calls", UNDECIDED) == ("API calls", None)
    assert outcome(metric("x" * 21, UNDECIDED)) == (None, "TEXT_TOO_LONG")


def test_no_spelling_means_two_things():
    """A word that two codes claimed would depend on the order in which they are written down."""
    for words in (MODELS, METRICS, BILLING_PERIODS):
        assert all(words[comparable(code)] == code for code in set(words.values()))


@given(st.text(max_size=60))
def test_readers_never_raise(text):
    """Whatever a cell says, a reader answers with a value, nothing, or a problem."""
    for read in (read_number, read_date, price, currency, truth, email, TextReader(40), choice(MODELS)):
        value, problem = read(text, UNDECIDED)
        assert value is None or problem is None or problem.rule.severity == "warning"
    assert all(isinstance(amount, Decimal) for amount in number_readings(text).values())
