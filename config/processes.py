"""Child processes of `manage.py launch`: started together, watched together, stopped together.

They are forks of the launcher and not programs of their own: what it has loaded (Django, all models, the migrations)
they need not load again, which is most of what a start takes.
"""

import ctypes
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkProcess
from pathlib import Path

PR_SET_PDEATHSIG = 1
TAIL_LINES = 20
STDOUT, STDERR = 1, 2
HANDLED_BY_LAUNCHER = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Child:
    """A running child in a process group of its own, so that Ctrl-C in the terminal reaches the launcher alone."""

    name: str
    pid: int
    """Its id, which is also that of its process group."""
    log: Path
    process: ForkProcess

    def tail(self) -> str:
        """The last lines that it printed."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:])

    def kill_group(self) -> None:
        """Ends the child and everything that it started and left behind."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def start(name: str, run: Callable[[], object], *, log: Path) -> Child:
    """Runs `run` in a fork with both its outputs in a fresh `log`. It ends when `run` returns (code 0) or raises
    (SystemExit's code, otherwise 1 with the traceback in the log).

    The caller has one thread and no open connection: a fork would share both.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    process = multiprocessing.get_context("fork").Process(target=_become, args=(run, log, os.getpid()), name=name)
    process.start()
    if process.pid is None:  # never so after start(); 0 would name the launcher's own group
        raise RuntimeError(f"The {name} has no process id.")
    return Child(name=name, pid=process.pid, log=log, process=process)


def _become(run: Callable[[], object], log: Path, launcher: int) -> None:
    """What the fork does first."""
    for number in HANDLED_BY_LAUNCHER:
        signal.signal(number, signal.SIG_DFL)
    os.setpgid(0, 0)
    _die_with(launcher)
    with log.open("ab") as output:
        os.dup2(output.fileno(), STDOUT)
        os.dup2(output.fileno(), STDERR)
    # Whatever the launcher's own streams were, these write to the log, and line by line.
    sys.stdout = open(STDOUT, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115  # as long as the process
    sys.stderr = open(STDERR, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115
    run()


def _die_with(launcher: int) -> None:
    """If the launcher is killed outright, this process is told to stop (Linux alone)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != launcher:
            raise SystemExit("The launcher has ended.")


def first_ended(children: Sequence[Child]) -> Child | None:
    """A child that is no longer running, or None."""
    return next((child for child in children if child.process.exitcode is not None), None)


def stop(children: Sequence[Child], *, grace_seconds: float) -> None:
    """Asks all children to finish, waits for all of them together, then ends what is left of their groups."""
    for child in children:
        child.process.terminate()
    until = time.monotonic() + grace_seconds
    for child in children:
        child.process.join(timeout=max(0.0, until - time.monotonic()))
        child.kill_group()
        child.process.join()
