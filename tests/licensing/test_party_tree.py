"""The tree of business partners: rules, moves one after the other and at once, and what a recount finds."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from audit.models import Event
from kernel.clock import DatabaseClock
from kernel.errors import Refusal
from kernel.trail import run_in_trail
from licensing.models import Party
from licensing.operations import move_party
from licensing.operations.parties import PartyBelowItself, PartyNotFound
from licensing.queries.party_tree import parties_in_cycles
from licensing.rules.party_tree import below, in_cycles, leads_to
from seats.schedules import scheduled_recount
from tests.factories import licensing
from tests.factories.tenants import Tenant, tenant

MOVES = st.lists(st.tuples(st.integers(0, 4), st.one_of(st.none(), st.integers(0, 4))), max_size=20)
TREES = st.dictionaries(st.integers(0, 9), st.one_of(st.none(), st.integers(0, 9)), max_size=10)


@given(moves=MOVES)
def test_no_sequence_of_moves_closes_a_cycle(moves: list[tuple[int, int | None]]) -> None:
    """Each move that the rule lets through leaves a tree, whatever went before."""
    parents: dict[int, int | None] = dict.fromkeys(range(5))
    for row, above in moves:
        if not leads_to(parents, start=above, target=row):
            parents[row] = above
        assert not in_cycles(parents)


@given(parents=TREES)
def test_a_row_is_in_a_cycle_when_it_stands_above_its_own_parent(parents: dict[int, int | None]) -> None:
    """The search in one pass finds what following each row alone would."""
    slow = {row for row, above in parents.items() if above is not None and leads_to(parents, start=above, target=row)}
    assert in_cycles(parents) == slow


@given(parents=TREES, roots=st.sets(st.integers(0, 9), max_size=3))
def test_what_stands_below_leads_to_a_root(parents: dict[int, int | None], roots: set[int]) -> None:
    """The rows below some roots are those from which a root is reached, and the roots themselves."""
    reached = {row for row in parents if any(leads_to(parents, start=row, target=root) for root in roots)}
    assert below(parents, roots) == reached | roots


@pytest.mark.django_db
def test_a_partner_moves_with_what_belongs_to_it() -> None:
    """Below another one and back to the top; below itself, below its own or below nobody's is refused."""
    one = tenant("vendor")
    with one.writing():
        group, firm, branch = (licensing.party(one.organization) for _ in range(3))
    with one.writing() as trail:
        move_party(party_id=firm.id, parent_id=group.id, trail=trail)
        move_party(party_id=branch.id, parent_id=firm.id, trail=trail)
        move_party(party_id=branch.id, parent_id=firm.id, trail=trail)
    for wrong in (group.id, branch.id):
        with pytest.raises(PartyBelowItself), one.writing() as trail:
            move_party(party_id=group.id, parent_id=wrong, trail=trail)
    with pytest.raises(PartyNotFound), one.writing() as trail:
        move_party(party_id=group.id, parent_id=UUID(int=1), trail=trail)
    with one.writing() as trail:
        move_party(party_id=firm.id, parent_id=None, trail=trail)
    with one.reading():
        assert Party.objects.get(id=branch.id).parent_id == firm.id
        assert Event.objects.filter(kind="party.moved").count() == 3


@pytest.mark.django_db
def test_the_recount_finds_a_cycle_that_sql_planted() -> None:
    """Whatever wrote it beside the operations: each partner in it is told in the ledger, every night."""
    one = tenant("vendor")
    with one.writing():
        first, second, _free = (licensing.party(one.organization) for _ in range(3))
        Party.objects.filter(id=first.id).update(parent=second)
        Party.objects.filter(id=second.id).update(parent=first)
    outcome = scheduled_recount(organization_id=one.organization.id, parameters={}, clock=DatabaseClock())
    assert outcome["party_cycles"] == 2
    with one.reading():
        assert parties_in_cycles() == {first.id, second.id}
        told = Event.objects.filter(kind="party.cycle_found").values_list("subject_id", flat=True)
        assert set(told) == {str(first.id), str(second.id)}


@pytest.fixture(scope="module")
def lumen(committed_db: object) -> Tenant:
    return tenant("vendor", slug="lumen-tree")


@pytest.mark.postgres
def test_two_moves_at_once_close_no_cycle(lumen: Tenant) -> None:
    """A below B and B below A at the same moment: one is done, the other is refused, ten times over."""
    for _round in range(10):
        with lumen.writing():
            a, b = (licensing.party(lumen.organization) for _ in range(2))
        start = Barrier(2)

        def move(pair: tuple[Party, Party], start: Barrier = start) -> str:
            try:
                start.wait(timeout=20)
                run_in_trail(
                    lambda trail: move_party(party_id=pair[0].id, parent_id=pair[1].id, trail=trail), actor=lumen.actor
                )
                return "moved"
            except Refusal as refusal:
                return refusal.code
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            got = sorted(pool.map(move, [(a, b), (b, a)]))
        assert got == ["PARTY_BELOW_ITSELF", "moved"]
        with lumen.reading():
            assert not parties_in_cycles()
