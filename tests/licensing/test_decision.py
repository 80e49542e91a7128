"""The validation decision as a whole, and what no combination of facts may do."""

from dataclasses import fields, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.rules import decision as decision_module
from licensing.rules.codes import Code, ObligationCode, WarningCode, severity
from licensing.rules.decision import decide
from licensing.rules.facts import (
    ExpiryBasis,
    ExpiryStrategy,
    FeatureGrant,
    LicenseFacts,
    LicenseModel,
    LicenseStatus,
    ValidationScope,
)
from licensing.rules.findings import FINDING_RULES
from licensing.rules.outcome import Finding
from licensing.rules.terms import Period, Term, end_of
from licensing.rules.versions import read_range
from tests.licensing.cases import A_MICROSECOND, ANYTHING, CREATED, NOW, PERPETUAL, SUBSCRIPTION, V24, codes, warned


def test_an_unknown_key() -> None:
    """Nothing is told about a key that nobody issued, but that."""
    decision = decide(None, V24, NOW)
    assert not decision.valid
    assert decision.code is Code.NOT_FOUND
    assert decision.findings == (Finding(Code.NOT_FOUND, "key"),)
    assert decision.warnings == ()
    assert decision.obligations == ()


def test_the_published_order_of_severity() -> None:
    """The list is a contract with shipped clients: its order, its first and its last never move."""
    assert " ".join(Code) == (
        "NOT_FOUND REVOKED BANNED SUSPENDED PAUSED CLOCK_TAMPERED NOT_YET_EFFECTIVE EXPIRED OVERDUE PRODUCT_MISMATCH "
        "USER_MISMATCH FINGERPRINT_REQUIRED FINGERPRINT_EMPTY FINGERPRINT_MISMATCH COMPONENTS_MISMATCH NOT_ACTIVATED "
        "HEARTBEAT_NOT_STARTED HEARTBEAT_DEAD COUNTRY_DENIED DOMAIN_DENIED VM_DENIED DEPARTMENT_DENIED FEATURE_MISSING "
        "VERSION_OUT_OF_RANGE MAINTENANCE_LAPSED RELEASE_YANKED CHECKOUT_REQUIRED TOO_MANY_ACTIVATIONS TOO_MANY_USERS "
        "QUOTA_EXCEEDED THROTTLED VALID"
    )
    assert " ".join(WarningCode) == (
        "IN_GRACE OVERAGE_ALLOWED EXPIRES_SOON QUOTA_NEAR MAINTENANCE_ENDS_SOON OFFLINE_OUTSTANDING"
    )
    assert [severity(code) for code in Code] == list(range(32))


def test_everything_wrong_at_once_is_all_reported_most_severe_first() -> None:
    """All findings are collected; the code is the first of them; the facts behind each are shown."""
    facts = replace(
        SUBSCRIPTION,
        status=LicenseStatus.SUSPENDED,
        key_revoked_at=NOW,
        party_barred_at=NOW,
        valid_from=NOW + A_MICROSECOND,
        expires_at=NOW,
        territories=frozenset({"SE", "NO"}),
        version_range=read_range("^1"),
        maintenance_until=CREATED,
        released_at=NOW,
    )
    scope = ValidationScope(product="PDM", version="2.0.0", features=frozenset({"b", "a"}), country="DE")
    decision = decide(facts, scope, NOW)
    assert decision.code is Code.REVOKED
    assert decision.findings == (
        Finding(Code.REVOKED, "key_revoked_at", NOW),
        Finding(Code.BANNED, "party_barred_at", NOW),
        Finding(Code.SUSPENDED, "status", "suspended", "active"),
        Finding(Code.NOT_YET_EFFECTIVE, "valid_from", NOW, NOW + A_MICROSECOND),
        Finding(Code.EXPIRED, "expires_at", NOW, NOW),
        Finding(Code.PRODUCT_MISMATCH, "product", "PDM", ("7f3a", "CAD")),
        Finding(Code.COUNTRY_DENIED, "country", "DE", ("NO", "SE")),
        Finding(Code.FEATURE_MISSING, "features", (), ("a", "b")),
        Finding(Code.VERSION_OUT_OF_RANGE, "version", "2.0.0", "^1"),
        Finding(Code.MAINTENANCE_LAPSED, "released_at", NOW, CREATED),
    )


def test_a_time_without_a_zone_is_refused() -> None:
    """Nobody can say whether a licence is valid at an instant that is not one."""
    with pytest.raises(ValueError, match="time zone"):
        decide(PERPETUAL, ANYTHING, NOW.replace(tzinfo=None))


def test_the_life_of_a_subscription() -> None:
    """From the day before it starts to the day after grace, each phase answers with its own code and warnings."""
    start, end, grace = NOW, NOW + timedelta(days=365), NOW + timedelta(days=379)
    facts = replace(SUBSCRIPTION, valid_from=start, expires_at=end, grace_until=grace)
    phases = [
        (start - A_MICROSECOND, Code.NOT_YET_EFFECTIVE, []),
        (start, Code.VALID, []),
        (end - timedelta(days=30), Code.VALID, [WarningCode.EXPIRES_SOON]),
        (end, Code.VALID, [WarningCode.IN_GRACE]),
        (grace - A_MICROSECOND, Code.VALID, [WarningCode.IN_GRACE]),
        (grace, Code.EXPIRED, []),
    ]
    for at, code, warnings in phases:
        assert (decide(facts, ANYTHING, at).code, warned(facts, at)) == (code, warnings), at


MOMENTS = st.sampled_from(
    [NOW + timedelta(days=d) + u * A_MICROSECOND for d in (-400, -30, -7, 0, 7, 30, 400) for u in (-1, 0, 1)]
)
MAYBE = st.none() | MOMENTS
PERIODS = st.tuples(MOMENTS, MOMENTS).map(lambda pair: Period(min(pair), max(pair))) | st.builds(Period, end=MAYBE)
TEXTS = st.sampled_from(["a", "b", "NO", "DE"])
FACT_STRATEGIES: dict[str, st.SearchStrategy[Any]] = {
    "model": st.sampled_from(LicenseModel),
    "status": st.sampled_from(LicenseStatus) | st.just(LicenseStatus.ACTIVE),
    "created_at": MOMENTS,
    "valid_from": MAYBE,
    "expires_at": MAYBE,
    "grace_until": MAYBE,
    "duration": st.none() | st.builds(Term, months=st.integers(0, 13), days=st.integers(1, 30)),
    "expiry_strategy": st.sampled_from(ExpiryStrategy),
    "expiry_basis": st.sampled_from(ExpiryBasis),
    "first_validated_at": MAYBE,
    "first_activated_at": MAYBE,
    "key_revoked_at": MAYBE,
    "party_barred_at": MAYBE,
    "maintenance_until": MAYBE,
    "released_at": MAYBE,
    "version_range": st.none() | st.sampled_from(["^2", "<2", "*"]).map(read_range),
    "products": st.frozensets(TEXTS),
    "territories": st.none() | st.frozensets(TEXTS),
    "features": st.lists(st.builds(FeatureGrant, TEXTS, PERIODS), max_size=3).map(tuple),
    "notice": st.sampled_from([timedelta(0), timedelta(days=1), timedelta(days=30)]),
}
FACTS = st.builds(LicenseFacts, **FACT_STRATEGIES)
SCOPES = st.builds(
    ValidationScope,
    product=st.none() | TEXTS,
    version=st.none() | st.sampled_from(["1.9.0", "2.4.0", "latest"]),
    features=st.frozensets(TEXTS, max_size=2),
    country=st.none() | TEXTS,
)


def test_the_strategies_cover_every_fact() -> None:
    """A fact that is added later must be varied by the properties below."""
    assert {field.name for field in fields(LicenseFacts)} == set(FACT_STRATEGIES)


@given(FACTS, SCOPES, MOMENTS)
def test_an_invalid_finding_is_never_rescued(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> None:
    """Whatever single rules find is in the decision and makes it invalid, whatever else is true of the licence."""
    found = {finding for rule in FINDING_RULES if (finding := rule(facts, scope, at))}
    decision = decide(facts, scope, at)
    assert set(decision.findings) == found
    assert decision.valid == (not found)
    assert decision.code is min((finding.code for finding in found), key=severity, default=Code.VALID)
    assert decision.valid or decision.obligations == ()


@given(FACTS, SCOPES, MOMENTS, MOMENTS)
def test_grace_lifts_the_expiry_and_nothing_else(
    facts: LicenseFacts, scope: ValidationScope, at: datetime, grace: datetime
) -> None:
    """With and without grace the same findings stand, but for EXPIRED and for what outlives the term."""
    without, with_grace = replace(facts, grace_until=None), replace(facts, grace_until=grace)
    lifted = set(codes(without, scope, at)) - set(codes(with_grace, scope, at))
    assert lifted <= {Code.EXPIRED, Code.MAINTENANCE_LAPSED}
    assert set(codes(with_grace, scope, at)) <= set(codes(without, scope, at))
    assert not lifted or (at < grace and WarningCode.IN_GRACE in warned(with_grace, at))


@given(FACTS, SCOPES, MOMENTS, st.sampled_from([timedelta(0), timedelta(days=400)]))
def test_warnings_change_no_decision(
    facts: LicenseFacts, scope: ValidationScope, at: datetime, notice: timedelta
) -> None:
    """A longer or shorter notice gives other warnings, and the same decision."""
    one, other = decide(facts, scope, at), decide(replace(facts, notice=notice), scope, at)
    assert (one.valid, one.code, one.findings, one.obligations) == (
        other.valid,
        other.code,
        other.findings,
        other.obligations,
    )


@given(FACTS, SCOPES, MOMENTS)
def test_two_runs_are_equal(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> None:
    """The same facts, scope and time give the same decision, also from copies of the facts."""
    assert decide(facts, scope, at) == decide(replace(facts), replace(scope), at)


@given(FACTS, SCOPES, MOMENTS, st.randoms(use_true_random=False))
def test_findings_are_ordered_by_severity_whatever_the_order_of_rules(
    facts: LicenseFacts, scope: ValidationScope, at: datetime, random: Random
) -> None:
    """Each code occurs once, most severe first, also when somebody lists a new rule in the wrong place."""
    before = decide(facts, scope, at)
    shuffled = list(FINDING_RULES)
    random.shuffle(shuffled)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decision_module, "FINDING_RULES", tuple(shuffled))
        assert decide(facts, scope, at) == before
    places = [severity(finding.code) for finding in before.findings]
    assert places == sorted(set(places))


@given(FACTS, SCOPES, MOMENTS)
def test_a_perpetual_licence_never_expires(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> None:
    """Neither a date nor a duration that somebody left on it makes a perpetual licence expire."""
    perpetual = replace(facts, model=LicenseModel.PERPETUAL)
    assert Code.EXPIRED not in codes(perpetual, scope, at)
    assert not {WarningCode.EXPIRES_SOON, WarningCode.IN_GRACE} & set(warned(perpetual, at))


@given(FACTS, SCOPES, MOMENTS)
def test_a_started_term_counts_as_it_was_promised(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> None:
    """Storing the first validation, as obliged, leads to the very end that the first answer named."""
    for obligation in decide(facts, scope, at).obligations:
        if obligation.code is ObligationCode.START_TERM:
            assert facts.duration is not None
            assert obligation.until == end_of(start=at, term=facts.duration)
            stored = replace(facts, first_validated_at=at)
            assert Code.EXPIRED not in codes(stored, scope, obligation.until - A_MICROSECOND)
