"""`python -m tests.isolation.mutants_filters`: explicit filters taken away one at a time; a test must notice each.

The app's own tests are asked first, on SQLite, where the manager is the only layer below; each file also with the
manager's filter gone from the same query, which shows that a filter that the layers below repeat would hold alone.
What is left over is taken to PostgreSQL, where the matrix and the tests that SQLite skips are asked.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.isolation.mutants_sites import Site, copied, sites

SEED, SAMPLE = 20260115, 30
EXEMPT = {
    "kernel/owned.py OwnedManager.get_queryset: filter organization_id=CurrentOrganization()": (
        "layer 2 itself: tests/isolation/mutants.py takes it away together with layer 3"
    ),
    "identity/oauth/validator.py Validator.validate_code: filter application=client": (
        "takes a lock and nothing else: the toolkit's validate_code, called next, reads by code and client"
    ),
    "identity/oauth/validator.py Validator.validate_refresh_token: filter application=client": (
        "takes a lock and nothing else: the toolkit's validate_refresh_token, called next, refuses another client's"
    ),
    "identity/oauth/validator.py Validator._granted: filter application=request.client": (
        "a code is unique among all clients, and validate_code has refused another client's before"
    ),
    "identity/operations/email_domains.py end_what_hangs_on: filter organization_id=trail.organization_id": (
        "identity_credential_route_once: no other organisation has a route of a domain that is proved here"
    ),
}
"""Site → why it is not taken away here."""
MATRIX = ("tests/isolation/test_matrix.py", "tests/isolation/test_tasks.py")
ON_SERVERS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "CELERY_BROKER_URL")
PYTEST = (sys.executable, "-m", "pytest", "-n", "0", "-q", "--tb=no", "-rN", "-p", "tests.isolation.mutants_plugin")
NOT_HERE = "not browser and not drill"
OWN, ALONE, MATRIX_TOO = "the app's own tests", "the same, with no layer below", "the matrix or a test on PostgreSQL"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.isolation.mutants_filters", description=__doc__)
    parser.add_argument("--sample", type=int, default=SAMPLE, help="how many filters; 0 takes all")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", default="", help="filters whose file or text contains this")
    parser.add_argument(
        "--seen", type=Path, help="folder that keeps which tests ask which filters, and who noticed, for a second run"
    )
    options = parser.parse_args()
    found = sites()
    chosen = sampled([one for one in found if options.only in one.key], size=options.sample, seed=options.seed)
    if not chosen:
        parser.error(f"no filter that is not exempt contains {options.only!r}, so that nothing would be proved")
    with tempfile.TemporaryDirectory(prefix="seatledger-mutants-") as folder:
        hunt = Hunt(copied(Path(folder)), Path(folder), options.seen or Path(folder))
        hunt.on_sqlite(chosen)
        hunt.on_postgresql([site for site in chosen if site.key not in hunt.noticed])
    return told(found, chosen, hunt)


def sampled(found: list[Site], *, size: int, seed: int) -> list[Site]:
    """In the order of the files. Drawn by lot for each filter alone, so that a new one replaces one of the sample at
    most; another seed draws another sample."""
    lots = {site: hashlib.sha256(f"{seed} {site.key}".encode()).digest() for site in found if site.key not in EXEMPT}
    return sorted(sorted(lots, key=lots.__getitem__)[: size or None], key=found.index)


@dataclass
class Hunt:
    """`tree` is the switched copy, `folder` takes orders and answers, `seen` what each test asks. `noticed`: site →
    how, and the test that noticed."""

    tree: Path
    folder: Path
    seen: Path
    noticed: dict[str, tuple[str, str]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)

    def on_sqlite(self, left: list[Site]) -> None:
        seen = self.seen / "sqlite.json"
        folders = sorted({f"tests/{site.app}" for site in left})
        said = self._pytest(left, folders, seen, embedded=True)
        for key, one in said.items():
            self._take(key, one, ALONE if one["alone"] else OWN)

    def on_postgresql(self, left: list[Site]) -> None:
        """The matrix, the tests that ask these sites on SQLite, and those that are skipped there."""
        if not left:
            return
        places = sorted({*MATRIX, *_files(self.seen / "sqlite.json", left)})
        for key, one in self._pytest(left, places, self.seen / "postgresql.json", embedded=False).items():
            self._take(key, one, MATRIX_TOO)

    def _take(self, key: str, one: dict[str, Any], how: str) -> None:
        self.asked[key] += one["ran"]
        if one["noticed"]:
            self.noticed[key] = (how, one["noticed"])

    def _pytest(self, left: list[Site], places: Collection[str], seen: Path, *, embedded: bool) -> dict[str, Any]:
        order, said = self.folder / "order.json", self.folder / "said.json"
        said.write_text("{}", encoding="utf-8")
        told = {"sites": [site.key for site in left], "seen": str(seen), "said": str(said), "alone": embedded}
        order.write_text(json.dumps(told), encoding="utf-8")
        environment = {key: value for key, value in os.environ.items() if not (embedded and key in ON_SERVERS)}
        command = [*PYTEST, "-m", NOT_HERE, "--mutants", str(order), *places]
        subprocess.run(command, cwd=self.tree, env=environment, check=False)
        return dict(json.loads(said.read_text(encoding="utf-8")))


def _files(seen: Path, left: list[Site]) -> list[str]:
    """The files of the tests that asked one of these sites, or were skipped."""
    wanted = {site.key for site in left}
    tests = json.loads(seen.read_text(encoding="utf-8")).items()
    return sorted(
        {
            name.partition("::")[0]
            for name, one in tests
            if wanted & set(one["sites"]) or one.get("outcome") == "skipped"
        }
    )


def told(found: list[Site], chosen: list[Site], hunt: Hunt) -> int:
    """Prints who noticed what and the counts; 1 when a filter could be missing without anybody saying so."""
    gone = sorted(EXEMPT.keys() - {site.key for site in found})
    ways = Counter(how for how, _test in hunt.noticed.values())
    lines = [""]
    for site in chosen:
        how, test = hunt.noticed.get(site.key, ("SURVIVED", f"line {site.line}, {hunt.asked[site.key]} tests asked it"))
        lines += [site.key, f"    {how}: {test}"]
    lines += ["", f"{len(found):>7}  explicit filters", f"{len(EXEMPT):>7}  exempt", f"{len(chosen):>7}  sampled"]
    lines += [f"{len(hunt.noticed):>7}  caught", *(f"{ways[how]:>12}  by {how}" for how in (OWN, ALONE, MATRIX_TOO))]
    lines += [f"no longer there, take it out of EXEMPT: {key}" for key in gone]
    print("\n".join(lines))  # noqa: T201  # the counts are what was asked for
    return 1 if gone or len(hunt.noticed) < len(chosen) else 0


if __name__ == "__main__":
    sys.exit(main())
