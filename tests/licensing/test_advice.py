"""Warnings and obligations: when each is given, and what the end of a term leaves."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from licensing.rules.advice import ADVICE_RULES, OBLIGATION_RULES
from licensing.rules.allowances import Quota
from licensing.rules.codes import ObligationCode, WarningCode
from licensing.rules.decision import decide
from licensing.rules.expiry import ReleaseAccess, release_access
from licensing.rules.facts import ExpiryStrategy, LicenseFacts, LicenseModel, LicenseStatus, ValidationScope
from licensing.rules.outcome import Advice, Obligation
from tests.licensing.boundaries_of_amounts import A_QUARTER, TWO_MORE, TWO_UNTIL_NOW, activations, quota, users
from tests.licensing.cases import (
    A_MICROSECOND,
    ANYTHING,
    CREATED,
    ENDS_NOW,
    FAR_AWAY,
    FIRST_ACTIVATION,
    FIRST_USE,
    LONG_AGO,
    MAINTAINED,
    NOW,
    PERPETUAL,
    TRIAL,
    V24,
    WITH_GRACE,
    warned,
)

GRACE_END = NOW + timedelta(days=7)
SOON = NOW - timedelta(days=30)
WARNINGS: dict[str, tuple[WarningCode, LicenseFacts, tuple[datetime, ...], tuple[datetime, ...]]] = {
    "grace": (
        WarningCode.IN_GRACE,
        WITH_GRACE,
        (NOW, NOW + A_MICROSECOND, GRACE_END - A_MICROSECOND),
        (NOW - A_MICROSECOND, GRACE_END, GRACE_END + A_MICROSECOND),
    ),
    "no grace": (WarningCode.IN_GRACE, ENDS_NOW, (), (NOW - A_MICROSECOND, NOW, NOW + A_MICROSECOND)),
    "grace of a perpetual": (WarningCode.IN_GRACE, replace(PERPETUAL, grace_until=GRACE_END), (), (NOW,)),
    "end of term": (
        WarningCode.EXPIRES_SOON,
        ENDS_NOW,
        (SOON, SOON + A_MICROSECOND, NOW - A_MICROSECOND),
        (SOON - A_MICROSECOND, NOW, NOW + A_MICROSECOND),
    ),
    "end of term, shorter notice": (
        WarningCode.EXPIRES_SOON,
        replace(ENDS_NOW, notice=timedelta(days=1)),
        (NOW - timedelta(days=1),),
        (NOW - timedelta(days=1) - A_MICROSECOND,),
    ),
    "end of trial": (
        WarningCode.EXPIRES_SOON,
        TRIAL,
        (CREATED, CREATED + timedelta(days=29)),
        (CREATED + timedelta(days=30),),
    ),
    "end of maintenance": (
        WarningCode.MAINTENANCE_ENDS_SOON,
        MAINTAINED,
        (SOON, NOW - A_MICROSECOND, NOW),
        (SOON - A_MICROSECOND, NOW + A_MICROSECOND),
    ),
    "term that stands still": (
        WarningCode.IN_GRACE,
        replace(WITH_GRACE, paused_at=NOW + A_MICROSECOND),
        (NOW, GRACE_END, FAR_AWAY),
        (NOW - A_MICROSECOND,),
    ),
    "payment past due": (
        WarningCode.IN_GRACE,
        replace(PERPETUAL, past_due_stages=(NOW, GRACE_END)),
        (LONG_AGO, NOW - A_MICROSECOND, NOW, GRACE_END),
        (),
    ),
    "past due and suspended": (
        WarningCode.IN_GRACE,
        replace(PERPETUAL, past_due_stages=(NOW, GRACE_END), status=LicenseStatus.SUSPENDED),
        (),
        (NOW,),
    ),
    "one machine over": (
        WarningCode.OVERAGE_ALLOWED, activations(3, 4, TWO_UNTIL_NOW), (LONG_AGO, NOW - A_MICROSECOND), (NOW,)
    ),
    "one user over": (WarningCode.OVERAGE_ALLOWED, users(4, 5, A_QUARTER), (LONG_AGO, FAR_AWAY), ()),
    "quota over until it begins anew": (
        WarningCode.OVERAGE_ALLOWED, quota(3, 5, TWO_MORE, resets_at=NOW), (NOW - A_MICROSECOND,), (NOW,)
    ),
    "at the limit": (WarningCode.OVERAGE_ALLOWED, activations(3, 3, TWO_MORE), (), (LONG_AGO, NOW)),
    "beyond the overage": (WarningCode.OVERAGE_ALLOWED, users(3, 6, TWO_MORE), (), (LONG_AGO, NOW)),
    "79.9 percent": (WarningCode.QUOTA_NEAR, quota(1000, 799), (), (NOW,)),
    "80 percent": (WarningCode.QUOTA_NEAR, quota(1000, 800, resets_at=NOW), (NOW - A_MICROSECOND,), (NOW,)),
    "another share": (WarningCode.QUOTA_NEAR, quota(1000, 800, near_percent=81), (), (NOW,)),
    "all of it": (WarningCode.QUOTA_NEAR, quota(1000, 1000), (NOW,), ()),
    "more than all of it": (WarningCode.QUOTA_NEAR, quota(1000, 1001, TWO_MORE), (), (NOW,)),
    "no limit": (WarningCode.QUOTA_NEAR, quota(None, 1000), (), (NOW,)),
    "nothing granted": (WarningCode.QUOTA_NEAR, quota(0, 0), (), (NOW,)),
    "certificates are out": (
        WarningCode.OFFLINE_OUTSTANDING, replace(PERPETUAL, offline_until=NOW), (NOW - A_MICROSECOND,), (NOW,)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WARNINGS)
def test_each_warning_at_its_exact_boundary(name: str) -> None:
    """A warning begins and ends to the microsecond."""
    code, facts, given_at, absent_at = WARNINGS[name]
    assert [at for at in given_at if code not in warned(facts, at)] == []
    assert [at for at in absent_at if code in warned(facts, at)] == []


def test_the_table_fires_every_warning() -> None:
    """No warning can be added without a row that shows it."""
    fired = {
        rule
        for rule in ADVICE_RULES
        for _, facts, when, _ in WARNINGS.values()
        for at in when
        if rule(facts, ANYTHING, at)
    }
    assert fired == set(ADVICE_RULES)


def test_every_warning_has_a_row() -> None:
    """No warning can be added without a row that shows it given and one in which it is not."""
    assert {code for code, _, given_at, _ in WARNINGS.values() if given_at} == set(WarningCode)
    assert {code for code, _, _, absent_at in WARNINGS.values() if absent_at} == set(WarningCode)


@pytest.mark.parametrize("name", ["one machine over", "one user over", "quota over until it begins anew"])
def test_an_overage_that_was_agreed_is_valid(name: str) -> None:
    """Within the overage the licence works, and the client is told."""
    _, facts, given_at, _ = WARNINGS[name]
    assert all(decide(facts, ANYTHING, at).valid for at in given_at)


def test_warnings_about_several_quotas_name_the_first_moment() -> None:
    """One warning for all quotas, with the moment at which the first of them changes; null where none does."""
    endless = Quota(code="b", limit=4, used=4)
    soon = replace(endless, code="c", resets_at=NOW + timedelta(days=2))
    sooner = replace(soon, code="d", resets_at=NOW + timedelta(days=1))
    facts = replace(PERPETUAL, quotas=(endless, soon, sooner))
    assert decide(facts, ANYTHING, NOW).warnings == (Advice(WarningCode.QUOTA_NEAR, "quotas", NOW + timedelta(days=1)),)
    assert decide(replace(facts, quotas=(endless,)), ANYTHING, NOW).warnings == (
        Advice(WarningCode.QUOTA_NEAR, "quotas", None),
    )


def test_grace_is_valid_and_says_until_when() -> None:
    """In grace the licence works, and the client can tell its user the day on which it stops."""
    decision = decide(WITH_GRACE, ANYTHING, NOW)
    assert decision.valid
    assert decision.warnings == (Advice(WarningCode.IN_GRACE, "grace_until", GRACE_END),)


def test_past_due_says_what_comes_next() -> None:
    """Until features end that moment, then the one of the suspension, and that one too where no task has come yet."""
    facts = replace(PERPETUAL, past_due_stages=(NOW, GRACE_END))
    for at, until in (
        (NOW - A_MICROSECOND, NOW),
        (NOW, GRACE_END),
        (GRACE_END - A_MICROSECOND, GRACE_END),
        (FAR_AWAY, GRACE_END),
    ):
        decision = decide(facts, ANYTHING, at)
        assert decision.valid
        assert decision.warnings == (Advice(WarningCode.IN_GRACE, "past_due", until),)


def test_a_pause_stands_still_for_a_payment_too() -> None:
    """What comes next is what would have come next at the pause."""
    facts = replace(PERPETUAL, past_due_stages=(NOW, GRACE_END), paused_at=NOW - A_MICROSECOND)
    assert decide(facts, ANYTHING, FAR_AWAY).warnings == (Advice(WarningCode.IN_GRACE, "past_due", NOW),)


@pytest.mark.parametrize("strategy", ExpiryStrategy)
def test_grace_keeps_new_releases_available_whatever_follows(strategy: ExpiryStrategy) -> None:
    """Until grace ends nothing is taken away: a release published in grace may be run in grace."""
    facts = replace(WITH_GRACE, expiry_strategy=strategy, released_at=NOW + timedelta(days=1))
    assert decide(facts, V24, NOW + timedelta(days=2)).valid


def test_the_first_validation_starts_the_term() -> None:
    """The server is told to store a term that begins now, and the answer already counts with it."""
    decision = decide(FIRST_USE, ANYTHING, NOW)
    assert decision.obligations == (Obligation(ObligationCode.START_TERM, NOW, NOW + timedelta(days=30)),)
    assert decision.warnings == (Advice(WarningCode.EXPIRES_SOON, "expires_at", NOW + timedelta(days=30)),)


@pytest.mark.parametrize(
    "facts",
    [
        TRIAL,
        FIRST_ACTIVATION,
        replace(FIRST_USE, first_validated_at=NOW),
        replace(FIRST_USE, expires_at=FAR_AWAY),
        replace(FIRST_USE, duration=None),
        replace(FIRST_USE, model=LicenseModel.PERPETUAL),
        replace(FIRST_USE, status=LicenseStatus.SUSPENDED),
    ],
)
def test_nothing_else_starts_a_term(facts: LicenseFacts) -> None:
    """A term starts once, only where it counts from validation, and never by an answer that is not valid."""
    started = [obligation.code for obligation in decide(facts, ANYTHING, CREATED).obligations]
    assert ObligationCode.START_TERM not in started


@pytest.mark.parametrize("scope", [ANYTHING, V24])
def test_a_client_whose_release_is_unknown_must_check_its_own_date(scope: ValidationScope) -> None:
    """Maintenance holds also for releases that nobody registered: the client knows when it was built."""
    decision = decide(MAINTAINED, scope, NOW)
    assert decision.obligations == (Obligation(ObligationCode.CHECK_RELEASE_DATE, None, NOW),)


def test_a_client_whose_release_is_known_need_not() -> None:
    """Where the server has judged the release, nothing is left to the client."""
    assert decide(replace(MAINTAINED, released_at=CREATED), V24, NOW).obligations == ()


@pytest.mark.parametrize(
    ("strategy", "running", "over"),
    [
        (ExpiryStrategy.RESTRICT, ReleaseAccess(any=True), ReleaseAccess(any=True, until=NOW)),
        (ExpiryStrategy.REVOKE, ReleaseAccess(any=True), ReleaseAccess(any=False)),
        (ExpiryStrategy.MAINTAIN, ReleaseAccess(any=True), ReleaseAccess(any=True, until=NOW)),
        (ExpiryStrategy.ALLOW, ReleaseAccess(any=True), ReleaseAccess(any=True)),
    ],
)
def test_what_the_end_of_the_term_leaves(strategy: ExpiryStrategy, running: ReleaseAccess, over: ReleaseAccess) -> None:
    """While the term runs every release is reached; after it, what the strategy says."""
    facts = replace(ENDS_NOW, expiry_strategy=strategy)
    assert release_access(facts, NOW - A_MICROSECOND) == running
    assert release_access(facts, NOW) == over


def test_maintenance_that_ended_earlier_still_counts_after_the_term() -> None:
    """The end of the term never brings back releases that maintenance had left out."""
    facts = replace(ENDS_NOW, expiry_strategy=ExpiryStrategy.MAINTAIN, maintenance_until=CREATED)
    assert release_access(facts, NOW) == ReleaseAccess(any=True, until=CREATED)


def test_every_obligation_has_a_rule() -> None:
    """The two obligations that exist are the two that rules give."""
    given_by_rules = {
        obligation.code
        for facts in (FIRST_USE, MAINTAINED)
        for rule in OBLIGATION_RULES
        if (obligation := rule(facts, ANYTHING, NOW))
    }
    assert given_by_rules == set(ObligationCode)
