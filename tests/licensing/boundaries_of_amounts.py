"""When more is taken than a licence allows: each kind of overage, at its limit, one beyond it, and as it ends."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from licensing.rules.allowances import NO_OVERAGE, Allowance, Overage, OverageKind, Quota
from licensing.rules.codes import Code
from licensing.rules.facts import FeatureGrant, LicenseFacts, ValidationScope
from tests.licensing.boundaries import ALWAYS_FOUND, NEVER_FOUND, Boundary, When, from_on, up_to
from tests.licensing.cases import ANYTHING, NOW, PERPETUAL

TWO_MORE = Overage(kind=OverageKind.ABSOLUTE, amount=2)
A_QUARTER = Overage(kind=OverageKind.PERCENT, amount=25)
TWO_UNTIL_NOW = replace(TWO_MORE, until=NOW)


def activations(limit: int | None, used: int, overage: Overage = NO_OVERAGE) -> LicenseFacts:
    return replace(PERPETUAL, activations=Allowance(limit=limit, used=used, overage=overage))


def users(limit: int | None, used: int, overage: Overage = NO_OVERAGE) -> LicenseFacts:
    return replace(PERPETUAL, user_seats=Allowance(limit=limit, used=used, overage=overage))


def quota(limit: int | None, used: int, overage: Overage = NO_OVERAGE, **more: Any) -> LicenseFacts:
    return replace(PERPETUAL, quotas=(Quota(code="api", limit=limit, used=used, overage=overage, **more),))


KINDS = (
    (Code.TOO_MANY_ACTIVATIONS, activations),
    (Code.TOO_MANY_USERS, users),
    (Code.QUOTA_EXCEEDED, quota),
)
EXPECTED: tuple[tuple[int | None, int, Overage, When], ...] = (
    (None, 10**9, NO_OVERAGE, NEVER_FOUND),
    (3, 3, NO_OVERAGE, NEVER_FOUND),
    (3, 4, NO_OVERAGE, ALWAYS_FOUND),
    (0, 1, NO_OVERAGE, ALWAYS_FOUND),
    (0, 1, TWO_MORE, ALWAYS_FOUND),
    (3, 5, TWO_MORE, NEVER_FOUND),
    (3, 6, TWO_MORE, ALWAYS_FOUND),
    (3, 4, TWO_UNTIL_NOW, from_on(NOW)),
    (3, 6, TWO_UNTIL_NOW, ALWAYS_FOUND),
    # 25 % of 3 is nothing, of 4 one, of 7 one, of 8 two.
    (3, 4, A_QUARTER, ALWAYS_FOUND),
    (4, 5, A_QUARTER, NEVER_FOUND),
    (7, 8, A_QUARTER, NEVER_FOUND),
    (7, 9, A_QUARTER, ALWAYS_FOUND),
    (8, 10, A_QUARTER, NEVER_FOUND),
    (8, 11, A_QUARTER, ALWAYS_FOUND),
)


def _named(overage: Overage) -> str:
    return f"{overage.kind} {overage.amount}{' until' if overage.until else ''}"


def _rows() -> Iterator[tuple[str, Boundary]]:
    for code, facts in KINDS:
        for limit, used, overage, when in EXPECTED:
            name = f"{code}: {used} of {limit}, overage {_named(overage)}"
            yield name, Boundary(code, facts(limit, used, overage), ANYTHING, **when)


BOTH = replace(
    PERPETUAL,
    features=(FeatureGrant("api"), FeatureGrant("print")),
    quotas=(Quota(code="api", limit=3, used=3), Quota(code="print", limit=3, used=4)),
)
NO_PRINTING = replace(BOTH, quotas=(Quota(code="print", limit=0, used=0),))
API = ValidationScope(features=frozenset({"api"}))
PRINT = ValidationScope(features=frozenset({"print"}))
MACHINE, PERSON = ValidationScope(fingerprints=("f1",)), ValidationScope(user="kim")
NOBODY: dict[str, Boundary] = {
    "no machine admitted": Boundary(Code.TOO_MANY_ACTIVATIONS, activations(0, 0), MACHINE, **ALWAYS_FOUND),
    "no machine stated": Boundary(Code.TOO_MANY_ACTIVATIONS, activations(0, 0), ANYTHING, **NEVER_FOUND),
    "no user admitted": Boundary(Code.TOO_MANY_USERS, users(0, 0, TWO_MORE), PERSON, **ALWAYS_FOUND),
    "no user stated": Boundary(Code.TOO_MANY_USERS, users(0, 0, TWO_MORE), ANYTHING, **NEVER_FOUND),
    "no unit admitted": Boundary(Code.QUOTA_EXCEEDED, NO_PRINTING, PRINT, **ALWAYS_FOUND),
    "no unit asked for": Boundary(Code.QUOTA_EXCEEDED, NO_PRINTING, API, **NEVER_FOUND),
}
"""A limit of 0 admits none: whoever comes is too many, although nothing is taken yet."""
QUOTAS: dict[str, Boundary] = {
    "the period is over": Boundary(Code.QUOTA_EXCEEDED, quota(3, 4, resets_at=NOW), ANYTHING, **up_to(NOW)),
    "one of two quotas": Boundary(Code.QUOTA_EXCEEDED, BOTH, ANYTHING, **ALWAYS_FOUND),
    "the feature's quota": Boundary(Code.QUOTA_EXCEEDED, BOTH, PRINT, **ALWAYS_FOUND),
    "another feature's quota": Boundary(Code.QUOTA_EXCEEDED, BOTH, API, **NEVER_FOUND),
    "overage ends before the period": Boundary(
        Code.QUOTA_EXCEEDED,
        quota(3, 4, TWO_UNTIL_NOW, resets_at=NOW + timedelta(days=1)),
        ANYTHING,
        found=(NOW, NOW + timedelta(hours=23)),
        absent=(NOW - timedelta(days=1), NOW + timedelta(days=1)),
    ),
}
AMOUNTS: dict[str, Boundary] = {**dict(_rows()), **NOBODY, **QUOTAS}
