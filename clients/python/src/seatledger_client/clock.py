"""Whether the clock of this machine can be believed: it never runs behind what the server has said before."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

TOLERANCE = timedelta(minutes=5)


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


@dataclass(frozen=True)
class Clock:
    """Reads the time; `now` is replaced in tests. `tolerance` is how far the clock may lag without being doubted."""

    now: Callable[[], datetime] = _now
    tolerance: timedelta = TOLERANCE

    def went_back(self, *, seen: datetime | None) -> bool:
        """Whether it is earlier now than a moment that has been before (the server's time, or our own)."""
        return seen is not None and self.now() < seen - self.tolerance
