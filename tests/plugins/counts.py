"""`counted("addresses", 272)`: figures that a test wants to be read, printed at the end of the run."""

from collections.abc import Callable
from typing import Any

import pytest

KEY = "counted"


@pytest.fixture
def counted(record_property: Callable[[str, object], None]) -> Callable[[str, int], None]:
    """Keeps a figure; it reaches the end of the run from every process."""
    return lambda name, number: record_property(KEY, f"{number:>7}  {name}")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    lines = [
        (report.nodeid, line)
        for report in terminalreporter.getreports("passed")
        for key, line in report.user_properties
        if key == KEY and report.when == "call"
    ]
    if lines:
        terminalreporter.section("counted")
    for test in dict.fromkeys(test for test, _line in lines):
        terminalreporter.write_line(test)
        for _test, line in (found for found in lines if found[0] == test):
            terminalreporter.write_line(f"  {line}")
