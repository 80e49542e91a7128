"""The validation decision as a whole, and what no combination of facts may do."""

import itertools
from dataclasses import fields, replace
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.rules import decision as decision_module
from licensing.rules.advice import ADVICE_RULES
from licensing.rules.allowances import NO_OVERAGE, Allowance, Overage, OverageKind
from licensing.rules.codes import Code, ObligationCode, WarningCode, severity
from licensing.rules.decision import decide
from licensing.rules.facts import (
    ExpiryStrategy,
    LicenseFacts,
    LicenseModel,
    LicenseStatus,
    ValidationScope,
)
from licensing.rules.findings import FINDING_RULES
from licensing.rules.outcome import Finding
from licensing.rules.terms import end_of
from licensing.rules.versions import read_range
from tests.licensing.any_facts import FACT_STRATEGIES, FACTS, MOMENTS, OVERAGES, SCOPE_STRATEGIES, SCOPES
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


def test_the_strategies_cover_every_fact() -> None:
    """A fact that is added later must be varied by the properties below."""
    assert {field.name for field in fields(LicenseFacts)} == set(FACT_STRATEGIES)
    assert {field.name for field in fields(ValidationScope)} == set(SCOPE_STRATEGIES)


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
    """With and without grace the same findings stand, but for EXPIRED and for what outlives the term. While a licence
    is paused its clock stands where the pause began."""
    clock = at if facts.paused_at is None else min(at, facts.paused_at)
    without, with_grace = replace(facts, grace_until=None), replace(facts, grace_until=grace)
    lifted = set(codes(without, scope, at)) - set(codes(with_grace, scope, at))
    assert lifted <= {Code.EXPIRED, Code.MAINTENANCE_LAPSED}
    assert set(codes(with_grace, scope, at)) <= set(codes(without, scope, at))
    assert not lifted or (clock < grace and WarningCode.IN_GRACE in warned(with_grace, at))


def agreed(facts: LicenseFacts, overage: Overage) -> LicenseFacts:
    """The same licence with this overage for whatever it counts."""
    return replace(
        facts,
        activations=facts.activations and replace(facts.activations, overage=overage),
        user_seats=facts.user_seats and replace(facts.user_seats, overage=overage),
        quotas=tuple(replace(quota, overage=overage) for quota in facts.quotas),
    )


AMOUNTS = {Code.TOO_MANY_ACTIVATIONS, Code.TOO_MANY_USERS, Code.QUOTA_EXCEEDED}


@given(FACTS, SCOPES, MOMENTS, OVERAGES)
def test_overage_lifts_amounts_and_nothing_else(
    facts: LicenseFacts, scope: ValidationScope, at: datetime, overage: Overage
) -> None:
    """An overage that is added rescues from no finding but those of amounts, and makes none."""
    without, with_overage = codes(agreed(facts, NO_OVERAGE), scope, at), codes(agreed(facts, overage), scope, at)
    assert set(without) - set(with_overage) <= AMOUNTS
    assert set(with_overage) <= set(without)


@given(FACTS, SCOPES, MOMENTS, OVERAGES, MOMENTS)
def test_after_the_end_neither_overage_nor_a_grace_that_is_over_rescues(
    facts: LicenseFacts, scope: ValidationScope, at: datetime, overage: Overage, grace: datetime
) -> None:
    """Expired stays expired, however much overage was agreed and whatever grace there was: the peers' mistake."""
    expired = replace(
        agreed(facts, overage),
        model=LicenseModel.SUBSCRIPTION,
        expires_at=at,
        paused_at=None,
        grace_until=min(grace, at),
        expiry_strategy=ExpiryStrategy.RESTRICT,
    )
    decision = decide(expired, scope, at)
    assert not decision.valid
    assert Code.EXPIRED in [finding.code for finding in decision.findings]
    assert decision.obligations == ()


GRACES = list(itertools.product((None, timedelta(0), timedelta(days=7)), (-1, 0, 1)))
EXPIRY = [(strategy, strategy in {ExpiryStrategy.MAINTAIN, ExpiryStrategy.ALLOW}) for strategy in ExpiryStrategy]


@pytest.mark.parametrize(("strategy", "outlives"), EXPIRY)
@pytest.mark.parametrize(("used", "fits", "warns"), [(3, True, False), (5, True, True), (6, False, False)])
@pytest.mark.parametrize(("grace", "step"), GRACES)
def test_expiry_overage_and_grace_together(
    strategy: ExpiryStrategy, outlives: bool, used: int, fits: bool, warns: bool, grace: timedelta | None, step: int
) -> None:
    """Each combination around the end of the term and the end of grace: each part says its own and lifts no other."""
    allowance = Allowance(limit=3, used=used, overage=Overage(kind=OverageKind.ABSOLUTE, amount=2))
    until = None if grace is None else NOW + grace
    facts = replace(SUBSCRIPTION, expires_at=NOW, grace_until=until, expiry_strategy=strategy, activations=allowance)
    for end in (NOW, NOW + (grace or timedelta(0))):
        at = end + step * A_MICROSECOND
        over, graced = at >= max(NOW, until or NOW), NOW <= at < (until or NOW)
        expected = [Code.EXPIRED] * (over and not outlives) + [Code.TOO_MANY_ACTIVATIONS] * (not fits)
        decision = decide(facts, ANYTHING, at)
        assert [finding.code for finding in decision.findings] == expected
        assert decision.valid == (not expected)
        given = [warning.code for warning in decision.warnings]
        assert (WarningCode.OVERAGE_ALLOWED in given, WarningCode.IN_GRACE in given) == (warns, graced)


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
def test_findings_and_warnings_are_ordered_whatever_the_order_of_rules(
    facts: LicenseFacts, scope: ValidationScope, at: datetime, random: Random
) -> None:
    """Each code occurs once, most severe first, also when somebody lists a new rule in the wrong place."""
    before = decide(facts, scope, at)
    with pytest.MonkeyPatch.context() as patch:
        for name, rules in (("FINDING_RULES", FINDING_RULES), ("ADVICE_RULES", ADVICE_RULES)):
            patch.setattr(decision_module, name, tuple(random.sample(rules, len(rules))))
        assert decide(facts, scope, at) == before
    places = [severity(finding.code) for finding in before.findings]
    assert places == sorted(set(places))
    given = [list(WarningCode).index(warning.code) for warning in before.warnings]
    assert given == sorted(given)


@given(FACTS, SCOPES, MOMENTS)
def test_a_perpetual_licence_never_expires(facts: LicenseFacts, scope: ValidationScope, at: datetime) -> None:
    """Neither a date nor a duration that somebody left on it makes a perpetual licence expire."""
    perpetual = replace(facts, model=LicenseModel.PERPETUAL, past_due_stages=())
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
