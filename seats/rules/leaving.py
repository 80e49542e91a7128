"""What becomes of the seats of somebody who leaves: pure decisions over facts that were read under the locks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

WINDOW: Final = timedelta(hours=24)
MOST_LEAVERS: Final = 50
LEAST_LIMIT: Final = 10
SHARE_OF_PEOPLE: Final = 10
"""One in so many active people."""


class Fate(StrEnum):
    """What happens to the seats."""

    RELEASED = "released"
    GRACE = "grace"
    HELD = "held"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavingFacts:
    """`leavers` are the people who left within the last 24 hours, this one among them; `people` those who were active
    before; `fixed_limit` is what the organisation set in place of the usual safety limit, None: nothing.
    `confirmed`: a person has said that these leavers are real."""

    left_at: datetime
    legal_hold: bool
    grace_days: int
    leavers: int
    people: int
    fixed_limit: int | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """`due_at` is when the seats are released without anybody doing more; None: now, or when somebody decides."""

    fate: Fate
    due_at: datetime | None = None


def safety_limit(*, people: int, fixed: int | None = None) -> int:
    """How many may leave within 24 hours before a person has to look: what was set, or the smaller of 50 and a tenth of
    the people, but at least 10."""
    return fixed if fixed is not None else max(LEAST_LIMIT, min(MOST_LEAVERS, people // SHARE_OF_PEOPLE))


def fate_of(facts: LeavingFacts, *, at: datetime) -> Verdict:
    """A legal hold freezes whatever else is true; too many leavers wait for a person; else the organisation's grace."""
    if facts.legal_hold:
        return Verdict(Fate.HELD)
    if not facts.confirmed and facts.leavers > safety_limit(people=facts.people, fixed=facts.fixed_limit):
        return Verdict(Fate.STOPPED)
    due_at = facts.left_at + timedelta(days=facts.grace_days)
    return Verdict(Fate.GRACE, due_at) if facts.grace_days and due_at > at else Verdict(Fate.RELEASED)
