"""What would be if: facts with some of them changed, to ask `decide` about a licence that is not so (yet)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from licensing.rules.allowances import Allowance, Quota
from licensing.rules.facts import LicenseFacts, LicenseStatus

ACTIVATIONS = "activations"
USERS = "users"


class Unchanged(Enum):
    """The value of what is left as it is; None is a value like any other."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED
Moment = datetime | None | Unchanged


class UnknownAmount(ValueError):
    """The licence has no amount of this code; `code` names it."""

    def __init__(self, code: str) -> None:
        super().__init__(f"the licence counts nothing called {code}")
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """The changed facts. Of dates None means as if none were stored: without an end of its own a licence ends with its
    type's term, if that has one.

    `limits` (None: no limit) and `used` are numbers by what they count: `activations`, `users`, or the code of one of
    the licence's quotas.
    """

    status: LicenseStatus | Unchanged = UNCHANGED
    valid_from: Moment = UNCHANGED
    expires_at: Moment = UNCHANGED
    grace_until: Moment = UNCHANGED
    maintenance_until: Moment = UNCHANGED
    limits: Mapping[str, int | None] = field(default_factory=dict)
    used: Mapping[str, int] = field(default_factory=dict)


AS_IT_IS = WhatIf()
PLAIN = ("status", "valid_from", "expires_at", "grace_until", "maintenance_until")


def changed_names(what_if: WhatIf) -> tuple[str, ...]:
    """What is changed, by the names of facts, amounts as `limits.users`."""
    amounts = [*(f"limits.{code}" for code in what_if.limits), *(f"used.{code}" for code in what_if.used)]
    return (*(name for name in PLAIN if getattr(what_if, name) is not UNCHANGED), *sorted(amounts))


def changed_facts(what_if: WhatIf) -> frozenset[str]:
    """What is changed, by the names that findings give to facts."""
    of = {ACTIVATIONS: "activations", USERS: "user_seats"}
    amounts = {of.get(code, "quotas") for code in (*what_if.limits, *what_if.used)}
    return frozenset({name for name in PLAIN if getattr(what_if, name) is not UNCHANGED} | amounts)


def supposed(facts: LicenseFacts, what_if: WhatIf) -> LicenseFacts:
    """The facts as they would be. Raises UnknownAmount for a quota that the licence does not have."""
    known = {ACTIVATIONS, USERS} | {quota.code for quota in facts.quotas}
    for code in (*what_if.limits, *what_if.used):
        if code not in known:
            raise UnknownAmount(code)
    plain = {name: value for name in PLAIN if (value := getattr(what_if, name)) is not UNCHANGED}
    return replace(
        facts,
        **plain,
        activations=_allowance(facts.activations, what_if, ACTIVATIONS),
        user_seats=_allowance(facts.user_seats, what_if, USERS),
        quotas=tuple(_quota(quota, what_if) for quota in facts.quotas),
    )


def _allowance(stored: Allowance | None, what_if: WhatIf, code: str) -> Allowance | None:
    if code not in what_if.limits and code not in what_if.used:
        return stored
    before = stored or Allowance(limit=None, used=0)
    return replace(before, limit=what_if.limits.get(code, before.limit), used=what_if.used.get(code, before.used))


def _quota(quota: Quota, what_if: WhatIf) -> Quota:
    if quota.code in (ACTIVATIONS, USERS):
        return quota
    return replace(
        quota,
        limit=what_if.limits.get(quota.code, quota.limit),
        used=what_if.used.get(quota.code, quota.used),
    )
