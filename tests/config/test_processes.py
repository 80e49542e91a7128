"""Child processes of the launcher: all of them end, whatever they think of it."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from config import processes

ROOT = Path(__file__).resolve().parents[2]
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
WILLING = "import time; print('up', flush=True); time.sleep(60)"
WITH_CHILD = (
    "import subprocess, sys, time;"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
    "print(child.pid, flush=True); time.sleep(60)"
)


def _start(tmp_path: Path, program: str, name: str = "child") -> processes.Child:
    child = processes.start(name, [sys.executable, "-c", program], log=tmp_path / name, folder=tmp_path)
    until = time.monotonic() + 10
    while not child.tail() and time.monotonic() < until:
        time.sleep(0.01)
    assert child.tail()
    return child


def _alive(pid):
    """Whether a process runs; one that ended and was not yet collected does not."""
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(") ")[2][0] != "Z"


def test_willing_children_end_at_once(tmp_path):
    """A child that honours SIGTERM costs none of the grace period."""
    child = _start(tmp_path, WILLING)
    began = time.monotonic()
    processes.stop([child], grace_seconds=10)
    assert child.process.returncode == -signal.SIGTERM
    assert time.monotonic() - began < 5


def test_stubborn_children_share_one_grace_period(tmp_path):
    """Two children that ignore SIGTERM are killed after one period together, not one after the other."""
    children = [_start(tmp_path, STUBBORN, name) for name in ("one", "two")]
    began = time.monotonic()
    processes.stop(children, grace_seconds=0.5)
    assert [child.process.returncode for child in children] == [-signal.SIGKILL] * 2
    assert time.monotonic() - began < 3


def test_nothing_that_a_child_started_survives_it(tmp_path):
    """The whole process group ends, also what the child itself forgot."""
    child = _start(tmp_path, WITH_CHILD)
    grandchild = int(child.tail())
    assert _alive(grandchild)
    processes.stop([child], grace_seconds=10)
    until = time.monotonic() + 5
    while _alive(grandchild) and time.monotonic() < until:
        time.sleep(0.01)
    assert not _alive(grandchild)


def test_a_child_that_ends_by_itself_is_named(tmp_path):
    """`first_ended` returns the child that is gone, with its last lines at hand."""
    lasting = _start(tmp_path, WILLING, "lasting")
    gone = _start(tmp_path, "print('no licence for this'); raise SystemExit(3)", "gone")
    gone.process.wait(timeout=10)
    try:
        assert processes.first_ended([lasting, gone]) is gone
        assert (gone.process.returncode, gone.tail()) == (3, "no licence for this")
    finally:
        processes.stop([lasting, gone], grace_seconds=10)


def test_children_end_when_the_launcher_is_killed(tmp_path):
    """kill −9 of the launcher leaves no child behind: the kernel tells them."""
    launcher = (
        f"import sys, time; sys.path.insert(0, {str(ROOT)!r}); from pathlib import Path; from config import processes;"
        f"child = processes.start('x', [sys.executable, '-c', {WILLING!r}], log=Path('log'), folder=Path('.'));"
        "print(child.process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", launcher], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert _alive(child)
        parent.kill()
    until = time.monotonic() + 5
    while _alive(child) and time.monotonic() < until:
        time.sleep(0.01)
    assert not _alive(child)
