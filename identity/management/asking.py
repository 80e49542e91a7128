"""What a command asks at the terminal, or reads from standard input when a script calls it."""

import getpass
import sys


def password(prompt: str) -> str:
    """Typed without being shown; from a script the first line of standard input."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().strip()
