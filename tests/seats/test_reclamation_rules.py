"""Which seats a rule selects, and how a candidate lives: pure rules, by table and by property."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seats.rules.candidates import (
    OPEN,
    UNDO_WINDOW,
    Approver,
    Deadlines,
    Decider,
    Happening,
    State,
    can_undo,
    due_event,
    may_decide,
    next_state,
    reminders_due,
)
from seats.rules.reclamation import Activity, RuleKind, SeatFacts, Terms, Verdict, judge, used_again
from tests.factories.moments import NOW, days

DAY = timedelta(days=1)
UNUSED = Terms(kind=RuleKind.LAST_USED, window=90 * DAY)
LITTLE = Terms(kind=RuleKind.TOTAL_USE, window=30 * DAY, amount=Decimal(10))
QUIET = Terms(kind=RuleKind.PEAK_USE, window=30 * DAY, amount=Decimal(2))
OLD = days(-400)


def used(ago: int) -> Activity:
    return Activity(last_used_at=days(-ago), source="list")


def seat(**facts) -> SeatFacts:
    return SeatFacts(**{"since": OLD, "activity": used(100), **facts})


@pytest.mark.requirement("REQ-163")
@pytest.mark.parametrize(
    ("terms", "facts", "verdict"),
    [
        (UNUSED, seat(activity=used(91)), Verdict.SELECTED),
        (UNUSED, seat(activity=used(90)), Verdict.SELECTED),
        (UNUSED, seat(activity=used(89)), Verdict.IN_USE),
        (Terms(kind=RuleKind.LAST_USED, window=30 * DAY), seat(activity=used(31)), Verdict.SELECTED),
        (UNUSED, seat(activity=Activity()), Verdict.NO_ACTIVITY),
        (UNUSED, seat(is_exempt=True), Verdict.EXEMPT),
        (UNUSED, seat(legal_hold=True), Verdict.LEGAL_HOLD),
        (UNUSED, seat(since=days(-89)), Verdict.TOO_YOUNG),
        (UNUSED, seat(since=days(-90)), Verdict.SELECTED),
        (LITTLE, seat(since=days(-59), activity=Activity(total=Decimal(1))), Verdict.TOO_YOUNG),
        (LITTLE, seat(since=days(-60), activity=Activity(total=Decimal(1))), Verdict.SELECTED),
        (UNUSED, seat(cooling_until=days(1)), Verdict.COOLING_DOWN),
        (UNUSED, seat(cooling_until=NOW), Verdict.SELECTED),
        (LITTLE, seat(activity=Activity(total=Decimal("9.999"))), Verdict.SELECTED),
        (LITTLE, seat(activity=Activity(total=Decimal(10))), Verdict.IN_USE),
        (LITTLE, seat(activity=used(1)), Verdict.NO_ACTIVITY),
        (QUIET, seat(activity=Activity(total=Decimal(50), peak=Decimal(1))), Verdict.SELECTED),
        (QUIET, seat(activity=Activity(total=Decimal(2), peak=Decimal(2))), Verdict.IN_USE),
    ],
)
def test_a_seat_is_judged_by_the_configured_threshold(terms, facts, verdict):
    """On the day itself it is unused; a day less is use. Age, rest, exemption and legal hold protect."""
    assert judge(terms, facts, feed_alive=True, at=NOW) == verdict


def test_what_is_not_known_counts_only_where_the_rule_says_so():
    """Include-no-activity selects a seat of whose use nothing is known."""
    terms = Terms(kind=RuleKind.LAST_USED, window=90 * DAY, include_no_activity=True)
    assert judge(terms, seat(activity=Activity()), feed_alive=True, at=NOW) == Verdict.SELECTED


activities = st.builds(
    Activity,
    last_used_at=st.none() | st.integers(0, 500).map(lambda ago: days(-ago)),
    total=st.none() | st.decimals(0, 100, places=2),
    peak=st.none() | st.decimals(0, 100, places=2),
)
terms = st.sampled_from([UNUSED, LITTLE, QUIET]) | st.integers(1, 400).map(
    lambda count: Terms(kind=RuleKind.LAST_USED, window=count * DAY, include_no_activity=True)
)
facts = st.builds(
    SeatFacts,
    since=st.integers(0, 1000).map(lambda ago: days(-ago)),
    activity=activities,
    is_exempt=st.booleans(),
    legal_hold=st.booleans(),
    cooling_until=st.none() | st.integers(-50, 50).map(days),
)


@given(terms, facts)
def test_a_silent_feed_selects_nobody(rule, one):
    """Whatever the rule and the seat are."""
    assert judge(rule, one, feed_alive=False, at=NOW) == Verdict.FEED_SILENT


@given(terms, facts)
def test_nobody_protected_is_selected(rule, one):
    """Exempt, on hold, at rest, or younger than 60 days: never selected."""
    protected = one.is_exempt or one.legal_hold or one.since > days(-60)
    protected = protected or (one.cooling_until is not None and one.cooling_until > NOW)
    assert not (protected and judge(rule, one, feed_alive=True, at=NOW) == Verdict.SELECTED)


@given(terms, facts)
def test_use_now_is_use_again(rule, one):
    """A use after the selection ends it, whatever the rule measures."""
    assert used_again(rule, Activity(last_used_at=NOW), selected_at=days(-1), at=NOW)
    if judge(rule, one, feed_alive=True, at=NOW) == Verdict.SELECTED:
        assert not used_again(rule, one.activity, selected_at=NOW, at=NOW)


@pytest.mark.parametrize(
    ("state", "event", "after"),
    [
        (State.READY, Happening.ASKED, State.AWAITING_USER),
        (State.READY, Happening.UNREACHABLE, State.AWAITING_APPROVAL),
        (State.AWAITING_USER, Happening.GIVEN_BACK, State.COMPLETED),
        (State.AWAITING_USER, Happening.NO_ANSWER, State.COMPLETED),
        (State.AWAITING_USER, Happening.KEEP_WANTED, State.AWAITING_APPROVAL),
        (State.AWAITING_APPROVAL, Happening.KEEP_GRANTED, State.SKIPPED),
        (State.AWAITING_APPROVAL, Happening.NO_DECISION, State.SKIPPED),
        (State.AWAITING_APPROVAL, Happening.KEEP_REFUSED, State.COMPLETED),
        (State.COMPLETED, Happening.UNDONE, State.UNDONE),
    ],
)
def test_each_step_of_a_candidate(state, event, after):
    """Where an event leads."""
    assert next_state(state, event) == after


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize(
    "event", [Happening.USED_AGAIN, Happening.SEAT_RELEASED, Happening.PROTECTED, Happening.RULE_STOPPED]
)
def test_every_open_state_is_cancelled_and_no_other(state, event):
    """Use seen again, a seat that ended, an exemption and a stopped rule end what is open."""
    assert next_state(state, event) == (State.CANCELLED if state in OPEN else None)


@given(st.lists(st.sampled_from(list(Happening)), max_size=12))
def test_an_end_is_an_end(events):
    """Whatever happens in whatever order, only a completed candidate moves once more, to undone."""
    state, ends = State.READY, 0
    for event in events:
        after = next_state(state, event)
        if after is None:
            continue
        assert state in OPEN or (state, after) == (State.COMPLETED, State.UNDONE)
        ends += after not in OPEN
        state = after
    assert ends <= 2


def test_silence_means_taking_back_or_keeping():
    """At the deadline, not before; while the feed is silent nobody loses a seat by silence."""
    user = Deadlines(state=State.AWAITING_USER, due_at=NOW)
    decision = Deadlines(state=State.AWAITING_APPROVAL, due_at=NOW)
    before = NOW - timedelta(microseconds=1)
    assert due_event(user, feed_alive=True, at=before) is None
    assert due_event(user, feed_alive=True, at=NOW) == Happening.NO_ANSWER
    assert due_event(user, feed_alive=False, at=days(100)) is None
    assert due_event(decision, feed_alive=False, at=NOW) == Happening.NO_DECISION
    assert due_event(Deadlines(state=State.READY), feed_alive=True, at=NOW) is None


@pytest.mark.requirement("REQ-163")
def test_the_undo_window_is_seven_days():
    """To the microsecond, and only for what was taken back."""
    done = Deadlines(state=State.COMPLETED, ended_at=NOW)
    assert timedelta(days=7) == UNDO_WINDOW
    assert can_undo(done, at=days(7) - timedelta(microseconds=1))
    assert not can_undo(done, at=days(7))
    assert not can_undo(Deadlines(state=State.SKIPPED, ended_at=NOW), at=NOW)


@pytest.mark.parametrize(
    ("reminders", "day", "due"),
    [(0, 13, 0), (1, 6, 0), (1, 7, 1), (1, 13, 1), (1, 14, 0), (2, 5, 1), (2, 10, 2), (5, 13, 5)],
)
def test_reminders_divide_the_time(reminders, day, due):
    """One at the half, two at the thirds, none after the deadline."""
    assert reminders_due(asked_at=NOW, due_at=days(14), reminders=reminders, at=days(day)) == due


@pytest.mark.parametrize("approver", list(Approver))
def test_who_decides(approver):
    """Administrators always, owner and manager where the rule says so, nobody about the own seat."""

    def who(**true: bool) -> Decider:
        usual = dict.fromkeys(("manages_all", "owns_product", "manages_holder", "is_holder"), False)
        return Decider(**{**usual, **true})

    assert may_decide(approver, who(manages_all=True))
    assert may_decide(approver, who(owns_product=True)) == (approver == Approver.PRODUCT_OWNER)
    assert may_decide(approver, who(manages_holder=True)) == (approver == Approver.MANAGER)
    assert not may_decide(approver, who(manages_all=True, owns_product=True, manages_holder=True, is_holder=True))


def test_terms_that_contradict_themselves_are_no_terms():
    """A limit without a measure, a measure without a limit, a window of nothing."""
    with pytest.raises(ValueError, match="limit"):
        Terms(kind=RuleKind.LAST_USED, window=90 * DAY, amount=Decimal(1))
    with pytest.raises(ValueError, match="limit"):
        Terms(kind=RuleKind.TOTAL_USE, window=90 * DAY)
    with pytest.raises(ValueError, match="window"):
        Terms(kind=RuleKind.LAST_USED, window=timedelta(hours=23))
