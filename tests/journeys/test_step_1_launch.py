"""Step 1: a newcomer starts everything with one command, on an empty folder, with no service running."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.plugins.servers import ROOT, free_port, wait_for

# Set by whoever runs the tests; a newcomer has none of it.
FOREIGN = ("DATABASE", "REDIS", "CELERY", "SEATLEDGER", "DJANGO")
FIRST_SECONDS, SECOND_SECONDS = 180, 10


@pytest.fixture
def newcomer(tmp_path: Path) -> dict[str, str]:
    """The environment of somebody who only chose a folder and a port."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return {
        **plain,
        "SEATLEDGER_DATA_DIR": str(tmp_path / "data"),
        "SEATLEDGER_BASE_URL": f"http://127.0.0.1:{free_port()}",
        "COLUMNS": "160",
    }


def launch(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", "launch", *arguments]


@contextmanager
def launched(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A running launcher; it is asked to stop, and ended when it does not."""
    process = subprocess.Popen(
        launch(), cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def descendants(folder: str) -> list[int]:
    """Every process that was started with this data folder, whoever is its parent by now."""
    wanted, found = f"SEATLEDGER_DATA_DIR={folder}".encode(), []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def heartbeat(folder: str) -> str:
    """When a worker last carried out the scheduler's tick, as the database has it."""
    with closing(sqlite3.connect(Path(folder) / "seatledger.sqlite3")) as database:
        [[at]] = database.execute("SELECT at FROM jobs_heartbeat WHERE name = 'scheduler'").fetchall()
    return str(at)


@pytest.mark.drill
def test_one_command_brings_everything_up_and_leaves_nothing_behind(newcomer: dict[str, str]) -> None:
    """First start under 3 minutes with demo and printed sign-ins, second under 10 seconds; ready, a task carried out,
    the scheduler's tick seen; afterwards no process and no listener is left."""
    folder, address = newcomer["SEATLEDGER_DATA_DIR"], newcomer["SEATLEDGER_BASE_URL"]
    first = subprocess.run(
        launch("--exit-when-ready"),
        cwd=ROOT,
        env=newcomer,
        text=True,
        capture_output=True,
        timeout=FIRST_SECONDS,
        check=False,
    )
    assert first.returncode == 0, first.stdout + first.stderr
    assert address in first.stdout
    assert "it@halden.example" in first.stdout
    assert re.search(r"Task jobs\.tick\[.*succeeded", (Path(folder) / "log" / "worker.log").read_text())
    assert descendants(folder) == []
    before = heartbeat(folder)

    began = time.monotonic()
    with launched(newcomer) as process:
        wait_for(f"{address}/readyz", seconds=SECOND_SECONDS)
        took = time.monotonic() - began
        until = time.monotonic() + SECOND_SECONDS
        while heartbeat(folder) == before and time.monotonic() < until:
            time.sleep(0.1)
        assert heartbeat(folder) != before
        assert process.poll() is None
        assert len(descendants(folder)) >= 4, "launcher, web server, worker and their children"
    assert took < SECOND_SECONDS
    assert process.returncode == 0
    assert descendants(folder) == []
