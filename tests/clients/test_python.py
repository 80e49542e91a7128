"""The Python client stands on its own: its tests need nothing of the server."""

import subprocess
import sys

from tests.plugins.servers import ROOT


def test_the_clients_own_tests_pass_without_the_server():
    """In a process of their own, in their own folder, without Django."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-p", "no:cacheprovider"]
    done = subprocess.run(
        command, cwd=ROOT / "clients/python", capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
