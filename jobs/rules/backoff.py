"""How long to wait before the next attempt."""

from datetime import timedelta
from typing import Final

MOST_ATTEMPTS: Final = 8
FIRST_SECONDS: Final = 15
LONGEST: Final = timedelta(hours=2)


def delay(attempts: int, *, seed: int) -> timedelta:
    """Doubles from 15 seconds up to two hours, with up to a quarter of jitter derived from `seed`, so that messages
    which failed together do not come back together."""
    exact = timedelta(seconds=min(FIRST_SECONDS * 2 ** (attempts - 1), LONGEST.total_seconds()))
    return exact + exact * ((seed + attempts) % 256) / 1024
