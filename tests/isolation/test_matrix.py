"""The matrix: whoever works in one organisation meets nothing of another, on any surface, reading or writing."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.architecture.source import none
from tests.factories.tenants import ALL_ROLES
from tests.graphs import MUTATION, QUERY
from tests.isolation.houses import House, house
from tests.isolation.programs import Graph, Scim, walk_oauth
from tests.isolation.routes import routes
from tests.isolation.visitor import Visitor
from tests.isolation.walks import (
    Chosen,
    foreign_ids_in,
    walk_addresses,
    walk_admin,
    walk_bodies,
    walk_searches,
)
from tests.robustness.nasty import operations

# On PostgreSQL, where all layers stand; test_layers walks the same with the manager alone, which is what SQLite has.
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
Counted = Callable[[str, int], None]
SHARES = len(ALL_ROLES) // 2
"""Among how many the addresses are dealt out when each role walks alone."""


@dataclass
class Pair:
    """The house that looks and the one that is hidden."""

    home: House
    hidden: House

    def visitor(self, *roles: str) -> Visitor:
        return Visitor(self.home, self.hidden, roles or tuple(ALL_ROLES))

    def unharmed(self, before: dict[str, str], visitor: Visitor) -> None:
        """Nothing was found, the hidden house is as it was, and no row of the looking one names a row of it."""
        none(visitor.findings)
        after = self.hidden.digests()
        none(label for label in after if after[label] != before[label])
        none(foreign_ids_in(self.home, self.hidden))


@pytest.fixture
def pair() -> Pair:
    return Pair(house(marked=False), house(marked=True))


def test_every_address_is_closed(pair: Pair, counted: Counted) -> None:
    """With all roles at once: another's row answers like one that does not exist, at every address and verb."""
    visitor, chosen = pair.visitor(), Chosen(pair.hidden, tuple(ALL_ROLES))
    before = pair.hidden.digests()
    visited = walk_addresses(visitor, chosen)
    none(chosen.closed)
    pair.unharmed(before, visitor)
    assert visited == len(list(routes()))
    counted("addresses", visited)
    counted("requests", visitor.asked)
    counted("marked cells of the other house", pair.hidden.planted.cells)
    counted("marked columns", len(pair.hidden.planted.columns))


def test_every_role_stays_inside(pair: Pair, counted: Counted) -> None:
    """Each role alone reads no address of another's row differently from one that does not exist. The addresses are
    dealt out among the roles, each to two at least."""
    chosen, asked, visited = Chosen(pair.hidden, tuple(ALL_ROLES)), 0, 0
    for place, role in enumerate(ALL_ROLES):
        visitor = pair.visitor(role)
        visited += walk_addresses(visitor, chosen, writing=False, share=slice(place % SHARES, None, SHARES))
        none(visitor.findings)
        asked += visitor.asked
    assert visited >= 2 * len(list(routes()))
    counted("roles", len(ALL_ROLES))
    counted("requests", asked)


def test_every_list_and_search_is_closed(pair: Pair, counted: Counted) -> None:
    """No list, search or filter answers with a row of the other house."""
    visitor = pair.visitor()
    walk_searches(visitor)
    none(visitor.findings)
    counted("requests", visitor.asked)


def test_every_body_is_closed(pair: Pair, counted: Counted) -> None:
    """Every member of every REST body that names a row refuses another's row like one that does not exist."""
    before = pair.hidden.digests()
    visitor = pair.visitor()
    done, members = walk_bodies(visitor)
    pair.unharmed(before, visitor)
    assert done == len(operations())
    counted("REST operations", done)
    counted("members of bodies that name a row", members)


def test_every_action_and_search_box_is_closed(pair: Pair, counted: Counted) -> None:
    """Every action and search box of the admin refuses another's row."""
    before = pair.hidden.digests()
    visitor = pair.visitor()
    walk_admin(visitor)
    pair.unharmed(before, visitor)
    counted("requests", visitor.asked)


def test_every_verb_of_provisioning_is_closed(pair: Pair, counted: Counted) -> None:
    """A directory service of one house reads, changes, joins and finds no person or group of another, also in bulk."""
    scim = Scim(pair.visitor())
    before = pair.hidden.digests()
    verbs = scim.walk()
    pair.unharmed(before, scim.visitor)
    for what, asked in sorted(verbs.items()):
        counted(f"SCIM {what}", asked)


def test_every_field_and_argument_of_the_graph_is_closed(pair: Pair, counted: Counted) -> None:
    """Every root field, and every id among the arguments of it at any depth."""
    graph = Graph(pair.visitor())
    before = pair.hidden.digests()
    graph.walk()
    pair.unharmed(before, graph.visitor)
    assert graph.fields == len(QUERY.fields) + len(MUTATION.fields)
    counted("root fields", graph.fields)
    counted("arguments that are ids", graph.arguments)


def test_tokens_of_another_house_are_worth_nothing(pair: Pair, counted: Counted) -> None:
    """No program learns of, ends or uses what a program of another house holds."""
    visitor = pair.visitor()
    counted("questions to the authorisation server", walk_oauth(visitor))
    none(visitor.findings)
