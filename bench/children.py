"""Programs run as an auditor runs them: in a process of their own, with time, CPU and memory taken from outside."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

EVERY = 0.05


@dataclass(frozen=True)
class Run:
    """`memory` is the most that the program and its child processes held together, in MB: shared pages count once."""

    code: int
    seconds: float
    cpu: float
    memory: float


def run(command: Sequence[str]) -> Run:
    """Runs to the end; the output is thrown away."""
    before, began, most = getrusage(RUSAGE_CHILDREN), time.monotonic(), 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            most = max(most, sum(map(_memory, family(process.pid))))
            try:
                process.wait(timeout=EVERY)
            except subprocess.TimeoutExpired:
                continue
    seconds, after = time.monotonic() - began, getrusage(RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(process.returncode, seconds, cpu, most)


def family(pid: int) -> Iterator[int]:
    """The process and all below it."""
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return
    for child in children:
        yield from family(int(child))


def _memory(pid: int) -> float:
    """Proportional set size in MB; 0 for a process that has just ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)
