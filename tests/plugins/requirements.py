"""`@pytest.mark.requirement("REQ-021")`: which requirement a test proves, and `--requirements`: the table of it all.

docs/requirements.csv states each requirement with its acceptance check; a test claims one only where it really proves
it by the stated numbers. The report puts id, acceptance and the test's own sentence side by side, so that a reader can
judge the claim, and ends with what has no test.
"""

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).resolve().parents[2] / "docs" / "requirements.csv"
MOST_PER_TEST = 3


@dataclass(frozen=True)
class Requirement:
    """One row of docs/requirements.csv."""

    id: str
    area: str
    priority: str
    requirement: str
    acceptance: str


@cache
def requirements() -> dict[str, Requirement]:
    with REQUIREMENTS.open(encoding="utf-8", newline="") as file:
        rows = [
            Requirement(row["id"], row["area"], row["priority"], row["requirement"], row["acceptance"])
            for row in csv.DictReader(file)
        ]
    return {row.id: row for row in rows}


def claimed(item: pytest.Item) -> list[str]:
    """The ids that the test's own marks name; ids of a class or module mark count too."""
    return [str(one) for mark in item.iter_markers("requirement") for one in mark.args]


def sentence(item: pytest.Item) -> str:
    """The first paragraph of the test's docstring in one line."""
    text = getattr(getattr(item, "function", None), "__doc__", None) or ""
    return " ".join(text.strip().split("\n\n")[0].split())


def mistake(item: pytest.Item) -> str:
    """What is wrong with the claims of a test, or nothing."""
    ids = claimed(item)
    unknown = [one for one in ids if one not in requirements()]
    if unknown:
        return f"{', '.join(unknown)}: not in docs/requirements.csv"
    if len(ids) > MOST_PER_TEST:
        return f"claims {len(ids)} requirements; a test that proves more than {MOST_PER_TEST} proves none precisely"
    if ids and not sentence(item):
        return "claims a requirement without a sentence that says what it proves"
    return ""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--requirements", action="store_true", help="print requirements against tests (with --collect-only)"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    wrong = [f"{item.nodeid}: {text}" for item in items if (text := mistake(item))]
    if wrong:
        raise pytest.UsageError("\n".join(wrong))


def by_requirement(items: list[pytest.Item]) -> dict[str, dict[str, str]]:
    """Requirement id → the tests that claim it (parameters folded into one) → the sentence of each."""
    proofs: dict[str, dict[str, str]] = defaultdict(dict)
    for item in items:
        for one in claimed(item):
            proofs[one][item.nodeid.split("[")[0]] = sentence(item)
    return proofs


def report(items: list[pytest.Item]) -> list[str]:
    proofs = by_requirement(items)
    lines: list[str] = []
    for row in requirements().values():
        if row.id not in proofs:
            continue
        lines += [f"{row.id} ({row.area}, {row.priority})  {row.requirement}", f"    asked   {row.acceptance}"]
        for test, words in proofs[row.id].items():
            lines += [f"    proved  {words}", f"            {test}"]
    open_rows = [row for row in requirements().values() if row.id not in proofs]
    lines += ["", f"Without a test: {len(open_rows)} of {len(requirements())}"]
    lines += [f"    {row.id} ({row.area}, {row.priority})  {row.requirement}" for row in open_rows]
    return lines


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Prints the report in place of pytest's list of tests."""
    if session.config.getoption("--requirements"):
        print("\n".join(["", *report(session.items)]))  # noqa: T201  # the report is what was asked for
        session.items.clear()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """No test was run on purpose."""
    if session.config.getoption("--requirements") and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = pytest.ExitCode.OK


def pytest_report_collectionfinish(config: pytest.Config) -> str:
    return f"requirements known: {len(requirements())}"
