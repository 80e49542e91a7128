"""Who gets the next floating seat: examples and properties, without a database."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seats.rules.leases import (
    USUAL,
    LeaseTerms,
    Seats,
    Session,
    Wish,
    best_priority,
    estimated_wait,
    fits,
    in_order,
    is_behind,
    may_be_lent,
    peaks,
    position_of,
    promote,
    usual_hold,
)

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
GROUPS = ("design", "build")


@st.composite
def queues(draw: st.DrawFn) -> list[Wish]:
    number = draw(st.integers(0, 12))
    return [
        Wish(
            id=UUID(int=ticket),
            ticket=ticket,
            priority=draw(st.integers(1, 3)),
            quantity=draw(st.integers(1, 4)),
            groups=frozenset(draw(st.sets(st.sampled_from(GROUPS)))),
        )
        for ticket in range(1, number + 1)
    ]


SEATS = st.builds(Seats, st.integers(-3, 20), st.dictionaries(st.sampled_from(GROUPS), st.integers(0, 5)))
FREELY = st.builds(Seats, st.integers(-3, 20))


@pytest.mark.requirement("REQ-156")
@given(SEATS, queues())
def test_no_more_is_offered_than_is_free(seats: Seats, queue: list[Wish]) -> None:
    """The sum of what is offered is within what was free, and what is left is the rest."""
    offered, left = promote(seats, queue)
    given_out = sum(one.quantity for one in offered)
    assert given_out <= max(seats.free or 0, 0)
    assert left.free == (seats.free or 0) - given_out


@pytest.mark.requirement("REQ-156")
@given(FREELY, queues())
def test_nobody_passes_anybody(seats: Seats, queue: list[Wish]) -> None:
    """Without reservations those who are offered are the first of the queue, and the next one really does not fit."""
    offered, left = promote(seats, queue)
    order = in_order(queue)
    assert offered == order[: len(offered)]
    if len(offered) < len(order):
        assert not fits(left, order[len(offered)], ahead=False)


@given(SEATS, queues())
def test_who_waited_longer_loses_nothing_by_those_behind(seats: Seats, queue: list[Wish]) -> None:
    """Somebody passed by others has as much within reach afterwards as if they had not been there."""
    offered, _left = promote(seats, queue)
    order = in_order(queue)
    blocked = next((one for one in order if one not in offered), None)
    if blocked is None:
        return
    before = [one for one in offered if order.index(one) < order.index(blocked)]
    at_its_turn, after_all = seats, seats
    for one in before:
        at_its_turn = at_its_turn.after(one)
    for one in offered:
        after_all = after_all.after(one)
    if not any(one.groups & blocked.groups for one in offered):
        assert after_all.within_reach(blocked) == at_its_turn.within_reach(blocked)


@given(SEATS, queues())
def test_what_is_kept_for_others_is_not_taken(seats: Seats, queue: list[Wish]) -> None:
    """Seats that are kept for a group go to its members alone, as far as they are there at all."""
    offered, _left = promote(seats, queue)
    strangers = sum(one.quantity for one in offered if not one.groups)
    assert strangers <= max((seats.free or 0) - sum(seats.kept.values()), 0)


@given(queues())
def test_positions_count_from_one_without_gaps(queue: list[Wish]) -> None:
    """Each has one place, in the order of priority and ticket."""
    assert [position_of(one, queue) for one in in_order(queue)] == list(range(1, len(queue) + 1))


def test_an_unlimited_pool_lets_everybody_in() -> None:
    """No number, no queue."""
    queue = [Wish(id=UUID(int=1), ticket=1, quantity=1000)]
    assert promote(Seats(None), queue)[0] == queue


def test_a_newcomer_waits_behind_its_equals_and_passes_the_less_urgent() -> None:
    """Priority 1 goes before 5, and a ticket before none."""
    queue = [Wish(ticket=1, priority=5)]
    assert is_behind(Wish(priority=5), queue)
    assert not is_behind(Wish(priority=1), queue)


def test_the_usual_terms() -> None:
    """Ten minutes, a heartbeat each third, one missed, thirty seconds for an offer, nothing lent."""
    assert (USUAL.beat, USUAL.silence, USUAL.offer) == (
        timedelta(seconds=200), timedelta(seconds=800), timedelta(seconds=30),
    )  # fmt: skip
    assert (USUAL.poll, USUAL.patience) == (timedelta(seconds=15), timedelta(seconds=60))
    assert (USUAL.longest_borrowing, USUAL.low_water_percent, USUAL.queues) == (timedelta(0), 20, True)


@pytest.mark.parametrize("wrong", [{"lease_seconds": 2}, {"offer_seconds": 0}, {"borrow_days": 8}, {"grace_beats": -1}])
def test_terms_out_of_range_are_refused(wrong: dict[str, int]) -> None:
    """They could not be kept."""
    with pytest.raises(ValueError, match=r"seats|length"):
        LeaseTerms(**wrong)  # type: ignore[arg-type]  # each is a number


@pytest.mark.parametrize(("limit", "most"), [(10, 8), (5, 4), (1, 0), (0, 0), (3, 2), (None, None)])
def test_a_fifth_is_kept_and_rounded_for_those_who_stay(limit: int | None, most: int | None) -> None:
    """Of three one is kept, of one all."""
    assert may_be_lent(limit=limit, low_water_percent=20) == most


def test_the_wait_is_guessed_from_how_long_seats_are_held() -> None:
    """Four seats of an hour each: one becomes free each quarter; nothing known, no guess."""
    hold = usual_hold([timedelta(hours=1)] * 3)
    assert estimated_wait(position=2, seats=4, usual_hold=hold) == timedelta(minutes=30)
    assert estimated_wait(position=2, seats=4, usual_hold=usual_hold([])) is None
    assert estimated_wait(position=1, seats=0, usual_hold=hold) is None


def test_the_best_priority_counts() -> None:
    """Of several the lowest number, of none the usual one."""
    assert (best_priority([4, 2]), best_priority([])) == (2, 5)


MOMENTS = st.integers(0, 300).map(lambda minutes: NOON + timedelta(minutes=minutes))
SESSIONS = st.lists(st.builds(Session, MOMENTS, MOMENTS, st.integers(1, 3)), max_size=15)


@given(SESSIONS)
def test_peaks_are_what_counting_at_each_moment_finds(sessions: list[Session]) -> None:
    """The sweep agrees with counting, minute by minute."""
    edges = [NOON + timedelta(hours=hour) for hour in range(6)]
    minutes = [NOON + timedelta(minutes=minute) for minute in range(300)]
    held = [sum(one.quantity for one in sessions if one.start <= at < one.end) for at in minutes]
    assert peaks(sessions, edges=edges) == [max(held[hour * 60 : hour * 60 + 60]) for hour in range(5)]
