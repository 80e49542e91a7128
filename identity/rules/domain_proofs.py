"""How long the proof of an e-mail domain outlives the DNS record that made it. Pure: somebody else asks the DNS."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

ASKED_EVERY: Final = timedelta(days=1)
"""After an answer, whatever it was."""
ASKED_AGAIN: Final = timedelta(hours=1)
"""After no name server answered."""
ENDS_AFTER: Final = timedelta(days=7)
"""So long the record is away, without a break, before the proof ends."""
ENDS_AFTER_MISSES: Final = 7
"""So many answers said that it is away: time in which the DNS was silent alone ends no proof."""


class Standing(StrEnum):
    """What an answer of the DNS means for a proof."""

    HOLDS = "the record is there, as before"
    RETURNED = "the record is there again"
    FIRST_MISS = "the record is away for the first time"
    MISSING = "the record is away, and the proof goes on"
    OVER = "the record was away for too long"


def standing(*, found: bool, missing_since: datetime | None, missed: int, at: datetime) -> Standing:
    """`missing_since` and `missed` are the first and the number of the answers in a row, before the one at `at`, that
    did not have the record; none where the last one had it."""
    if found:
        return Standing.HOLDS if missing_since is None else Standing.RETURNED
    if missing_since is None:
        return Standing.FIRST_MISS
    over = at - missing_since >= ENDS_AFTER and missed >= ENDS_AFTER_MISSES
    return Standing.OVER if over else Standing.MISSING
