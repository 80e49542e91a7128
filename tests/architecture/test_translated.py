"""Every string that a person sees goes through gettext."""

import pytest

from tests.architecture import documented, untranslated
from tests.architecture.source import PACKAGES, ROOT, none, written_by_hand

TEMPLATES = sorted(
    [
        *(ROOT / "templates").rglob("*.html"),
        *(path for app in PACKAGES for path in (ROOT / app).glob("templates/**/*.html")),
    ]
)


BRAND = {"templates/components/wordmark.html"}
"""The name of the product in two weights: the same in every language."""


def test_templates_have_no_bare_words():
    """English and German are complete only if no template writes words past the catalogue."""
    found = [
        (path.relative_to(ROOT).as_posix(), f"{line} {what}")
        for path in TEMPLATES
        for line, what in untranslated.in_template(path)
    ]
    none(f"{path}:{what}" for path, what in found if path not in BRAND)
    none(BRAND - {path for path, _what in found})


def test_python_has_no_bare_words():
    """Labels, choices, messages and refusals are lazily or directly translated."""
    refusals = frozenset(cls.__name__ for cls in documented.refusal_classes())
    none(where for module in written_by_hand() for where in untranslated.in_module(module, refusals))


@pytest.mark.parametrize(
    ("source", "bare"),
    [
        ("<p>{% translate 'Seats' %} {{ count }}</p>", []),
        ("<p>Seats: {{ count }}</p>", ["'Seats:'"]),
        ("{% blocktranslate %}<b>{{ n }}</b> seats{% endblocktranslate %}", []),
        ('<input type="submit" value="Save"><input value="Save">', ["value='Save'"]),
        ('<a title="Close" href="/">×</a>', ["title='Close'"]),
        ("<code>make run</code><p>Seatledger · CSV</p>{# a note #}", []),
        ('{% include "x.html" with label="Open violations" %}', ["include … 'Open violations'"]),
    ],
)
def test_the_finder_finds(tmp_path, source, bare):
    """The gate sees text, attributes and include arguments, and leaves code, brands and translated words alone."""
    path = tmp_path / "page.html"
    path.write_text(source, encoding="utf-8")
    assert [what for _, what in untranslated.in_template(path)] == bare
