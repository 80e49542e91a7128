"""`python -m bench [p1-p4] [p5] … [--rounds N]`: measures the rows and prints the table (docs/performance.md)."""

import argparse
import tempfile
import time
from importlib import import_module

import django
from django.core.management import call_command

from bench.database import own_database
from bench.sandwich import Result, measured

ROWS = {
    "p1-p4": "bench.p1_validation",
    "p5": "bench.p5_chained_transactions",
    "p6": "bench.p6_verification",
    "p10": "bench.p10_reclamation",
    "p12": "bench.p12_provisioning",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"which rows: {' '.join(ROWS)} (default: all)")
    parser.add_argument("--rounds", type=int, default=9, help="sandwiches per comparison, at least 8 to count")
    parser.add_argument("--seed", type=int, default=1, help="order of the comparisons")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="seatledger-bench-") as folder, own_database(folder):
        django.setup()
        call_command("migrate", verbosity=0)
        results = [result for row in options.rows or ROWS for result in _run(row, options.rounds, options.seed)]
        _print(results, options.rounds, time.monotonic() - began)


def _run(row: str, rounds: int, seed: int) -> list[Result]:
    print(f"{row} …", flush=True)
    with import_module(ROWS[row]).comparisons() as comparisons:
        return measured(comparisons, rounds=rounds, seed=seed)


def _print(results: list[Result], rounds: int, seconds: float) -> None:
    report = import_module("bench.report")
    print()
    print(report.environment())
    print(f"median of {rounds} rounds, each baseline - path - baseline; took {seconds:.0f} s")
    print()
    print(report.table(results))


if __name__ == "__main__":
    main()
