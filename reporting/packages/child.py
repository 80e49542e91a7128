"""Runs the renderer in a process of its own, without a secret in its environment.

Layout takes memory that Python does not give back, and it reads text from outside. A Celery worker's processes may
not have multiprocessing children, so the child is a plain program.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from threading import Timer
from typing import IO, Final

from reporting.packages.engine import BASE

TIMEOUT_SECONDS: Final = 900.0
ERROR_TAIL: Final = 2_000

# What a program needs to find its libraries, fonts and scratch space; addresses and keys of ours are not among it.
_PASSED_ON: Final = (
    "DYLD_FALLBACK_LIBRARY_PATH",
    "FONTCONFIG_FILE",
    "FONTCONFIG_PATH",
    "HOME",
    "LD_LIBRARY_PATH",
    "PATH",
    "TMPDIR",
    "XDG_CACHE_HOME",
)


class RenderingFailed(Exception):
    """The renderer ended with an error or ran out of time; the message ends with the last lines that it wrote."""


def render_report(
    *,
    snapshot: Path,
    target: Path,
    on_progress: Callable[[int], None] = lambda percent: None,
    timeout: float = TIMEOUT_SECONDS,
) -> None:
    """Renders the stored snapshot to a PDF at `target`; `on_progress` gets per cent and may raise to stop the work.

    Raises RenderingFailed. `target` appears complete or not at all.
    """
    command = [sys.executable, "-m", "reporting.packages.render", str(snapshot.resolve()), str(target.resolve())]
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(  # noqa: S603  # our own program; paths are arguments, no shell
            command,
            cwd=BASE,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process:
            code = _finished(process, on_progress, timeout)
        if code != 0:
            raise RenderingFailed(f"the renderer ended with {code}: {_tail(errors)}")


def _finished(process: subprocess.Popen[str], on_progress: Callable[[int], None], timeout: float) -> int:
    """The exit code of the child, which does not outlive this call."""
    alarm = Timer(timeout, process.kill)
    alarm.start()
    try:
        _follow(process.stdout, on_progress)
        return process.wait()
    finally:
        alarm.cancel()
        process.kill()


def _environment() -> dict[str, str]:
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**passed, "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}


def _follow(output: IO[str] | None, on_progress: Callable[[int], None]) -> None:
    for line in output or ():
        word, _, percent = line.strip().partition(" ")
        if word == "progress" and percent.isdigit():
            on_progress(int(percent))


def _tail(errors: IO[bytes]) -> str:
    errors.seek(0, os.SEEK_END)
    errors.seek(max(errors.tell() - ERROR_TAIL, 0))
    return errors.read().decode(errors="replace").strip() or "it said nothing"
