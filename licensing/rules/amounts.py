"""How much of something a licence allows, and whether more than that is taken.

A validation takes nothing: what is taken may equal the limit. Whoever takes one more (an activation, a unit of a quota)
compares the sum with `ceiling` before it does.
"""

from datetime import datetime
from enum import Enum

from licensing.rules.allowances import Allowance, Overage, OverageKind, Quota


class Amount(Enum):
    """Where an amount stands: within its limit, beyond it by agreement, or beyond what was agreed."""

    WITHIN = "within"
    IN_OVERAGE = "in_overage"
    EXCEEDED = "exceeded"


def ceiling(*, limit: int | None, overage: Overage, at: datetime) -> int | None:
    """The most that may be taken at `at`: the limit, and the overage while it is agreed. None: no limit.

    A limit of 0 admits none, whatever overage there is: nothing was granted that could be exceeded a little.
    """
    if limit is None or limit == 0 or (overage.until is not None and at >= overage.until):
        return limit
    match overage.kind:
        case OverageKind.NONE:
            return limit
        case OverageKind.ABSOLUTE:
            return limit + overage.amount
        case OverageKind.PERCENT:
            return limit + limit * overage.amount // 100


def standing(allowance: Allowance, at: datetime, *, asked: bool) -> Amount:
    """Where an allowance stands. `asked`: the question states somebody or something of its kind, which a limit of 0
    does not admit."""
    return _standing(allowance.limit, allowance.used, allowance.overage, at, asked)


def standing_of_quota(quota: Quota, at: datetime, *, asked: bool) -> Amount:
    """The same for a quota in the period that runs at `at`."""
    return _standing(quota.limit, used_of(quota, at), quota.overage, at, asked)


def used_of(quota: Quota, at: datetime) -> int:
    """What is consumed of a quota at `at`: nothing yet, once the period in which it was counted is over."""
    return 0 if quota.resets_at is not None and at >= quota.resets_at else quota.used


def is_near(quota: Quota, at: datetime) -> bool:
    """Whether the quota's share for a warning is consumed, and its limit not exceeded."""
    used = used_of(quota, at)
    return quota.limit is not None and 0 < used <= quota.limit and used * 100 >= quota.limit * quota.near_percent


def _standing(limit: int | None, used: int, overage: Overage, at: datetime, asked: bool) -> Amount:
    most = ceiling(limit=limit, overage=overage, at=at)
    if limit is None or most is None:
        return Amount.WITHIN
    if used > most or (limit == 0 and asked):
        return Amount.EXCEEDED
    return Amount.IN_OVERAGE if used > limit else Amount.WITHIN
