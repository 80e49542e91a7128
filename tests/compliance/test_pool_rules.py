"""Over-allocation and expired use: one pool is found in one of them at most, exactly when it holds too much."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.expired_use import expired_use
from compliance.rules.over_allocation import over_allocation
from compliance.rules.pool_findings import Explanation, PoolFinding, PoolFindingKind, Severity, severity_of
from licensing.rules.terms import ALWAYS, Period
from seats.rules.capacity import PoolFacts, Right, admits, ceiling_at

NOW = datetime(2025, 6, 15, 12, 0, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)
TOMORROW = NOW + timedelta(days=1)
A_MICROSECOND = timedelta(microseconds=1)

# 100 rights for good and 20 that ended yesterday, 110 seats held.
PLANTED = PoolFacts(capacity=120, used=110, rights=(Right(100, ALWAYS), Right(20, Period(None, YESTERDAY))))
LAPSED = PoolFacts(capacity=20, used=15, rights=(Right(20, Period(None, YESTERDAY)),))


def found(pool: PoolFacts, at: datetime = NOW) -> list[tuple[str, int, int]]:
    findings = (over_allocation(pool, at=at), expired_use(pool, at=at))
    return [(finding.kind.value, finding.observed, finding.allowed) for finding in findings if finding is not None]


def test_the_planted_over_deployment() -> None:
    """110 seats on 100 + 20 rights of which 20 ended: one over-allocation of 10, explained in full."""
    assert over_allocation(PLANTED, at=NOW) == PoolFinding(
        kind=PoolFindingKind.OVER_ALLOCATION,
        observed=110,
        allowed=100,
        severity=Severity.WARNING,
        explanation=Explanation(
            used=110,
            capacity=120,
            unlimited=False,
            overdraft=0,
            rights_valid=100,
            rights_lapsed=20,
            last_lapse_at=YESTERDAY,
            next_right_at=None,
        ),
    )
    assert expired_use(PLANTED, at=NOW) is None


def test_buying_rights_cures_it() -> None:
    """With ten more rights the same pool is in order, and one fewer would not do."""
    assert found(replace(PLANTED, rights=(*PLANTED.rights, Right(10, Period(NOW))))) == []
    assert found(replace(PLANTED, rights=(*PLANTED.rights, Right(9, Period(NOW))))) == [("over_allocation", 110, 109)]


def test_it_begins_at_the_very_end_of_the_right() -> None:
    """One microsecond before the 20 rights end everything is covered; at their end 10 seats are not."""
    assert found(PLANTED, YESTERDAY - A_MICROSECOND) == []
    assert found(PLANTED, YESTERDAY) == [("over_allocation", 110, 100)]


def test_all_rights_ended() -> None:
    """Seats that nothing backs any more are expired use of all of them."""
    assert found(LAPSED, YESTERDAY - A_MICROSECOND) == []
    assert found(LAPSED, YESTERDAY) == [("expired_use", 15, 0)]
    finding = expired_use(LAPSED, at=NOW)
    assert finding is not None
    assert finding.severity is Severity.CRITICAL
    assert (finding.explanation.rights_lapsed, finding.explanation.last_lapse_at) == (20, YESTERDAY)


def test_rights_that_begin_tomorrow_do_not_count_today() -> None:
    """A renewal that is not in force yet is told in the explanation and cures nothing before its day."""
    renewed = replace(LAPSED, rights=(*LAPSED.rights, Right(20, Period(TOMORROW))))
    finding = expired_use(renewed, at=NOW)
    assert finding is not None
    assert finding.explanation.next_right_at == TOMORROW
    assert found(renewed, TOMORROW) == []


def test_the_overdraft_is_allowed_while_there_are_rights() -> None:
    """Within the overdraft nothing is found; without any right the overdraft backs nobody."""
    assert found(replace(PLANTED, overdraft=10)) == []
    assert found(replace(PLANTED, overdraft=9)) == [("over_allocation", 110, 109)]
    assert found(replace(LAPSED, overdraft=15)) == [("expired_use", 15, 0)]


def test_a_soft_pool_over_its_capacity_is_reported() -> None:
    """What a soft pool admitted for a reason is found, although the rights would suffice."""
    soft = PoolFacts(capacity=5, used=7, rights=(Right(10, ALWAYS),), hard_limit=False)
    assert found(soft) == [("over_allocation", 7, 5)]


def test_reservations_are_not_use() -> None:
    """A pool that is full by its reservations holds no seat too many."""
    assert found(PoolFacts(capacity=10, used=10, reserved=5, rights=(Right(10, ALWAYS),))) == []


def test_unlimited_pools() -> None:
    """A site licence covers any number until its end, then none; software without any right is nobody's violation."""
    site = PoolFacts(capacity=None, unlimited=True, used=400, rights=(Right(1, Period(None, TOMORROW)),))
    assert found(site) == []
    assert found(site, TOMORROW) == [("expired_use", 400, 0)]
    assert found(replace(site, rights=())) == []


def test_an_empty_pool_is_in_order() -> None:
    """Where no seat is held, lapsed and missing rights violate nothing."""
    assert found(replace(LAPSED, used=0)) == []
    assert found(PoolFacts(capacity=0, used=0, rights=())) == []


def test_the_explanation_is_stored_as_plain_json() -> None:
    """Moments become text with their zone, everything else stays a number."""
    finding = over_allocation(PLANTED, at=NOW)
    assert finding is not None
    assert finding.explanation.as_json() == {
        "used": 110,
        "capacity": 120,
        "unlimited": False,
        "overdraft": 0,
        "rights_valid": 100,
        "rights_lapsed": 20,
        "last_lapse_at": "2025-06-14T12:00:00+00:00",
        "next_right_at": None,
    }


@pytest.mark.parametrize(
    ("observed", "allowed", "severity"),
    [
        (101, 100, Severity.WARNING),
        (110, 100, Severity.WARNING),
        (111, 100, Severity.CRITICAL),
        (3, 1, Severity.WARNING),
        (4, 1, Severity.CRITICAL),
        (1, 0, Severity.WARNING),
        (2, 0, Severity.WARNING),
        (3, 0, Severity.CRITICAL),
        (1100, 1000, Severity.WARNING),
        (1101, 1000, Severity.CRITICAL),
    ],
)
def test_severity_is_by_proportion(observed: int, allowed: int, severity: Severity) -> None:
    """One or two seats, or a tenth of what is allowed, is a warning; more is critical."""
    assert severity_of(observed=observed, allowed=allowed) is severity


MOMENTS = st.integers(-5, 5).map(lambda days: NOW + timedelta(days=days))
PERIODS = st.tuples(MOMENTS, MOMENTS).map(lambda pair: Period(min(pair), max(pair))) | st.just(ALWAYS)
RIGHTS = st.lists(st.builds(Right, st.integers(0, 30), PERIODS), max_size=4).map(tuple)
POOLS = st.builds(
    lambda unlimited, capacity, **facts: PoolFacts(
        unlimited=unlimited, capacity=None if unlimited else capacity, **facts
    ),
    unlimited=st.booleans(),
    capacity=st.integers(0, 40),
    used=st.integers(0, 40),
    rights=RIGHTS,
    hard_limit=st.booleans(),
    overdraft=st.integers(0, 5),
    reserved=st.integers(0, 5),
)


@given(POOLS, MOMENTS)
def test_one_pool_never_fires_both(pool: PoolFacts, at: datetime) -> None:
    """No pool and no moment give both findings."""
    assert len(found(pool, at)) <= 1


@given(POOLS, MOMENTS)
def test_a_pool_is_found_exactly_when_something_is_held_that_is_not_allowed(pool: PoolFacts, at: datetime) -> None:
    """Nothing beyond the ceiling goes unfound, nothing within valid rights is found, and the numbers say too much."""
    ceiling = ceiling_at(pool, at)
    findings = found(pool, at)
    if ceiling is not None and pool.used > ceiling:
        assert len(findings) == 1
    for kind, observed, allowed in findings:
        assert observed == pool.used > allowed
        assert allowed == (ceiling if kind == "over_allocation" else 0)


@given(POOLS, MOMENTS)
def test_expired_use_is_the_absence_of_any_right(pool: PoolFacts, at: datetime) -> None:
    """It fires exactly when seats are held and no right of the sources is valid."""
    valid = [right for right in pool.rights if right.period.holds_at(at)]
    backed = bool(valid or not pool.rights) if pool.unlimited else any(right.quantity for right in valid)
    assert (expired_use(pool, at=at) is not None) == (pool.used > 0 and not backed)


@given(POOLS, MOMENTS, st.integers(1, 10))
def test_what_a_hard_pool_admits_is_never_found_while_its_rights_hold(
    pool: PoolFacts, at: datetime, quantity: int
) -> None:
    """A seat that was admitted under a valid right does not make its pool a violation at that moment."""
    hard = replace(pool, hard_limit=True)
    if admits(hard, quantity=quantity, at=at).allowed:
        assert over_allocation(replace(hard, used=hard.used + quantity), at=at) is None
