"""gunicorn as docs/runbooks/install-postgresql.md starts it, on 127.0.0.1, with what it costs taken from outside."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.db import connection

from bench.children import family
from bench.processes import cpu_of

WORKERS, THREADS = 2, 4
START_SECONDS = 60.0
KEEP_ALIVE = 30
"""Seconds, as for a proxy in front. With gunicorn's own two, connections end while the first answers are awaited."""
ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Gunicorn:
    """A master with two workers of four threads each."""

    port: int
    process: "subprocess.Popen[bytes]"
    log: BinaryIO

    def workers(self) -> list[int]:
        """Process ids of the workers."""
        return [pid for pid in family(self.process.pid) if pid != self.process.pid]

    def worker_of(self, client: socket.socket) -> int:
        """The worker that holds the other end of this connection."""
        inode = _inode_of_peer(client)
        for pid in self.workers():
            for descriptor in Path(f"/proc/{pid}/fd").iterdir():
                if descriptor.is_symlink() and os.readlink(descriptor) == f"socket:[{inode}]":
                    return pid
        raise LookupError("no worker holds this connection")

    def cpu(self) -> float:
        """CPU seconds of the server so far, and of all database processes that serve this database but our own."""
        return sum(map(cpu_of, family(self.process.pid))) + sum(map(cpu_of, _backends()))

    def printed(self) -> str:
        """The last lines that the server wrote."""
        self.log.seek(max(0, self.log.seek(0, os.SEEK_END) - 4_000))
        return self.log.read().decode(errors="replace")


@contextmanager
def gunicorn(application: str, *, folder: Path, environment: Mapping[str, str]) -> Iterator[Gunicorn]:
    """A server that has started its workers. Its log goes to a file in `folder`."""
    port = _free_port()
    command = [
        sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
        "--workers", str(WORKERS), "--threads", str(THREADS), "--no-control-socket", "--graceful-timeout", "5",
        "--keep-alive", str(KEEP_ALIVE),
    ]  # fmt: skip
    variables = {**os.environ, "SEATLEDGER_BASE_URL": f"http://127.0.0.1:{port}", **environment}
    with (folder / f"gunicorn-{port}.log").open("w+b") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=log, stderr=log)
        server = Gunicorn(port, process, log)
        try:
            _wait_for(server)
            yield server
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _wait_for(server: Gunicorn) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
            continue
        if len(server.workers()) == WORKERS:
            return
        time.sleep(0.05)
    raise TimeoutError(f"gunicorn did not start:\n{server.printed()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _inode_of_peer(client: socket.socket) -> str:
    """From the table of the kernel: the socket whose local port is the other's remote one, and the other way round."""
    ours, theirs = (f"{end[1]:04X}" for end in (client.getsockname(), client.getpeername()))
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        if fields[1].endswith(f":{theirs}") and fields[2].endswith(f":{ours}"):
            return fields[9]
    raise LookupError("the kernel lists no such connection")


def _backends() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [pid for (pid,) in cursor.fetchall()]
