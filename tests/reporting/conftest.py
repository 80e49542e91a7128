"""Laying out a report takes seconds: one for all tests of this folder that read it, none for those that do not."""

from pathlib import Path
from typing import Any

import pytest

from reporting.operations import building
from reporting.packages.child import render_report
from reporting.packages.encoding import to_bytes
from tests.reporting import packages


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """report.pdf of `packages.snapshot()`, rendered as the product does it: in a process of its own."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "snapshot.json").write_bytes(to_bytes(packages.snapshot()))
    render_report(snapshot=folder / "snapshot.json", target=folder / "report.pdf")
    return folder / "report.pdf"


@pytest.fixture
def short_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of what happens round the report: building stores the same empty page in place of it."""

    def stored(*, target: Path, **_rest: Any) -> None:
        target.write_bytes(b"%PDF-1.7\n%%EOF\n")

    monkeypatch.setattr(building, "render_report", stored)
