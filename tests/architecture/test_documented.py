"""Every setting, permission, event kind and error code is documented, and nothing is documented that is not there."""

import ast
import re

import pytest

from audit.rules.kinds import KINDS
from tests.architecture import documented
from tests.architecture.source import ROOT, dotted, none

SETTINGS_ROW = re.compile(r"^\| `([A-Z_]+)` \| (.+?) \| ", re.MULTILINE)
READERS = {"text", "flag", "whole", "choice", "base_url", "database", "mail"}


def _variables() -> dict[str, str]:
    """Variable → its literal default as the environment would spell it, "" where the default is computed or empty."""
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse((ROOT / "config" / "settings.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and _reads_environment(node) and isinstance(node.args[0], ast.Constant):
            name = str(node.args[0].value)
            found[name] = found.get(name) or _default(node)
    return found


def _reads_environment(node: ast.Call) -> bool:
    called = dotted(node.func)
    prefix, _, last = called.rpartition(".")
    return bool(node.args) and (
        (prefix == "environment" and last in READERS) or called in {"os.environ.get", "_secret"}
    )


def _default(node: ast.Call) -> str:
    given = [*node.args[1:2], *(keyword.value for keyword in node.keywords if keyword.arg == "default")]
    if not given or not isinstance(given[0], ast.Constant) or given[0].value == "":
        return ""
    value = given[0].value
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("name", sorted(documented.PAGES))
def test_tables_made_from_the_code_are_current(name):
    """docs/ says what the code says; `make docs` brings a page up to date."""
    page = ROOT / "docs" / name
    assert page.exists(), "make docs"
    assert page.read_text(encoding="utf-8") == documented.PAGES[name](), "make docs"


def test_every_setting_is_documented_with_its_default():
    """docs/settings.md names exactly the variables that config/settings.py reads, with the defaults that it has."""
    page = dict(SETTINGS_ROW.findall((ROOT / "docs" / "settings.md").read_text(encoding="utf-8")))
    variables = _variables()
    assert set(page) == set(variables)
    assert {
        name: page[name] for name, default in variables.items() if default and f"`{default}`" not in page[name]
    } == {}


def test_sentences_of_tables_are_sentences():
    """Each refusal, permission and event kind explains itself to somebody who does not read code."""
    words = {
        **{code: text for code, (_, text) in documented.refusals().items()},
        **documented.permissions(),
        **KINDS,
    }
    none([name for name, text in words.items() if len(text.split()) < 3 or not text.rstrip().endswith(".")])
