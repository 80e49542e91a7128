"""Capacity: who is admitted, who is refused, and when to come back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from licensing.rules.terms import ALWAYS, Period
from seats.rules.capacity import (
    Admission,
    AdmissionCode,
    PlannedEnd,
    PoolFacts,
    Right,
    admits,
    ceiling_at,
    covered_at,
    is_backed_at,
    rights_valid_at,
)

NOW = datetime(2025, 6, 15, 12, 0, tzinfo=UTC)
A_MICROSECOND = timedelta(microseconds=1)
A_DAY = timedelta(days=1)
TEN = (Right(10, ALWAYS),)
POOL = PoolFacts(capacity=10, used=0, rights=TEN)
UNLIMITED = PoolFacts(capacity=None, unlimited=True, used=5_000, rights=(Right(1, ALWAYS),))


def free(pool: PoolFacts, at: datetime = NOW) -> int | None:
    return admits(pool, quantity=1, at=at).free


def test_the_last_seat_is_given_and_the_next_refused() -> None:
    """Ten rights: the tenth seat is admitted, the eleventh refused with the numbers that explain it."""
    assert admits(replace(POOL, used=9), quantity=1, at=NOW) == Admission(
        allowed=True, code=AdmissionCode.ADMITTED, capacity=10, used=9, free=1, next_free_at=None, over_limit=False
    )
    assert admits(replace(POOL, used=10), quantity=1, at=NOW) == Admission(
        allowed=False,
        code=AdmissionCode.CAPACITY_EXCEEDED,
        capacity=10,
        used=10,
        free=0,
        next_free_at=None,
        over_limit=False,
    )


@pytest.mark.parametrize(("used", "quantity", "allowed"), [(0, 10, True), (0, 11, False), (6, 4, True), (6, 5, False)])
def test_a_quantity_is_admitted_whole_or_not_at_all(used: int, quantity: int, allowed: bool) -> None:
    """A host of 24 cores needs 24 free seats, not one."""
    assert admits(replace(POOL, used=used), quantity=quantity, at=NOW).allowed is allowed


def test_capacity_is_the_smaller_of_what_was_set_and_what_is_valid() -> None:
    """An administrator may keep the capacity below the rights; a lapse of rights counts although capacity stays."""
    assert free(replace(POOL, capacity=7)) == 7
    assert free(replace(POOL, capacity=30)) == 10


def test_a_right_counts_from_its_first_instant_up_to_its_last() -> None:
    """At the very instant at which a source ends, its rights no longer admit anybody."""
    pool = replace(POOL, capacity=30, rights=(Right(10, ALWAYS), Right(20, Period(NOW, NOW + A_DAY))))
    instants = (NOW - A_MICROSECOND, NOW, NOW + A_DAY - A_MICROSECOND, NOW + A_DAY)
    assert [free(pool, at) for at in instants] == [10, 30, 30, 10]
    assert [rights_valid_at(pool.rights, at) for at in instants] == [10, 30, 30, 10]


def test_a_lapse_takes_no_seat_but_gives_none() -> None:
    """110 seats on 100 + 20 rights of which 20 ended: all stay, free is none and never negative."""
    pool = PoolFacts(capacity=120, used=110, rights=(Right(100, ALWAYS), Right(20, Period(None, NOW))))
    assert free(pool, NOW - A_MICROSECOND) == 10
    admission = admits(pool, quantity=1, at=NOW)
    assert (admission.allowed, admission.capacity, admission.used, admission.free) == (False, 100, 110, 0)


def test_overdraft_adds_to_what_is_covered() -> None:
    """A fixed allowance is admitted in a hard pool, too, and no seat beyond it; it is not over the limit."""
    pool = replace(POOL, used=10, overdraft=2)
    admission = admits(pool, quantity=2, at=NOW)
    assert (admission.allowed, admission.capacity, admission.free, admission.over_limit) == (True, 10, 2, False)
    assert not admits(pool, quantity=3, at=NOW).allowed


def test_seats_reserved_for_others_are_not_free() -> None:
    """Reservations that are not drawn yet are kept, overdraft or not."""
    assert free(replace(POOL, used=4, reserved=3)) == 3
    assert free(replace(POOL, used=4, reserved=7)) == 0
    assert not admits(replace(POOL, used=4, reserved=6), quantity=1, at=NOW).allowed
    assert admits(replace(POOL, used=4, reserved=6, overdraft=1), quantity=1, at=NOW).allowed


def test_capacity_of_nothing_admits_nobody() -> None:
    """A capacity of 0 and no rights are both a clear no."""
    assert not admits(replace(POOL, capacity=0), quantity=1, at=NOW).allowed
    assert not admits(replace(POOL, rights=()), quantity=1, at=NOW).allowed


def test_a_soft_pool_admits_more_for_a_reason() -> None:
    """Beyond the limit a soft pool asks for a reason; with one it admits and flags the seat."""
    pool = replace(POOL, used=10, hard_limit=False)
    asked = admits(pool, quantity=1, at=NOW)
    assert (asked.allowed, asked.code, asked.over_limit) == (False, AdmissionCode.REASON_REQUIRED, False)
    given_one = admits(pool, quantity=1, at=NOW, has_reason=True)
    assert (given_one.allowed, given_one.code, given_one.over_limit) == (True, AdmissionCode.ADMITTED, True)
    within = admits(replace(pool, used=9), quantity=1, at=NOW, has_reason=True)
    assert (within.allowed, within.over_limit) == (True, False)


def test_a_reason_does_not_open_a_hard_pool() -> None:
    """No words get a seat that is not there."""
    refused = admits(replace(POOL, used=10), quantity=1, at=NOW, has_reason=True)
    assert (refused.allowed, refused.code) == (False, AdmissionCode.CAPACITY_EXCEEDED)


def test_unlimited_has_no_number() -> None:
    """An unlimited pool admits any quantity while one source is valid, whatever that source's number is."""
    admission = admits(UNLIMITED, quantity=1_000_000, at=NOW)
    assert (admission.allowed, admission.capacity, admission.free) == (True, None, None)
    assert ceiling_at(UNLIMITED, NOW) is None


def test_unlimited_ends_with_its_last_source() -> None:
    """A site licence that ended backs nobody; software that never needed a right goes on."""
    lapsed = replace(UNLIMITED, rights=(Right(1, Period(None, NOW)),))
    assert admits(lapsed, quantity=1, at=NOW - A_MICROSECOND).allowed
    refused = admits(lapsed, quantity=1, at=NOW)
    assert (refused.allowed, refused.capacity, refused.free) == (False, 0, 0)
    assert admits(replace(UNLIMITED, rights=()), quantity=1, at=NOW).allowed


def test_what_backs_a_pool() -> None:
    """A counted pool needs a right of at least one; an unlimited one a valid source, or none at all."""
    assert is_backed_at(POOL, NOW)
    assert not is_backed_at(replace(POOL, rights=()), NOW)
    assert not is_backed_at(replace(POOL, rights=(Right(0, ALWAYS), Right(5, Period(NOW + A_DAY)))), NOW)
    assert is_backed_at(UNLIMITED, NOW)
    assert is_backed_at(replace(UNLIMITED, rights=()), NOW)
    assert not is_backed_at(replace(UNLIMITED, rights=(Right(1, Period(None, NOW)),)), NOW)


# When to come back


def test_the_next_planned_end_that_frees_enough() -> None:
    """Three seats fit when the second planned end has come; two ends at one moment count together."""
    ends = (PlannedEnd(2, NOW + 3 * A_DAY), PlannedEnd(1, NOW + A_DAY), PlannedEnd(1, NOW + 3 * A_DAY))
    pool = replace(POOL, used=10, planned_ends=ends)
    assert admits(pool, quantity=1, at=NOW).next_free_at == NOW + A_DAY
    assert admits(pool, quantity=2, at=NOW).next_free_at == NOW + 3 * A_DAY
    assert admits(pool, quantity=4, at=NOW).next_free_at == NOW + 3 * A_DAY
    assert admits(pool, quantity=5, at=NOW).next_free_at is None


def test_a_right_that_begins_later_frees_seats_then() -> None:
    """Seats bought for next month are promised for next month, as far as the capacity goes."""
    later = Right(5, Period(NOW + 30 * A_DAY))
    assert admits(replace(POOL, capacity=15, used=10, rights=(*TEN, later)), quantity=5, at=NOW).next_free_at == (
        NOW + 30 * A_DAY
    )
    assert admits(replace(POOL, used=10, rights=(*TEN, later)), quantity=1, at=NOW).next_free_at is None


def test_a_planned_end_does_not_help_when_the_rights_lapse_before() -> None:
    """What becomes free on a pool without rights is no promise."""
    pool = PoolFacts(
        capacity=1,
        used=1,
        rights=(Right(1, Period(None, NOW + A_DAY)),),
        planned_ends=(PlannedEnd(1, NOW + 2 * A_DAY),),
    )
    assert admits(pool, quantity=1, at=NOW).next_free_at is None


def test_planned_ends_that_have_passed_promise_nothing() -> None:
    """A seat that should have ended and did not is still used."""
    pool = replace(POOL, used=10, planned_ends=(PlannedEnd(10, NOW - A_DAY), PlannedEnd(1, NOW)))
    assert admits(pool, quantity=1, at=NOW).next_free_at is None


# Whatever the facts

MOMENTS = st.integers(-5, 5).map(lambda days: NOW + days * A_DAY)
PERIODS = st.tuples(MOMENTS, MOMENTS).map(lambda pair: Period(min(pair), max(pair))) | st.just(ALWAYS)
RIGHTS = st.lists(st.builds(Right, st.integers(0, 30), PERIODS), max_size=4).map(tuple)
COUNTS = st.integers(0, 40)
COUNTED = st.builds(
    PoolFacts,
    capacity=COUNTS,
    used=COUNTS,
    rights=RIGHTS,
    hard_limit=st.booleans(),
    overdraft=st.integers(0, 5),
    reserved=st.integers(0, 5),
    planned_ends=st.lists(st.builds(PlannedEnd, st.integers(1, 9), MOMENTS), max_size=4).map(tuple),
)


@given(COUNTED, st.integers(1, 50), MOMENTS, st.booleans())
def test_a_hard_pool_never_exceeds_its_ceiling(pool: PoolFacts, quantity: int, at: datetime, has_reason: bool) -> None:
    """Admitted exactly when used + quantity ≤ min(capacity, rights valid now) + overdraft − reservations of others."""
    admission = admits(pool, quantity=quantity, at=at, has_reason=has_reason)
    valid = sum(right.quantity for right in pool.rights if right.period.holds_at(at))
    assert pool.capacity is not None
    fits = pool.used + quantity <= min(pool.capacity, valid) + pool.overdraft - pool.reserved
    assert admission.allowed == (fits or (not pool.hard_limit and has_reason))
    assert admission.over_limit == (admission.allowed and not fits)
    assert admission.allowed == (admission.code is AdmissionCode.ADMITTED)
    assert admission.capacity == covered_at(pool, at)


@given(COUNTED, MOMENTS)
def test_free_is_exactly_what_may_still_be_taken(pool: PoolFacts, at: datetime) -> None:
    """The number that is shown as free is admitted, and one more is not."""
    shown = admits(replace(pool, hard_limit=True), quantity=1, at=at).free
    assert shown is not None
    assert shown >= 0
    if shown:
        assert admits(pool, quantity=shown, at=at).allowed
    assert not admits(replace(pool, hard_limit=True), quantity=shown + 1, at=at).allowed


@given(COUNTED, st.integers(1, 20), MOMENTS)
def test_the_moment_that_is_promised_is_the_first_that_admits(pool: PoolFacts, quantity: int, at: datetime) -> None:
    """If what is planned happens and nothing else, the quantity fits at that moment and at none before."""
    assume(sum(end.quantity for end in pool.planned_ends) <= pool.used)
    hard = replace(pool, hard_limit=True)
    admission = admits(hard, quantity=quantity, at=at)

    def fits(moment: datetime) -> bool:
        ended = sum(end.quantity for end in hard.planned_ends if at < end.at <= moment)
        return admits(replace(hard, used=hard.used - ended), quantity=quantity, at=moment).allowed

    # Everything in these pools happens at noon, between five days ago and in five days.
    expected = next((moment for n in range(1, 11) if fits(moment := at + n * A_DAY)), None)
    assert admission.next_free_at == (None if admission.allowed else expected)


@pytest.mark.parametrize("quantity", [0, -1])
def test_nobody_asks_for_less_than_one_seat(quantity: int) -> None:
    """A quantity that would give seats back is no request for seats."""
    with pytest.raises(ValueError, match="quantity"):
        admits(POOL, quantity=quantity, at=NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"capacity": None},
        {"unlimited": True},
        {"capacity": -1},
        {"used": -1},
        {"overdraft": -1},
        {"reserved": -1},
    ],
)
def test_impossible_pools_are_refused(change: dict[str, Any]) -> None:
    """Negative numbers, and a pool that is both or neither of counted and unlimited, are mistakes of the caller."""
    with pytest.raises(ValueError, match=r"at least|either"):
        replace(POOL, **change)


def test_impossible_rights_are_refused() -> None:
    """A source has no negative rights, and a planned end frees at least one seat."""
    with pytest.raises(ValueError, match="quantity"):
        Right(-1, ALWAYS)
    with pytest.raises(ValueError, match="quantity"):
        PlannedEnd(0, NOW)
