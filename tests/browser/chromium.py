"""Debian's Chromium as tests and the walk start it."""

import shutil

FLAGS = [
    "--no-sandbox",  # CI runs as root in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """The path of the browser; raises FileNotFoundError with the command that installs it."""
    found = shutil.which("chromium")
    if not found:
        raise FileNotFoundError("chromium is not installed; `make test-browser` installs it")
    return found
