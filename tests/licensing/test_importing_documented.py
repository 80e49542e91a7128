"""docs/importing.md says what the importer does: its fields, its findings, its limits."""

import re
from pathlib import Path

import pytest

from licensing.importing import limits
from licensing.importing.fields import Presence
from licensing.importing.findings import RULES
from licensing.importing.kinds import FORMS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "importing.md").read_text(encoding="utf-8")


def test_every_finding_is_documented():
    """Each code stands on the page with its severity, those of other apps too when they are loaded."""
    documented = dict(re.findall(r"^\| `([A-Z_]+)` \| (error|warning) \|", PAGE, re.MULTILINE))
    assert {rule.code: rule.severity.value for rule in RULES.values()}.items() <= documented.items()


@pytest.mark.parametrize("form", FORMS.values(), ids=lambda form: form.name)
def test_every_field_is_documented(form):
    """Each field stands under its kind, in bold when every file needs it."""
    section = PAGE.partition(f"### {form.label}")[2].partition("\n#")[0]
    needed = {field.name for field in form.fields if field.presence is not Presence.OPTIONAL}
    assert set(re.findall(r"^\| \*{0,2}`(\w+)`", section, re.MULTILINE)) == {field.name for field in form.fields}
    assert set(re.findall(r"^\| \*\*`(\w+)`", section, re.MULTILINE)) == needed


def test_the_limits_are_documented():
    """The figures of the page are those of the code."""
    assert f"{limits.FILE_BYTES // 2**20} MB a file, {limits.ROWS:,} rows, {limits.COLUMNS} columns" in PAGE
    assert f"{limits.CELL_CHARACTERS:,} characters a cell" in PAGE
    assert f"{limits.ARCHIVE_PARTS:,} parts and {limits.ARCHIVE_BYTES // 2**20} MB unpacked" in PAGE
