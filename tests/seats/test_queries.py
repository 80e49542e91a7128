"""What pages, dashboards and scans read of pools."""

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from seats.queries import candidates, holder_named, is_direct_grant, live_holders, pool_states, pools
from tests.factories import identity, seats
from tests.factories.moments import NOW, days
from tests.factories.tenants import tenant
from tests.seats.books import fed_pool, fill, right, writing

pytestmark = pytest.mark.django_db


def test_the_state_of_a_pool_tells_capacity_from_cover():
    """120 seats of capacity, 100 covered by valid rights, 110 used: ten in excess, none free."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one, bought=100, capacity=120, used=110)
        right(one, pool, quantity=20, model="subscription", starts_at=days(-366), ends_at=days(-1))
    with one.reading():
        [state] = pool_states(pools(), at=NOW)
    assert (state.capacity, state.covered, state.limit, state.used) == (120, 100, 100, 110)
    assert (state.free, state.excess, state.utilisation, state.has_rights) == (0, 10, 1.1, True)


def test_a_pool_whose_rights_have_all_ended_has_none():
    """Its limit is 0 and every held seat is in excess."""
    one = tenant()
    with writing(one):
        pool = seats.pool(one.organization, capacity=5, used=3)
        right(one, pool, quantity=5, model="subscription", ends_at=NOW)
    with one.reading():
        [state] = pool_states(pools(), at=NOW)
    assert (state.limit, state.excess, state.has_rights, state.utilisation) == (0, 3, False, 1.0)


def test_an_unlimited_pool_has_no_figures():
    """None where there is no number, and no share of it."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one, bought=1, capacity=None, unlimited=True)
        right(one, pool, quantity=None, unlimited=True)
    with one.reading():
        [state] = pool_states(pools(), at=NOW)
    assert (state.limit, state.free, state.utilisation, state.excess) == (None, None, None, 0)


def test_a_revoked_right_covers_nothing():
    """A pool that was unlimited by a right revoked since is not unlimited by anybody's word."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one, bought=1, capacity=None, unlimited=True)
        right(
            one,
            pool,
            quantity=None,
            unlimited=True,
            state="revoked",
            revoked_at=NOW,
            revoked_by="somebody",
            revoked_reason="refund",
        )
    with one.reading():
        [state] = pool_states(pools(), at=NOW)
    assert state.limit == 1


def test_states_cost_the_same_queries_for_one_and_many_pools():
    """Pools in one statement, their sources in another."""
    one = tenant()
    counts = []
    for more in (1, 9):
        with writing(one):
            for _ in range(more):
                fed_pool(one)
        with one.reading(), CaptureQueriesContext(connection) as queries:
            assert len(pool_states(pools(), at=NOW)) in {1, 10}
        counts.append(len(queries))
    assert counts == [2, 2]


def test_people_and_devices_are_found_by_their_names():
    """The search says who holds a seat already, leaves out who has left and what is retired, and asks for two
    characters."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one)
        ann = identity.person(one.organization, user_name="Ann.Lindqvist", display_name="Ann Lindqvist")
        identity.person(one.organization, user_name="ann.gone", active=False, left_at=NOW)
        ann.emails.create(organization=one.organization, value="AL@halden.example", value_lower="al@halden.example")
        host = identity.device(one.organization, hostname="ANNEX-7", serial="SN7")
        identity.device(one.organization, hostname="annex-8", retired_at=NOW)
    [row] = fill(one, pool, 1)
    assert row.person is not None

    def found(text: str) -> list[tuple[UUID, bool]]:
        return [(candidate.id, candidate.holds) for candidate in candidates(text, pool_id=pool.id)]

    with one.reading():
        for text in ("ann.", "LINDQ", "al@hal"):
            assert found(text) == [(ann.id, False)]
        assert found("annex") == found("SN7") == [(host.id, False)]
        assert found("ann") == [(ann.id, False), (host.id, False)]
        assert found(row.person.user_name) == [(row.person.id, True)]
        assert found("a") == []
        assert (holder_named("AL@Halden.example"), holder_named("annex-7")) == (ann, host)
        assert holder_named("al@halden") is holder_named("") is None


def test_holders_come_with_what_a_list_shows():
    """Names are read with the seats, in one query."""
    one = tenant()
    with writing(one):
        pool = fed_pool(one)
    fill(one, pool, 3)
    with one.reading(), CaptureQueriesContext(connection) as queries:
        assert all(str(row.person) and row.pool.name and is_direct_grant(row) for row in live_holders(pool.id))
    assert len(queries) == 1
