"""Child processes of `manage.py launch`: started together, watched together, stopped together."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
TAIL_LINES = 20


def _die_with_parent() -> None:
    """Runs in the child before exec: if the launcher is killed outright, the child is told to stop (Linux alone)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(frozen=True)
class Child:
    """A running child in a process group of its own, so that Ctrl-C in the terminal reaches the launcher alone."""

    name: str
    log: Path
    process: subprocess.Popen[bytes]

    def tail(self) -> str:
        """The last lines that it printed."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:])

    def kill_group(self) -> None:
        """Ends the child and everything that it started and left behind."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def start(name: str, command: Sequence[str], *, log: Path, folder: Path) -> Child:
    """Starts a program with both its outputs in a fresh `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  # the launcher's own fixed commands
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=_die_with_parent,
        )
    return Child(name=name, log=log, process=process)


def first_ended(children: Sequence[Child]) -> Child | None:
    """A child that is no longer running, or None."""
    return next((child for child in children if child.process.poll() is not None), None)


def stop(children: Sequence[Child], *, grace_seconds: float) -> None:
    """Asks all children to finish, waits for all of them together, then ends what is left of their groups."""
    for child in children:
        if child.process.poll() is None:
            child.process.terminate()
    until = time.monotonic() + grace_seconds
    for child in children:
        try:
            child.process.wait(timeout=max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill_group()
            child.process.wait()
        else:
            child.kill_group()
