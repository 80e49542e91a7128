"""The pytest plugin that runs inside a switched copy: which tests ask which sites, and which notice that one is gone.

An order (JSON) names the sites, where to keep what was seen, and where to write what was said. Tests are run once to
see what they ask, unless that is known; then, for each site, those that ask it, the quickest first, until one fails.
It counts only if it passes with the filter directly afterwards, so that nothing is proved by an unsteady test.
"""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from tests.isolation import mutants_switch
from tests.isolation.layers import without_the_manager

NOBODY: dict[str, Any] = {"noticed": "", "ran": 0, "unsteady": []}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--mutants", type=Path, help="the order of tests.isolation.mutants_filters")


def pytest_configure(config: pytest.Config) -> None:
    if order := config.getoption("--mutants"):
        config.pluginmanager.register(Taker(json.loads(order.read_text(encoding="utf-8"))))


def asking(seen: dict[str, Any], site: str) -> list[str]:
    """The tests that ask the site and pass with it, the quickest first."""
    found = [name for name, one in seen.items() if site in one["sites"] and one.get("outcome") == "passed"]
    return sorted(found, key=lambda name: seen[name]["seconds"])


class Taker:
    """Carries out an order in place of the usual run."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.order = order
        self.seen: dict[str, Any] = {}
        self.said: dict[str, dict[str, Any]] = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        mutants_switch.touched.clear()
        yield
        self.seen.setdefault(item.nodeid, {})["sites"] = sorted(mutants_switch.touched)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        one = self.seen.setdefault(report.nodeid, {})
        one["seconds"] = one.get("seconds", 0.0) + report.duration
        if report.when == "call" or not report.passed:
            one["outcome"] = report.outcome

    def pytest_collection_finish(self) -> None:
        if early := mutants_switch.touched & set(self.order["sites"]):
            raise pytest.UsageError(f"asked while the program is loaded, so that no test can switch it: {early}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        kept = Path(self.order["seen"])
        if not kept.exists():
            for item, following in zip(session.items, [*session.items[1:], session.items[0]], strict=True):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            kept.write_text(json.dumps(self.seen, indent=1), encoding="utf-8")
        seen = json.loads(kept.read_text(encoding="utf-8"))
        self._all(session, seen, is_open=False)
        if self.order["open"]:
            self._all(session, seen, is_open=True)
        return True

    def _all(self, session: pytest.Session, seen: dict[str, Any], *, is_open: bool) -> None:
        items = {item.nodeid: item for item in session.items}
        for site in self.order["sites"]:
            if self.said.get(site, NOBODY)["noticed"]:
                continue
            tests = [items[name] for name in asking(seen, site) if name in items]
            self.said[site] = {**_without(site, tests, session, is_open=is_open), "open": is_open}
            Path(self.order["said"]).write_text(json.dumps(self.said, indent=1), encoding="utf-8")


def _without(site: str, tests: list[pytest.Item], session: pytest.Session, *, is_open: bool) -> dict[str, Any]:
    unsteady = []
    for ran, item in enumerate(tests, 1):
        if not _fails(item, site, session, is_open=is_open):
            continue
        if not _fails(item, "", session, is_open=is_open):
            return {"noticed": item.nodeid, "ran": ran, "unsteady": unsteady}
        unsteady.append(item.nodeid)
    return {"noticed": "", "ran": len(tests), "unsteady": unsteady}


def _fails(item: pytest.Item, site: str, session: pytest.Session, *, is_open: bool) -> bool:
    """Each run has fixtures of its own, those of the module too: none was made with another filter missing."""
    item._initrequest()  # type: ignore[attr-defined]  # as pytest prepares a function for its run
    elsewhere = next((one for one in session.items if one.path != item.path), None)
    mutants_switch.take_away(*filter(None, [site]))
    with without_the_manager() if is_open else nullcontext():
        reports = runtestprotocol(item, log=False, nextitem=elsewhere)
    mutants_switch.take_away()
    return any(report.failed for report in reports)
