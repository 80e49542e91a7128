"""Findings of amounts: more machines, users or consumption than the licence allows, agreed overage included."""

from datetime import datetime

from licensing.rules.allowances import Allowance
from licensing.rules.amounts import Amount, ceiling, standing, standing_of_quota, used_of
from licensing.rules.codes import Code
from licensing.rules.facts import LicenseFacts, ValidationScope
from licensing.rules.outcome import Finding
from licensing.rules.seated import user_seats_with


def too_many_activations(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """More machines are activated than allowed."""
    return _too_many(Code.TOO_MANY_ACTIVATIONS, "activations", facts.activations, bool(scope.fingerprints), at)


def too_many_users(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """More users are counted than allowed, whoever asks and is not counted yet among them."""
    return _too_many(Code.TOO_MANY_USERS, "user_seats", user_seats_with(facts, scope), scope.user is not None, at)


def quota_exceeded(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> Finding | None:
    """More is consumed than allowed; all such quotas are named. A client that asks for certain features is judged by
    their quotas alone, one that asks for none by all."""
    asked = [quota for quota in facts.quotas if not scope.features or quota.code in scope.features]
    beyond = [
        quota for quota in asked if standing_of_quota(quota, at, asked=quota.code in scope.features) is Amount.EXCEEDED
    ]
    if not beyond:
        return None
    most = {quota.code: ceiling(limit=quota.limit, overage=quota.overage, at=at) for quota in beyond}
    return Finding(
        Code.QUOTA_EXCEEDED,
        "quotas",
        tuple(f"{quota.code}: {_with_who_asks(used_of(quota, at))}" for quota in beyond),
        tuple(f"{code}: {number}" for code, number in most.items()),
    )


def _too_many(code: Code, fact: str, allowance: Allowance | None, asked: bool, at: datetime) -> Finding | None:
    if allowance is None or standing(allowance, at, asked=asked) is not Amount.EXCEEDED:
        return None
    most = ceiling(limit=allowance.limit, overage=allowance.overage, at=at)
    return Finding(code, fact, _with_who_asks(allowance.used), most)


def _with_who_asks(used: int) -> int:
    """What was too much. Where nothing is taken it is the one who asks and whom a limit of 0 does not admit."""
    return used or 1
