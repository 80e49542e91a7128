"""Why is this invalid, and what would be if: each finding with its rule, fact and row, and facts that are supposed."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from licensing.cures import CURES, cure_of
from licensing.rules.allowances import Allowance, Overage, OverageKind, Quota
from licensing.rules.codes import Code
from licensing.rules.decision import decide
from licensing.rules.explanation import RULES_BY_CODE, Reason, Source, explain, explained
from licensing.rules.facts import LicenseFacts, LicenseStatus, ValidationScope
from licensing.rules.what_if import UnknownAmount, WhatIf, changed_names, supposed
from tests.licensing.any_facts import FACTS, MOMENTS, SCOPES
from tests.licensing.cases import ANYTHING, ENDS_NOW, FAR_AWAY, IN_NORWAY, NOW, PERPETUAL, SUBSCRIPTION

TYPE = Source("license_type", "t-1")
LICENSE = Source("license", "l-1")
FULL = replace(
    SUBSCRIPTION,
    activations=Allowance(limit=3, used=3),
    user_seats=Allowance(limit=35, used=40, overage=Overage(kind=OverageKind.PERCENT, amount=10)),
    quotas=(Quota(code="api", limit=1000, used=1001),),
)


def test_each_finding_has_its_rule_its_fact_and_its_row() -> None:
    """What it was, what it would have to be, and where that is kept; in the order of the decision."""
    facts = replace(IN_NORWAY, status=LicenseStatus.SUSPENDED)
    decision = decide(facts, ValidationScope(country="DE", product="PDM"), NOW)
    reasons = explain(decision, sources={"status": LICENSE, "country": TYPE})
    assert reasons == (
        Reason(Code.SUSPENDED, "suspended", "status", "suspended", "active", LICENSE),
        Reason(Code.PRODUCT_MISMATCH, "product_mismatch", "product", "PDM", ("7f3a", "CAD"), None),
        Reason(Code.COUNTRY_DENIED, "country_denied", "country", "DE", ("NO", "SE"), TYPE),
    )


def test_an_unknown_key_is_explained_too() -> None:
    """There is no fact but that nobody issued it."""
    [reason] = explain(decide(None, ANYTHING, NOW))
    assert (reason.code, reason.rule, reason.fact) == (Code.NOT_FOUND, "key_unknown", "key")


def test_every_code_has_a_rule_and_a_cure() -> None:
    """No code can be added that nobody could explain."""
    assert set(RULES_BY_CODE) == set(CURES) == set(Code) - {Code.VALID}
    assert all(cure_of(code).endswith(".") for code in CURES)


@given(FACTS, SCOPES, MOMENTS)
def test_every_finding_is_explained_and_nothing_else(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> None:
    """An explanation that supposes nothing is the decision itself, finding by finding."""
    decision, told = decide(facts, scope, at), explained(facts, scope, at)
    assert told.decision == decision
    assert [(one.code, one.fact, one.actual) for one in told.reasons] == [
        (one.code, one.fact, one.actual) for one in decision.findings
    ]
    assert told.changed == ()


CASES: dict[str, tuple[LicenseFacts, WhatIf, list[Code]]] = {
    "as it is": (FULL, WhatIf(), [Code.TOO_MANY_USERS, Code.QUOTA_EXCEEDED]),
    "40 seats": (FULL, WhatIf(limits={"users": 40}), [Code.QUOTA_EXCEEDED]),
    "37 seats, and ten percent more": (FULL, WhatIf(limits={"users": 37}), [Code.QUOTA_EXCEEDED]),
    "36 seats, and ten percent more": (FULL, WhatIf(limits={"users": 36}), [Code.TOO_MANY_USERS, Code.QUOTA_EXCEEDED]),
    "no limits": (FULL, WhatIf(limits={"users": None, "api": None}), []),
    "one machine more": (
        FULL, WhatIf(limits={"users": None, "api": None}, used={"activations": 4}), [Code.TOO_MANY_ACTIVATIONS]
    ),
    "a limit where there was none": (
        PERPETUAL, WhatIf(limits={"activations": 2}, used={"activations": 3}), [Code.TOO_MANY_ACTIVATIONS]
    ),
    "ended, prolonged": (ENDS_NOW, WhatIf(expires_at=FAR_AWAY), []),
    "ended, without an end": (ENDS_NOW, WhatIf(expires_at=None), []),
    "ended, in grace": (ENDS_NOW, WhatIf(grace_until=FAR_AWAY), []),
    "not yet begun": (SUBSCRIPTION, WhatIf(valid_from=FAR_AWAY), [Code.NOT_YET_EFFECTIVE]),
    "revoked": (SUBSCRIPTION, WhatIf(status=LicenseStatus.REVOKED), [Code.REVOKED]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_would_be_if(name: str) -> None:
    """Each changed fact is judged as if it were stored, and nothing else changes."""
    facts, what_if, expected = CASES[name]
    told = explained(facts, ANYTHING, NOW, what_if=what_if)
    assert [reason.code for reason in told.reasons] == expected
    assert told.changed == changed_names(what_if)


def test_what_happens_on_another_day() -> None:
    """The same facts at another instant: valid the day before the end, expired at it."""
    assert explained(ENDS_NOW, ANYTHING, NOW - timedelta(days=1)).decision.valid
    assert explained(ENDS_NOW, ANYTHING, NOW).decision.code is Code.EXPIRED


def test_a_supposed_fact_has_no_row() -> None:
    """Where a fact is only supposed, no row can be blamed for it."""
    sources = {"expires_at": LICENSE}
    [stored] = explained(ENDS_NOW, ANYTHING, NOW, sources=sources).reasons
    [thought] = explained(ENDS_NOW, ANYTHING, NOW, what_if=WhatIf(expires_at=NOW), sources=sources).reasons
    assert (stored.source, thought.source) == (LICENSE, None)


def test_a_supposed_amount_has_no_row_and_others_keep_theirs() -> None:
    """Users are supposed, so nobody is to be blamed for their number; the quota is as it is stored."""
    told = explained(
        FULL, ANYTHING, NOW, what_if=WhatIf(limits={"users": 1}), sources={"user_seats": TYPE, "quotas": LICENSE}
    )
    assert [(one.code, one.source) for one in told.reasons] == [
        (Code.TOO_MANY_USERS, None),
        (Code.QUOTA_EXCEEDED, LICENSE),
    ]
    assert (told.reasons[0].actual, told.reasons[0].required) == (40, 1)
    assert (told.reasons[1].actual, told.reasons[1].required) == (("api: 1001",), ("api: 1000",))


def test_whoever_asks_is_the_one_too_many_where_none_is_admitted() -> None:
    """Of a limit of 0 nothing is taken, and the one who asks is one more than that."""
    facts = replace(PERPETUAL, user_seats=Allowance(limit=0, used=0))
    [reason] = explained(facts, ValidationScope(user="kim"), NOW).reasons
    assert (reason.code, reason.actual, reason.required) == (Code.TOO_MANY_USERS, 1, 0)


@pytest.mark.parametrize("changes", [{"limits": {"print": 1}}, {"used": {"print": 1}}])
def test_an_amount_that_the_licence_does_not_count_is_refused(changes: Any) -> None:
    """A question about a quota that is not there has no answer."""
    with pytest.raises(UnknownAmount, match="print"):
        supposed(FULL, WhatIf(**changes))


@given(FACTS)
def test_nothing_supposed_changes_nothing(facts: LicenseFacts) -> None:
    """Facts come back as they were."""
    assert supposed(facts, WhatIf()) == facts
