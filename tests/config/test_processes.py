"""Child processes of the launcher: all of them end, whatever they think of it."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from config import processes

ROOT = Path(__file__).resolve().parents[2]


def stubborn() -> None:
    """A server that does not listen to SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    willing()


def willing() -> None:
    """A server that ends when it is told to."""
    sys.stdout.write("up\n")
    time.sleep(60)


def with_child() -> None:
    """A server that starts another program and forgets it; its line is that program's id."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    sys.stdout.write(f"{child.pid}\n")
    time.sleep(60)


def gone() -> None:
    """A server that cannot start."""
    sys.stdout.write("no licence for this\n")
    raise SystemExit(3)


def broken() -> None:
    """A server with a mistake in it."""
    raise ValueError("no such port")


def _start(tmp_path: Path, run: Callable[[], None], name: str = "child") -> processes.Child:
    child = processes.start(name, run, log=tmp_path / "log" / name)
    until = time.monotonic() + 10
    while not child.tail() and time.monotonic() < until:
        time.sleep(0.01)
    assert child.tail()
    return child


def _alive(pid: int) -> bool:
    """Whether a process runs; one that ended and was not yet collected does not."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(") ")[2][0] != "Z"


def _ends(pid: int) -> bool:
    """Whether it ends within five seconds."""
    until = time.monotonic() + 5
    while _alive(pid) and time.monotonic() < until:
        time.sleep(0.01)
    return not _alive(pid)


def test_willing_children_end_at_once(tmp_path):
    """A child that honours SIGTERM costs none of the grace period."""
    child = _start(tmp_path, willing)
    began = time.monotonic()
    processes.stop([child], grace_seconds=10)
    assert child.process.exitcode == -signal.SIGTERM
    assert time.monotonic() - began < 5


def test_stubborn_children_share_one_grace_period(tmp_path):
    """Two children that ignore SIGTERM are killed after one period together, not one after the other."""
    children = [_start(tmp_path, stubborn, name) for name in ("one", "two")]
    began = time.monotonic()
    processes.stop(children, grace_seconds=0.5)
    assert [child.process.exitcode for child in children] == [-signal.SIGKILL] * 2
    assert time.monotonic() - began < 3


def test_nothing_that_a_child_started_survives_it(tmp_path):
    """The whole process group ends, also what the child itself forgot."""
    child = _start(tmp_path, with_child)
    grandchild = int(child.tail())
    assert _alive(grandchild)
    processes.stop([child], grace_seconds=10)
    assert _ends(grandchild)


@pytest.mark.parametrize(
    ("run", "code", "words"), [(gone, 3, "no licence for this"), (broken, 1, "ValueError: no such port")]
)
def test_a_child_that_ends_by_itself_is_named(tmp_path, run, code, words):
    """`first_ended` returns the child that is gone, with its code and its last lines at hand."""
    lasting = _start(tmp_path, willing, "lasting")
    child = _start(tmp_path, run, "child")
    child.process.join(timeout=10)
    try:
        assert processes.first_ended([lasting, child]) is child
        assert (child.process.exitcode, child.tail().splitlines()[-1]) == (code, words)
    finally:
        processes.stop([lasting, child], grace_seconds=10)


def test_children_do_not_react_as_the_launcher_would(tmp_path):
    """A handler that the launcher has set for SIGTERM is not the child's."""
    before = signal.signal(signal.SIGTERM, lambda number, frame: sys.stdout.write("the launcher's handler"))
    try:
        child = _start(tmp_path, willing)
        processes.stop([child], grace_seconds=10)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert (child.process.exitcode, child.tail()) == (-signal.SIGTERM, "up")


def test_children_end_when_the_launcher_is_killed(tmp_path):
    """kill −9 of the launcher leaves no child behind: the kernel tells them."""
    launcher = (
        f"import sys, time; sys.path.insert(0, {str(ROOT)!r}); from pathlib import Path; from config import processes;"
        "child = processes.start('x', lambda: time.sleep(60), log=Path('log'));"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", launcher], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert _alive(child)
        parent.kill()
    assert _ends(child)
