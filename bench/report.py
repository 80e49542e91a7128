"""The table, and what it was measured on."""

import os
import platform
from collections.abc import Sequence
from statistics import median

from django.db import connection

from bench.sandwich import Result

HEADINGS = ("row", "median", "min-max", "must", "stretch", "verdict", "per second", "CPU ms", "memory", "drift")


def environment() -> str:
    """Server version and settings that decide, cores, and how busy the machine was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version(), current_setting('fsync'), current_setting('synchronous_commit'), "
            "current_setting('wal_sync_method'), current_setting('shared_buffers'), current_user"
        )
        version, fsync, commit, method, buffers, role = cursor.fetchone()
    return (
        f"{' '.join(version.split()[:2])}, fsync {fsync} ({method}), synchronous_commit {commit}, "
        f"shared_buffers {buffers}, role {role}, row-level security\n"
        f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, "
        f"load average {os.getloadavg()[0]:.1f}"
    )


def table(results: Sequence[Result]) -> str:
    rows = [HEADINGS, *(_row(result) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def _row(result: Result) -> tuple[str, ...]:
    low, high = result.extent
    paths = [each.path for each in result.rounds]
    baselines = [each.before for each in result.rounds]
    return (
        result.name,
        f"{result.ratio:.2f}",
        f"{low:.2f}-{high:.2f}",
        f"{result.must:.2f}",
        f"{result.stretch:.2f}",
        result.verdict,
        f"{median(leg.rate for leg in paths):,.0f} / {median(each.baseline_rate for each in result.rounds):,.0f}",
        f"{median(leg.cpu_ms for leg in paths):.4f} / {median(leg.cpu_ms for leg in baselines):.4f}",
        "" if result.memory is None else f"+{result.memory:.0f} MB",
        f"{result.drift:.0%}",
    )
