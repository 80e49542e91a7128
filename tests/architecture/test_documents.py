"""Documents stay true where a machine can tell: links lead somewhere, commands exist."""

import re

import pytest

from tests.architecture.source import ROOT, none

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").glob("*.md")])
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")
TARGET = re.compile(r"(?:^|`)make ([a-z]+(?:-[a-z]+)*)\b", re.MULTILINE)


@pytest.mark.parametrize("document", PAGES, ids=lambda document: str(document.relative_to(ROOT)))
def test_links_lead_somewhere(document):
    """Every relative link and picture of a document names a file or folder of this repository."""
    broken = [
        link for link in LINK.findall(document.read_text(encoding="utf-8")) if not (document.parent / link).exists()
    ]
    none(broken)


def test_make_targets_in_documents_exist():
    """A command that a reader is told to type is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    code = re.compile(r"`[^`\n]+`|^```.*?^```", re.MULTILINE | re.DOTALL)
    named = {
        (page.name, target)
        for page in PAGES
        for block in code.findall(page.read_text(encoding="utf-8"))
        for target in TARGET.findall(block)
    }
    none({found for found in named if found[1] not in targets})
