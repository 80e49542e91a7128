"""Every code that a validation can find, to the microsecond at which it begins or ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from licensing.rules.codes import Code
from licensing.rules.decision import decide
from licensing.rules.facts import ExpiryStrategy, LicenseFacts, LicenseStatus, ValidationScope
from licensing.rules.findings import FINDING_RULES
from licensing.rules.terms import Term
from tests.licensing.cases import (
    A_MICROSECOND,
    ANYTHING,
    CREATED,
    EDITOR,
    ENDS_NOW,
    FAR_AWAY,
    FIRST_ACTIVATION,
    FIRST_USE,
    IN_NORWAY,
    LONG_AGO,
    MAINTAINED,
    NOW,
    PERPETUAL,
    RANGED,
    RENDER,
    TRIAL,
    V24,
    WITH_GRACE,
    codes,
)


class Boundary(NamedTuple):
    """`code` is found at each instant of `found` and not at those of `absent`."""

    code: Code
    facts: LicenseFacts
    scope: ValidationScope
    found: tuple[datetime, ...]
    absent: tuple[datetime, ...]


def from_on(moment: datetime) -> dict[str, tuple[datetime, ...]]:
    """Found at the moment and after it, not one microsecond before."""
    return {"found": (moment, moment + A_MICROSECOND), "absent": (moment - A_MICROSECOND,)}


def up_to(moment: datetime) -> dict[str, tuple[datetime, ...]]:
    """Found up to one microsecond before the moment, not at it."""
    return {"found": (moment - A_MICROSECOND,), "absent": (moment, moment + A_MICROSECOND)}


ALWAYS_FOUND: dict[str, tuple[datetime, ...]] = {"found": (LONG_AGO, NOW, FAR_AWAY - A_MICROSECOND), "absent": ()}
NEVER_FOUND: dict[str, tuple[datetime, ...]] = {"found": (), "absent": (LONG_AGO, NOW, FAR_AWAY - A_MICROSECOND)}

BOUNDARIES: dict[str, Boundary] = {
    "licence revoked": Boundary(
        Code.REVOKED, replace(PERPETUAL, status=LicenseStatus.REVOKED), ANYTHING, **ALWAYS_FOUND
    ),
    "key revoked": Boundary(Code.REVOKED, replace(PERPETUAL, key_revoked_at=NOW), ANYTHING, **from_on(NOW)),
    "party barred": Boundary(Code.BANNED, replace(PERPETUAL, party_barred_at=NOW), ANYTHING, **from_on(NOW)),
    "suspended": Boundary(Code.SUSPENDED, replace(PERPETUAL, status=LicenseStatus.SUSPENDED), ANYTHING, **ALWAYS_FOUND),
    "draft": Boundary(Code.NOT_YET_EFFECTIVE, replace(PERPETUAL, status=LicenseStatus.DRAFT), ANYTHING, **ALWAYS_FOUND),
    "first day": Boundary(Code.NOT_YET_EFFECTIVE, replace(PERPETUAL, valid_from=NOW), ANYTHING, **up_to(NOW)),
    "subscription": Boundary(Code.EXPIRED, ENDS_NOW, ANYTHING, **from_on(NOW)),
    "subscription, access revoked": Boundary(
        Code.EXPIRED, replace(ENDS_NOW, expiry_strategy=ExpiryStrategy.REVOKE), ANYTHING, **from_on(NOW)
    ),
    "subscription, maintained": Boundary(
        Code.EXPIRED, replace(ENDS_NOW, expiry_strategy=ExpiryStrategy.MAINTAIN), ANYTHING, **NEVER_FOUND
    ),
    "subscription, allowed": Boundary(
        Code.EXPIRED, replace(ENDS_NOW, expiry_strategy=ExpiryStrategy.ALLOW), ANYTHING, **NEVER_FOUND
    ),
    "after grace": Boundary(Code.EXPIRED, WITH_GRACE, ANYTHING, **from_on(NOW + timedelta(days=7))),
    "grace that ended before the term": Boundary(
        Code.EXPIRED, replace(ENDS_NOW, grace_until=NOW - timedelta(days=7)), ANYTHING, **from_on(NOW)
    ),
    "grace of no length": Boundary(Code.EXPIRED, replace(ENDS_NOW, grace_until=NOW), ANYTHING, **from_on(NOW)),
    "perpetual": Boundary(Code.EXPIRED, replace(PERPETUAL, expires_at=NOW), ANYTHING, **NEVER_FOUND),
    "trial from creation": Boundary(Code.EXPIRED, TRIAL, ANYTHING, **from_on(CREATED + timedelta(days=30))),
    "trial of a month": Boundary(
        Code.EXPIRED,
        replace(TRIAL, created_at=datetime(2025, 1, 31, tzinfo=UTC), duration=Term(months=1)),
        ANYTHING,
        **from_on(datetime(2025, 2, 28, tzinfo=UTC)),
    ),
    "trial, stored end wins": Boundary(Code.EXPIRED, replace(TRIAL, expires_at=NOW), ANYTHING, **from_on(NOW)),
    "trial never validated": Boundary(Code.EXPIRED, FIRST_USE, ANYTHING, **NEVER_FOUND),
    "trial from first validation": Boundary(
        Code.EXPIRED, replace(FIRST_USE, first_validated_at=NOW), ANYTHING, **from_on(NOW + timedelta(days=30))
    ),
    "trial never activated": Boundary(Code.EXPIRED, FIRST_ACTIVATION, ANYTHING, **NEVER_FOUND),
    "trial from first activation": Boundary(
        Code.EXPIRED, replace(FIRST_ACTIVATION, first_activated_at=NOW), ANYTHING, **from_on(NOW + timedelta(days=30))
    ),
    "another product": Boundary(Code.PRODUCT_MISMATCH, PERPETUAL, ValidationScope(product="PDM"), **ALWAYS_FOUND),
    "the product by code": Boundary(Code.PRODUCT_MISMATCH, PERPETUAL, ValidationScope(product="CAD"), **NEVER_FOUND),
    "the product by id": Boundary(Code.PRODUCT_MISMATCH, PERPETUAL, ValidationScope(product="7f3a"), **NEVER_FOUND),
    "no product stated": Boundary(Code.PRODUCT_MISMATCH, PERPETUAL, ANYTHING, **NEVER_FOUND),
    "country outside": Boundary(Code.COUNTRY_DENIED, IN_NORWAY, ValidationScope(country="DE"), **ALWAYS_FOUND),
    "country inside": Boundary(Code.COUNTRY_DENIED, IN_NORWAY, ValidationScope(country="no"), **NEVER_FOUND),
    "country unknown": Boundary(Code.COUNTRY_DENIED, IN_NORWAY, ANYTHING, **NEVER_FOUND),
    "sold everywhere": Boundary(Code.COUNTRY_DENIED, PERPETUAL, ValidationScope(country="DE"), **NEVER_FOUND),
    "sold nowhere": Boundary(
        Code.COUNTRY_DENIED, replace(PERPETUAL, territories=frozenset()), ValidationScope(country="NO"), **ALWAYS_FOUND
    ),
    "feature not carried": Boundary(
        Code.FEATURE_MISSING, EDITOR, ValidationScope(features=frozenset({"editor", "render"})), **ALWAYS_FOUND
    ),
    "feature carried": Boundary(
        Code.FEATURE_MISSING, EDITOR, ValidationScope(features=frozenset({"editor"})), **NEVER_FOUND
    ),
    "feature ends": Boundary(
        Code.FEATURE_MISSING, RENDER, ValidationScope(features=frozenset({"render"})), **from_on(NOW)
    ),
    "feature begins": Boundary(
        Code.FEATURE_MISSING, RENDER, ValidationScope(features=frozenset({"render"})), **up_to(CREATED)
    ),
    "version outside": Boundary(Code.VERSION_OUT_OF_RANGE, RANGED, ValidationScope(version="3.0.0"), **ALWAYS_FOUND),
    "version unreadable": Boundary(
        Code.VERSION_OUT_OF_RANGE, RANGED, ValidationScope(version="latest"), **ALWAYS_FOUND
    ),
    "version inside": Boundary(Code.VERSION_OUT_OF_RANGE, RANGED, V24, **NEVER_FOUND),
    "version not stated": Boundary(Code.VERSION_OUT_OF_RANGE, RANGED, ANYTHING, **NEVER_FOUND),
    "no range": Boundary(Code.VERSION_OUT_OF_RANGE, PERPETUAL, ValidationScope(version="latest"), **NEVER_FOUND),
    "published at the last instant": Boundary(
        Code.MAINTENANCE_LAPSED, replace(MAINTAINED, released_at=NOW), V24, **NEVER_FOUND
    ),
    "published after maintenance": Boundary(
        Code.MAINTENANCE_LAPSED, replace(MAINTAINED, released_at=NOW + A_MICROSECOND), V24, **ALWAYS_FOUND
    ),
    "publication unknown": Boundary(Code.MAINTENANCE_LAPSED, MAINTAINED, V24, **NEVER_FOUND),
    "no maintenance limit": Boundary(
        Code.MAINTENANCE_LAPSED, replace(PERPETUAL, released_at=FAR_AWAY), V24, **NEVER_FOUND
    ),
    "published after an end that is outlived": Boundary(
        Code.MAINTENANCE_LAPSED,
        replace(ENDS_NOW, expiry_strategy=ExpiryStrategy.MAINTAIN, released_at=NOW + A_MICROSECOND),
        V24,
        **from_on(NOW),
    ),
    "published before an end that is outlived": Boundary(
        Code.MAINTENANCE_LAPSED,
        replace(ENDS_NOW, expiry_strategy=ExpiryStrategy.MAINTAIN, released_at=NOW - A_MICROSECOND),
        V24,
        **NEVER_FOUND,
    ),
    "every release allowed for ever": Boundary(
        Code.MAINTENANCE_LAPSED,
        replace(ENDS_NOW, expiry_strategy=ExpiryStrategy.ALLOW, released_at=FAR_AWAY),
        V24,
        **NEVER_FOUND,
    ),
}


@pytest.mark.parametrize("name", BOUNDARIES)
def test_each_code_at_its_exact_boundary(name: str) -> None:
    """The code is the only finding at every instant where it belongs, and nothing is found where it does not."""
    row = BOUNDARIES[name]
    for at in row.found:
        decision = decide(row.facts, row.scope, at)
        assert (decision.valid, decision.code, codes(row.facts, row.scope, at)) == (False, row.code, [row.code]), at
    for at in row.absent:
        decision = decide(row.facts, row.scope, at)
        assert (decision.valid, decision.code, decision.findings) == (True, Code.VALID, ()), at


def test_the_table_fires_every_rule() -> None:
    """No rule can be added without a row that shows it fire."""
    fired = {
        rule
        for rule in FINDING_RULES
        for row in BOUNDARIES.values()
        for at in row.found
        if rule(row.facts, row.scope, at) is not None
    }
    assert fired == set(FINDING_RULES)
