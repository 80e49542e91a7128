"""Who is asked about whose access: the pure rule."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from identity.rules.access_reviews import Candidate, Coverage, Reviewed, assign_reviewers, is_to_be_reminded
from tests.factories.moments import NOW, days

A, B, C, D = (UUID(int=number) for number in range(1, 5))


def test_questions_are_spread_evenly():
    """Whoever has the fewest is asked next."""
    asked = assign_reviewers([Reviewed(C), Reviewed(D)], [Candidate(A), Candidate(B)])
    assert asked == {C: A, D: B}


def test_a_manager_is_asked_before_others_and_never_about_the_own_access():
    """Where the manager may decide; else a candidate."""
    people = [Reviewed(B, manager=A), Reviewed(A, manager=A), Reviewed(C, manager=D)]
    assert assign_reviewers(people, [Candidate(B)], frozenset({A})) == {B: A, A: B, C: B}


def test_an_owner_is_asked_about_owners():
    """Nobody else could end that membership; where there is no other owner, anybody is asked."""
    candidates = [Candidate(C), Candidate(A, is_head=True), Candidate(B, is_head=True)]
    assert assign_reviewers([Reviewed(A, is_head=True)], candidates) == {A: B}
    assert assign_reviewers([Reviewed(A, is_head=True)], candidates[:2]) == {A: C}


def test_whom_nobody_may_review_is_named():
    """None stands where no reviewer is left."""
    assert assign_reviewers([Reviewed(A), Reviewed(B)], [Candidate(A)]) == {A: None, B: A}


@given(st.lists(st.integers(1, 30), unique=True, max_size=30), st.lists(st.integers(1, 30), unique=True, max_size=8))
def test_everybody_is_asked_about_once_and_nobody_about_oneself(members, reviewers):
    """Whatever the sizes: each member has one answer, and loads differ by little."""
    asked = assign_reviewers(
        [Reviewed(UUID(int=one)) for one in members], [Candidate(UUID(int=one)) for one in reviewers]
    )
    assert set(asked) == {UUID(int=one) for one in members}
    assert all(reviewer != member for member, reviewer in asked.items())
    loads = [list(asked.values()).count(UUID(int=one)) for one in reviewers]
    if len(reviewers) > 1:
        assert max(loads) - min(loads) <= 2


def test_coverage_and_reminders():
    """Nothing to ask is fully covered; reminders begin three days before the due date and go on after it."""
    assert (Coverage(1, 4).share, Coverage(1, 4).left, Coverage(0, 0).share) == (0.25, 3, 1.0)
    assert not is_to_be_reminded(due_at=days(3) + timedelta(seconds=1), at=NOW)
    assert is_to_be_reminded(due_at=days(3), at=NOW)
    assert is_to_be_reminded(due_at=days(-30), at=NOW)
