"""Every string has a translation in every language, and the compiled catalogues are those of the sources."""

import ast
import re
from collections.abc import Callable, Iterator

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from django.utils.translation import gettext, ngettext, override

from tests.architecture.messages import Found, collected, in_template, kept, languages, path_of, untranslated
from tests.architecture.source import dotted, none, written_by_hand

every_language = pytest.mark.parametrize("language", ["de"])
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]")


def ids(catalog: Catalog) -> set[tuple[object, str | None]]:
    return {(message.id, message.context) for message in catalog if message.id}


def forms(value: object) -> list[str]:
    return [str(form) for form in value] if isinstance(value, tuple | list) else [str(value)]


def entries(catalog: Catalog) -> dict[object, list[str]]:
    return {(*forms(message.id), message.context): forms(message.string) for message in catalog if message.id}


def differing(catalog: Catalog, told: Callable[[str], object]) -> Iterator[Message]:
    """Messages whose forms do not tell the same in both languages."""
    for message in catalog:
        pairs = zip(forms(message.id), forms(message.string), strict=False)
        if message.id and any(told(ours) != told(theirs) for ours, theirs in pairs):
            yield message


def test_the_languages_of_the_project():
    """English is what the strings are written in; each other language has a catalogue."""
    assert languages() == ["de"]


@every_language
def test_every_string_is_in_the_catalogue_and_no_other(language):
    """After a change of words: `make messages`, then translate what is empty in locale/<language>."""
    ours, theirs = ids(collected()), ids(kept(language))
    none([*(f"not in the catalogue: {one}" for one in ours - theirs), *(f"gone: {one}" for one in theirs - ours)])


@every_language
def test_every_string_is_translated(language):
    """No empty form, no form that is missing, nothing marked as doubtful."""
    none(message.id for message in untranslated(kept(language)))


@every_language
def test_translations_have_the_same_placeholders(language):
    """A missing placeholder hides a figure, an unknown one is an error on the page."""
    none(message.id for message in differing(kept(language), lambda text: sorted(PLACEHOLDER.findall(text))))


@every_language
def test_translations_keep_spaces_at_the_ends(language):
    """Strings that are joined to others keep the space between them."""
    none(message.id for message in differing(kept(language), lambda text: (text[:1].isspace(), text[-1:].isspace())))


@every_language
def test_the_compiled_catalogue_is_fresh(language):
    """django.mo, which the application reads, holds what django.po says; `make messages` compiles."""
    with path_of(language, ".mo").open("rb") as file:
        assert entries(read_mo(file)) == entries(kept(language))


def test_django_reads_the_catalogue():
    """Sentences, plurals and the names of models arrive in German."""
    with override("de"):
        assert gettext("Open violations") == "Offene Verstöße"
        assert ngettext("%(count)s seat", "%(count)s seats", 2) == "%(count)s Plätze"
    with override("en"):
        assert gettext("Open violations") == "Open violations"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('{% load i18n %}{% translate "Seats" %}', [("Seats", "")]),
        ('{% load i18n %}{% translate "100% sure" as x %}', [("100%% sure", "")]),
        (
            "{% load i18n %}{% blocktranslate trimmed %}\n  Two\n  lines\n{% endblocktranslate %}",
            [("Two lines", "")],
        ),
        (
            "{% load i18n %}{% blocktranslate count n=n %}{{ n }} seat{% plural %}{{ n }} seats{% endblocktranslate %}",
            [("%(n)s seat", "%(n)s seats")],
        ),
        ('{% include "x.html" with label=_("Seats") %}', [("Seats", "")]),
        ('{% load i18n %}{% if x %}{% with y=1 %}{% translate "Deep" %}{% endwith %}{% endif %}', [("Deep", "")]),
        ("<p>{{ name }}</p>", []),
    ],
)
def test_the_collector_collects(source: str, found: list[tuple[str, str]]) -> None:
    """Strings of templates come out exactly as Django looks them up."""
    collected_here: list[Found] = list(in_template(source, "page.html"))
    assert [(one.text, one.plural) for one in collected_here] == found


TRANSLATED_BY_VARIABLE = {
    "identity/actors.py": "sentences of audit.rules.kinds.KINDS, which the collector reads there",
    "identity/forms/api_clients.py": "purposes of roles and scopes, which the collector reads there",
    "identity/wording.py": "purposes of roles and sentences of permissions, which the collector reads there",
    "identity/views/consent.py": "purposes of scopes, which the collector reads there",
    "identity/views/api_clients.py": "purposes of scopes, which the collector reads there",
}
"""File → where the strings come from that it translates without naming them."""


def test_strings_are_named_where_they_are_translated():
    """gettext of a variable finds nothing in the catalogue unless somebody collects what it may hold."""
    words_of = {"_": 1, "gettext": 1, "gettext_lazy": 1, "ngettext": 2, "ngettext_lazy": 2}
    found = [
        (module.relative, f"{module.at(node)} {ast.unparse(node)}")
        for module in written_by_hand()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        for words in node.args[: words_of.get(dotted(node.func), 0)]
        if not isinstance(words, ast.Constant)
    ]
    none(where for file, where in found if file not in TRANSLATED_BY_VARIABLE)
    none(set(TRANSLATED_BY_VARIABLE) - {file for file, _where in found})
