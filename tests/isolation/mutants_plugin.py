"""The pytest plugin that runs inside a switched copy: which tests ask which sites, and which notice that one is gone.

An order (JSON) names the sites, where to keep what was seen, and where to write what was said. For each site the files
of tests are taken in the order of what they have in common with it. A file is run once, to see what its tests ask;
those that ask the site then run without it, the quickest first, until one fails. It counts only if it passes with the
filter directly afterwards and then fails without it again, so that nothing is proved by an unsteady test; where the
manager's filter was gone too, it must pass with that one gone alone: then it was this filter that kept the promise, and
not the layer below.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from tests.isolation import mutants_switch


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--mutants", type=Path, help="the order of tests.isolation.mutants_filters")


def pytest_configure(config: pytest.Config) -> None:
    if order := config.getoption("--mutants"):
        config.pluginmanager.register(Taker(json.loads(order.read_text(encoding="utf-8"))))


class Taker:
    """Carries out an order in place of the usual run."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.order = order
        self.kept = Path(order["seen"])
        self.seen: dict[str, Any] = json.loads(self.kept.read_text(encoding="utf-8")) if self.kept.exists() else {}
        self.noted = self.kept.with_suffix(".noticed.json")
        self.hints: dict[str, Any] = json.loads(self.noted.read_text(encoding="utf-8")) if self.noted.exists() else {}
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
        files: dict[Path, list[pytest.Item]] = {}
        for item in session.items:
            files.setdefault(item.path, []).append(item)
        for site in self.order["sites"]:
            self.said[site] = self._without(site, files)
            Path(self.order["said"]).write_text(json.dumps(self.said, indent=1), encoding="utf-8")
            self.hints |= {site: self.said[site]} if self.said[site]["noticed"] else {}
            self.noted.write_text(json.dumps(self.hints, indent=1), encoding="utf-8")
        return True

    def _without(self, site: str, files: dict[Path, list[pytest.Item]]) -> dict[str, Any]:
        """Who noticed; `alone` where the query had to lose the manager's filter too. In each file both are tried."""
        unsteady: list[str] = []
        ran = 0
        for item, alone in self._candidates(site, files):
            ran += 1
            if not self._fails(item, site, files, away=True, alone=alone):
                continue
            with_it = self._fails(item, site, files, away=False, alone=alone)
            if not with_it and self._fails(item, site, files, away=True, alone=alone):
                return {"noticed": item.nodeid, "ran": ran, "unsteady": unsteady, "alone": alone}
            unsteady.append(item.nodeid)
        return {"noticed": "", "ran": ran, "unsteady": unsteady, "alone": False}

    def _candidates(self, site: str, files: dict[Path, list[pytest.Item]]) -> Iterator[tuple[pytest.Item, bool]]:
        """Which test to try next, and whether alone: first the one that noticed in an earlier run, which has to notice
        again."""
        if hint := self.hints.get(site):
            items = (item for own in files.values() for item in own if item.nodeid == hint["noticed"])
            yield from ((item, hint["alone"]) for item in items)
        for file in sorted(_own(files, site), key=lambda one: common(one, site), reverse=True):
            self._see(files[file], elsewhere=_another(file, files))
            tests = self._asking(site, files[file])
            for alone in (False, True) if self.order["alone"] else (False,):
                yield from ((item, alone) for item in tests)

    def _fails(
        self, item: pytest.Item, site: str, files: dict[Path, list[pytest.Item]], *, away: bool, alone: bool
    ) -> bool:
        """Each run has fixtures of its own, those of the module too: none was made with another filter missing."""
        _make_room(item)
        item._initrequest()  # type: ignore[attr-defined]  # as pytest prepares a function for its run
        mutants_switch.take_away(*([site] if away else ()), bare=[site] if alone else ())
        reports = runtestprotocol(item, log=False, nextitem=_another(item.path, files))
        mutants_switch.take_away()
        return any(report.failed for report in reports)

    def _see(self, items: list[pytest.Item], *, elsewhere: pytest.Item | None) -> None:
        """Runs a file of which it is not known yet what its tests ask."""
        if all(item.nodeid in self.seen for item in items):
            return
        _make_room(items[0])
        for item, following in zip(items, [*items[1:], elsewhere], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        self.kept.write_text(json.dumps(self.seen, indent=1), encoding="utf-8")

    def _asking(self, site: str, items: list[pytest.Item]) -> list[pytest.Item]:
        """The tests that ask the site and pass with it, the quickest first."""
        seen = {item: self.seen[item.nodeid] for item in items}
        found = [item for item, one in seen.items() if site in one["sites"] and one.get("outcome") == "passed"]
        return sorted(found, key=lambda item: seen[item]["seconds"])


def _own(files: Iterable[Path], site: str) -> list[Path]:
    """The files of the app's own folder, of a kernel's site all, and what proves isolation."""
    app = site.partition("/")[0]
    return [file for file in files if app == "kernel" or {app, "isolation"} & set(file.parts)]


def common(file: Path, site: str) -> int:
    """How much a file of tests has in common with a site: the function's name in its text, the words of both names.
    Only the order in which files are asked depends on it."""
    place, _space, said = site.partition(" ")
    function = said.partition(":")[0].rpartition(".")[2]
    text, words = file.read_text(encoding="utf-8"), _words(place) - USUAL
    score = 100 * (len(function) > 5 and function in text) + 60 * (ON_PURPOSE in text)
    score += 40 * len(words & _words(f"{file.parent.name}/{file.stem}"))
    return score + sum(min(9, text.count(word)) for word in words | _words(function))


USUAL = {"operation", "querie", "rule", "model", "view", "py"}
"""Words that name layers, not topics."""
ON_PURPOSE = "mutants_filters"
"""Named by files whose tests are there to hold filters in place."""


def _words(name: str) -> set[str]:
    """The words of a file's or function's name, in the singular."""
    return {word.removesuffix("s") for word in re.split(r"[^a-z0-9]+", name.lower()) if len(word) > 2}


def _another(file: Path, files: dict[Path, list[pytest.Item]]) -> pytest.Item | None:
    """A test of another file: what is set up for the whole module is taken down, what is for the whole run stays."""
    return next((items[0] for other, items in files.items() if other != file), None)


def _make_room(item: pytest.Item) -> None:
    """Takes down what was set up for another folder of tests, without which pytest would refuse the first test here."""
    item.session._setupstate.teardown_exact(item)
