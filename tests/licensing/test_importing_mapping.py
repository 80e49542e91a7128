"""Columns: guessed, remembered, chosen, missing."""

import pytest
from django.utils.translation import override

from licensing.importing import refusals
from licensing.importing.assignments import ASSIGNMENTS
from licensing.importing.entitlements import ENTITLEMENTS
from licensing.importing.kinds import FORMS
from licensing.importing.mapping import chosen, guess, require_complete

NEEDED = ("Publisher", "Product", "Metric", "Quantity", "Licence model", "Start")


@pytest.mark.parametrize("form", FORMS.values(), ids=lambda form: form.name)
def test_every_field_is_found_by_its_own_names(form):
    """A file with our names, labels, or any one known heading for each field maps completely and in order."""
    fields = [field.name for field in form.fields]
    for header in (tuple(fields), tuple(str(field.label) for field in form.fields)):
        assert list(guess(header, form).columns) == fields
    for field in form.fields:
        for heading in field.synonyms:
            assert guess((heading,), form).columns == {field.name: 0}, heading


@pytest.mark.parametrize("form", FORMS.values(), ids=lambda form: form.name)
@pytest.mark.parametrize(("written", "read"), [("en", "de"), ("de", "en"), ("de", "de")])
def test_labels_of_each_language_are_known_in_each(form, written, read):
    """A sheet under the labels of one language maps completely for a reader, or a worker, of the other."""
    with override(written):
        header = tuple(str(field.label) for field in form.fields)
    with override(read):
        assert list(guess(header, form).columns) == [field.name for field in form.fields]


def test_headings_are_forgiving():
    """Case, punctuation, umlauts, units in brackets and slips of the pen do not count."""
    header = ("HERSTELLER", "Produkt-Name", "Kuendigungsfrist (Tage)", "Unit price [EUR]", "Quantitiy", "Währung:")
    assert guess(header, ENTITLEMENTS).columns == {
        "publisher": 0,
        "product": 1,
        "notice_days": 2,
        "quantity": 4,
        "currency": 5,
    }
    assert guess(("Unit price (EUR)",), ENTITLEMENTS).columns == {"unit_price": 0}


def test_similar_is_not_near_enough():
    """ "Product owner" is not the product; unknown headings stay unused and are listed."""
    mapping = guess(("Product owner", "Product", "", "Licence key"), ENTITLEMENTS)
    assert mapping.columns == {"product": 1}
    assert mapping.unused == ("Product owner", "Licence key")


def test_the_first_column_wins():
    """A field takes one column, a column feeds one field."""
    mapping = guess(("Software", "Product", "Title"), ENTITLEMENTS)
    assert mapping.columns == {"product": 0}


def test_memory_comes_first():
    """What a person chose for this source is used again, and what was left out is not guessed again."""
    header = ("Software", "Bezeichnung", "Anzahl", "Kostenstelle")
    mapping = chosen(header, ENTITLEMENTS, {"product": 1, "quantity": 2, "cost_centre": None})
    memory = mapping.to_remember(ENTITLEMENTS)
    assert memory == {"product": "Bezeichnung", "quantity": "Anzahl", "cost_centre": ""}
    assert guess(header, ENTITLEMENTS, remembered=memory).columns == {"product": 1, "quantity": 2}


def test_memory_of_another_file_does_no_harm():
    """Remembered headings that are gone, and fields that are no more, are passed over."""
    memory = {"product": "Gone", "no_such_field": "Software", "edition": "Stufe"}
    mapping = guess(("Software", "Stufe"), ENTITLEMENTS, remembered=memory)
    assert mapping.columns == {"edition": 1, "product": 0}


@pytest.mark.parametrize(
    ("choices", "named"),
    [
        ({"product": 2}, ["product"]),
        ({"product": -1}, ["product"]),
        ({"colour": 0}, ["colour"]),
        ({"product": 0, "edition": 0}, ["edition", "product"]),
    ],
)
def test_impossible_choices_are_refused(choices, named):
    """Columns that the file has not, fields that the kind has not, one column for two fields."""
    with pytest.raises(refusals.MappingInvalid) as refused:
        chosen(("A", "B"), ENTITLEMENTS, choices)
    assert refused.value.details == {"fields": named}


def test_missing_columns_are_named():
    """The refusal names what is missing and what was seen; with all of them nothing is refused."""
    header = ("Hersteller", "Produkt", "Anzahl", "Ansprechpartner")
    with pytest.raises(refusals.ColumnsMissing) as refused:
        require_complete(guess(header, ENTITLEMENTS), ENTITLEMENTS)
    assert refused.value.details == {"missing": ["metric", "model", "start"], "seen": list(header)}
    assert "Metric, Licence model, Start" in refused.value.message
    assert "Ansprechpartner" in refused.value.message
    require_complete(guess(NEEDED, ENTITLEMENTS), ENTITLEMENTS)


def test_one_column_of_holders_is_enough():
    """A list of seats needs the product and any one way to name the holder."""
    with pytest.raises(refusals.ColumnsMissing) as refused:
        require_complete(guess(("Product",), ASSIGNMENTS), ASSIGNMENTS)
    assert refused.value.details["missing"] == [*ASSIGNMENTS.either]
    assert "User name or E-mail or" in refused.value.message
    for name in ASSIGNMENTS.either:
        require_complete(guess(("Product", name), ASSIGNMENTS), ASSIGNMENTS)


def test_columns_without_a_heading_have_a_number():
    """A person can choose a nameless column; findings then call it by its number."""
    mapping = chosen(("Product", "", "x"), ENTITLEMENTS, {"quantity": 1})
    assert mapping.heading("quantity") == "column 2"
