"""Servers for tests: a thread for browser tests, real gunicorn processes for tests over HTTP. All on 127.0.0.1."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread

from tests.plugins.databases import CommittedDatabase

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30.0


def free_port() -> int:
    """A port of the loopback interface that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, *, seconds: float = START_SECONDS) -> None:
    """Returns when the address answers 200; raises TimeoutError with the last answer otherwise."""
    until = time.monotonic() + seconds
    last = "no answer"
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  # loopback, made by this file
                if answer.status == 200:
                    return
        except urllib.error.HTTPError as error:
            last = f"{error.code} {error.read(500)!r}"
        except OSError as error:
            last = str(error)
        time.sleep(0.05)
    raise TimeoutError(f"{url}: {last}")


@pytest.fixture(scope="module")
def site(committed_db: CommittedDatabase) -> Iterator[str]:
    """The address of a server thread on this module's own database: what browser tests open."""
    thread = LiveServerThread("127.0.0.1", StaticFilesHandler, connections_override={})
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    yield f"http://127.0.0.1:{thread.port}"
    thread.terminate()


class GunicornProcess:
    """One gunicorn: a master with one worker of eight threads, in a process group of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {**environment, "SEATLEDGER_BASE_URL": self.url}
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # lives as long as the process; stop() closes it
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when /healthz answers."""
        command = [
            sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{self.port}",
            "--workers", "1", "--threads", "8", "--worker-class", "gthread", "--graceful-timeout", "5",
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=self._environment, stdout=self._log, stderr=self._log, start_new_session=True
        )
        try:
            wait_for(f"{self.url}/healthz")
        except TimeoutError as error:
            self.kill()
            raise TimeoutError(f"{error}\n{self.log()}") from error

    def log(self) -> str:
        """What the process printed so far."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def kill(self, how: int = signal.SIGKILL) -> None:
        """Signals master and worker at once and waits for the master."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, how)
        self._process.wait(timeout=20)
        self._process = None

    def stop(self) -> None:
        """Asks politely, then closes the log."""
        self.kill(signal.SIGTERM)
        self._log.close()


@pytest.fixture(scope="module")
def gunicorn(committed_db: CommittedDatabase) -> Iterator[list[GunicornProcess]]:
    """Two gunicorn processes with separate memory on this module's own database, both ready."""
    environment: dict[str, Any] = {
        **os.environ,
        **committed_db.environment,
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    servers = [GunicornProcess(environment), GunicornProcess(environment)]
    try:
        for server in servers:
            server.start()
        yield servers
    finally:
        for server in servers:
            server.stop()
