"""The site as a newcomer starts it: `manage.py launch` on a folder and a port of its own, ended by who started it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.plugins.servers import ROOT, free_port, wait_for

# Set by whoever runs the tests; a newcomer has none of it.
FOREIGN = ("DATABASE", "REDIS", "CELERY", "SEATLEDGER", "DJANGO")
FIRST_SECONDS = 180.0
STOP_SECONDS = 30.0


def newcomers_environment(folder: Path) -> dict[str, str]:
    """The environment of somebody who only chose a folder for the data and a port."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return {
        **plain,
        "SEATLEDGER_DATA_DIR": str(folder),
        "SEATLEDGER_BASE_URL": f"http://127.0.0.1:{free_port()}",
    }


def launch_command(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", "launch", *arguments]


@contextmanager
def launched(environment: dict[str, str], *, seconds: float = FIRST_SECONDS) -> Iterator[subprocess.Popen[bytes]]:
    """A launcher whose site is ready; raises TimeoutError with what it printed when it is not in time. Leaving asks it
    to stop, as Ctrl-C does, and ends it when it does not."""
    said = Path(environment["SEATLEDGER_DATA_DIR"]).with_suffix(".log")
    with said.open("wb") as output:
        process = subprocess.Popen(
            launch_command(), cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            wait_for(f"{environment['SEATLEDGER_BASE_URL']}/readyz", seconds=seconds)
            yield process
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{said.read_text(errors='replace')}") from error
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
