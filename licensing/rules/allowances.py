"""Numbers that a licence allows, and what is taken of them: activations, users, quotas.

`used` is what was counted without the question that is being asked. A limit of 0 admits none; None is no limit.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class OverageKind(StrEnum):
    """How far beyond a limit a licence may go: not at all, by a number, or by a percentage of the limit (floor)."""

    NONE = "none"
    ABSOLUTE = "absolute"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overage:
    """`amount` is a number or a percentage, as `kind` says; from `until` on (None: never) nothing is allowed on top."""

    kind: OverageKind = OverageKind.NONE
    amount: int = 0
    until: datetime | None = None


NO_OVERAGE = Overage()


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """A limit on things that exist at the same time (activations, users)."""

    limit: int | None
    used: int
    overage: Overage = NO_OVERAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """A limit on what is consumed in a period; `resets_at` (None: never) is the end of the period that runs."""

    code: str
    limit: int | None
    used: int
    resets_at: datetime | None = None
    overage: Overage = NO_OVERAGE
    near_percent: int = 80
