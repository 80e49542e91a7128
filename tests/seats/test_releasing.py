"""Releasing: the seat is free at once, the row stays, and twice is once."""

import pytest

from audit.queries import events
from seats.models import Assignment
from seats.operations import AssignmentNotFound, ReleaseReasonRequired, assign, release, release_many
from tests.factories import identity
from tests.factories.moments import days
from tests.factories.tenants import tenant
from tests.seats.books import REASON, fed_pool, fill, held, kinds, used, writing

pytestmark = pytest.mark.django_db


def test_a_released_seat_is_free_and_stays_on_record():
    """The row says when, by whom and why; the next person gets the seat; the words stand in the ledger as a
    commitment."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one, bought=1)
    [row] = fill(one, pool, 1)
    with writing(one, at=days(3)) as trail:
        release(assignment=row, reason="Moved to sales", trail=trail)
    with one.reading():
        stored = Assignment.objects.get(id=row.id)
        assert (stored.released_at, stored.end_reason) == (days(3), "Moved to sales")
        assert stored.released_by == str(one.actor.pseudonym)
        assert "Moved to sales" not in events().get(kind="seat.released").body
    assert used(one, pool) == held(one, pool) == 0
    with writing(one, at=days(4)) as trail:
        assign(pool=pool, person=identity.person(one.organization), reason=REASON, trail=trail)


def test_releasing_twice_frees_one_seat():
    """The second call changes nothing and leaves no entry."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one)
    row, _other = fill(one, pool, 2)
    for _ in range(2):
        with writing(one) as trail:
            release(assignment=row, reason="Left the team", trail=trail)
    assert used(one, pool) == held(one, pool) == 1
    assert kinds(one, "seat.released") == ["seat.released"]


def test_a_release_needs_a_reason():
    """A seat does not vanish without a word."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one)
    [row] = fill(one, pool, 1)
    with pytest.raises(ReleaseReasonRequired), writing(one) as trail:
        release(assignment=row, reason="  ", trail=trail)
    assert used(one, pool) == 1


def test_many_seats_of_several_pools_are_freed_at_once():
    """Each pool gets back what its seats held, quantities included."""
    one = tenant()
    with writing(one) as trail:
        first, second = fed_pool(one), fed_pool(one, bought=64)
        host = assign(pool=second, device=identity.device(one.organization), quantity=24, reason=REASON, trail=trail)
    rows = [*fill(one, first, 3), host]
    with writing(one) as trail:
        assert all(not row.is_live for row in release_many(assignments=rows, reason="Project over", trail=trail))
    assert (used(one, first), used(one, second)) == (0, 0)
    assert (held(one, first), held(one, second)) == (0, 0)


def test_a_seat_of_another_organisation_does_not_exist():
    """A foreign seat is refused like one that never was, and stays."""
    one, other = tenant(), tenant()
    with writing(other):
        pool = fed_pool(other)
    [foreign] = fill(other, pool, 1)
    with pytest.raises(AssignmentNotFound), writing(one) as trail:
        release(assignment=foreign, reason="Not mine", trail=trail)
    assert used(other, pool) == 1
