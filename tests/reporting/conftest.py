"""One rendered report for all tests of this folder: laying it out takes seconds."""

from pathlib import Path

import pytest

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
