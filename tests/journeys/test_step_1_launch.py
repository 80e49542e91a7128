"""Step 1: a newcomer starts everything with one command, on an empty folder, with no service running."""

import re
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.launching import FIRST_SECONDS, launch_command, launched, newcomers_environment
from tests.plugins.servers import ROOT

SECOND_SECONDS = 90.0


def descendants(folder: Path) -> list[int]:
    """Every process that was started with this data folder, whoever is its parent by now."""
    wanted, found = f"SEATLEDGER_DATA_DIR={folder}".encode(), []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def heartbeat(folder: Path) -> str:
    """When a worker last carried out the scheduler's tick, as the database has it."""
    with closing(sqlite3.connect(folder / "seatledger.sqlite3")) as database:
        [[at]] = database.execute("SELECT at FROM jobs_heartbeat WHERE name = 'scheduler'").fetchall()
    return str(at)


@pytest.mark.drill
def test_one_command_brings_everything_up_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """A first start with demo and printed sign-ins, then a second on the same data: each time ready, a task carried out
    and the scheduler's tick seen; afterwards no process is left. How long it takes is measured by hand: a test that
    shares its machine would measure its neighbours."""
    folder = tmp_path / "data"
    newcomer = newcomers_environment(folder)
    first = subprocess.run(
        launch_command("--exit-when-ready"),
        cwd=ROOT,
        env={**newcomer, "COLUMNS": "80"},
        text=True,
        capture_output=True,
        timeout=FIRST_SECONDS,
        check=False,
    )
    assert first.returncode == 0, first.stdout + first.stderr
    assert newcomer["SEATLEDGER_BASE_URL"] in first.stdout
    assert {"it@halden.example", "operator@seatledger.example"} <= set(first.stdout.split())
    assert re.search(r"Task jobs\.tick\[.*succeeded", (folder / "log" / "worker.log").read_text())
    assert descendants(folder) == []

    before, began = heartbeat(folder), time.monotonic()
    with launched(newcomer) as process:
        while heartbeat(folder) == before and time.monotonic() < began + SECOND_SECONDS:
            time.sleep(0.1)
        assert heartbeat(folder) != before
        assert process.poll() is None
        assert len(descendants(folder)) >= 4, "launcher, web server, worker and their children"
    assert process.returncode == 0
    assert descendants(folder) == []
