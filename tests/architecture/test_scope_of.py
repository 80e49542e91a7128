"""Whoever reads for somebody reads what that somebody may see."""

import re

from tests.architecture.source import APPS, ROOT, none

FOR_SOMEBODY = re.compile(r"\bscope\((?:\w+\.)*(?:principal|actor)\.organization_id\)")


def test_reads_for_a_principal_use_its_own_scope() -> None:
    """`scope_of(principal)` carries the partners to which a customer is limited; the organisation alone would not."""
    paths = [path for app in (*APPS, "kernel", "config") for path in (ROOT / app).rglob("*.py")]
    assert len(paths) > 300
    none(str(path) for path in paths if FOR_SOMEBODY.search(path.read_text(encoding="utf-8")))
