"""Who is asked about whose access, and how much of a review is answered."""

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

REMIND_BEFORE = timedelta(days=3)


@dataclass(frozen=True)
class Reviewed:
    """A membership to be asked about. `manager` is the membership of the person's manager, where known; `is_head`:
    it holds the role that answers for the organisation."""

    membership: UUID
    manager: UUID | None = None
    is_head: bool = False


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be asked."""

    membership: UUID
    is_head: bool = False


@dataclass(frozen=True)
class Coverage:
    """How much of a review is decided."""

    decided: int
    total: int

    @property
    def share(self) -> float:
        """1.0 for a review without questions: nothing is left to answer."""
        return self.decided / self.total if self.total else 1.0

    @property
    def left(self) -> int:
        return self.total - self.decided


def assign_reviewers(
    reviewed: Sequence[Reviewed], candidates: Sequence[Candidate], managers: Set[UUID] = frozenset()
) -> dict[UUID, UUID | None]:
    """Membership → who is asked about it; None where nobody may be.

    The manager where there is one among `managers`; else whoever has the fewest questions so far. Nobody is asked about
    the own access; about somebody who answers for the house another one who does is asked, as nobody else could end
    that membership, and anybody only where there is no other.
    """
    load: Counter[UUID] = Counter()
    asked: dict[UUID, UUID | None] = {}
    for one in reviewed:
        chosen = one.manager if one.manager in managers and one.manager != one.membership else None
        if chosen is None:
            others = [each for each in candidates if each.membership != one.membership]
            heads = [each for each in others if each.is_head] if one.is_head else []
            chosen = min((each.membership for each in heads or others), key=lambda key: load[key], default=None)
        if chosen is not None:
            load[chosen] += 1
        asked[one.membership] = chosen
    return asked


def is_to_be_reminded(*, due_at: datetime, at: datetime) -> bool:
    """From three days before the due date on, and for as long as something is open."""
    return at >= due_at - REMIND_BEFORE
