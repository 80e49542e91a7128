"""The matrix: whoever works in one organisation meets nothing of another, on any surface, reading or writing.

On PostgreSQL, where all layers stand, and once more with each layer taken away: the other holds alone.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from identity.models import ProvisioningEntry
from identity.rules.roles import ROLES
from tests.architecture.source import none
from tests.factories.tenants import ALL_ROLES
from tests.graphs import MUTATION, QUERY
from tests.isolation.commands import Commands
from tests.isolation.customers import OF_THE_HOUSE, of_partners
from tests.isolation.graph import Graph
from tests.isolation.houses import House
from tests.isolation.layers import drop_the_database_layer, without_the_manager
from tests.isolation.programs import Scim, access_token, drawn_token, walk_oauth
from tests.isolation.routes import routes
from tests.isolation.walk_forms import Forms
from tests.isolation.walks import WITHOUT_CONTROL, walk_addresses, walk_admin, walk_bodies, walk_searches
from tests.isolation.world import World
from tests.robustness.nasty import operations

pytestmark = pytest.mark.postgres
Counted = Callable[[str, int], None]
SHARES = len(ALL_ROLES) // 2
"""Among how many the addresses are dealt out when each role walks alone."""


def test_every_address_is_closed(world: World, counted: Counted) -> None:
    """With all roles at once: another's row answers like one that does not exist, at every address and verb."""
    visitor, before = world.visitor(), world.hidden.digests()
    visited = walk_addresses(visitor, world.chosen)
    none(world.chosen.closed)
    world.unharmed(before, visitor)
    assert visited == len(list(routes()))
    counted("addresses", visited)
    counted("requests", visitor.asked)
    counted("marked cells of the other house", world.hidden.planted.cells)
    counted("marked columns", len(world.hidden.planted.columns))


def test_every_role_stays_inside(world: World, counted: Counted) -> None:
    """Each role alone reads no address of another's row differently from one that does not exist. The addresses are
    dealt out among the roles, each to two at least."""
    asked = visited = 0
    for place, role in enumerate(ALL_ROLES):
        visitor = world.visitor(role)
        visited += walk_addresses(visitor, world.chosen, writing=False, share=slice(place % SHARES, None, SHARES))
        none(visitor.findings)
        asked += visitor.asked
    assert visited >= 2 * len(list(routes()))
    counted("roles", len(ALL_ROLES))
    counted("requests", asked)


def test_every_list_and_search_is_closed(world: World, counted: Counted) -> None:
    """No list, search or filter answers with a row of the other house."""
    visitor = world.visitor()
    walk_searches(visitor)
    none(visitor.findings)
    counted("requests", visitor.asked)


def test_every_body_is_closed(world: World, counted: Counted) -> None:
    """Every member of every REST body that names a row refuses another's row like one that does not exist."""
    visitor, before = world.visitor(), world.hidden.digests()
    done, members = walk_bodies(visitor)
    world.unharmed(before, visitor)
    assert done == len(operations())
    counted("REST operations", done)
    counted("members of bodies that name a row", members)
    counted("requests", visitor.asked)


def test_every_action_and_search_box_is_closed(world: World, counted: Counted) -> None:
    """Every action and search box of the admin refuses another's row."""
    visitor, before = world.visitor(), world.hidden.digests()
    walk_admin(visitor)
    world.unharmed(before, visitor)
    counted("requests", visitor.asked)


def test_every_form_is_closed(world: World, counted: Counted) -> None:
    """Every field of every form that names a row refuses another's like one that nobody has, and takes an own one."""
    before = world.hidden.digests()
    forms = Forms(world.visitor(), world.chosen)
    forms.walk()
    world.unharmed(before, forms.visitor)
    counted("pages", forms.pages)
    counted("forms", forms.forms)
    counted("fields of forms that name a row", forms.places)
    counted("texts of forms", forms.texts)


@pytest.mark.parametrize("credential", [drawn_token, access_token])
def test_every_verb_of_provisioning_is_closed(
    world: World, credential: Callable[[House], str], counted: Counted
) -> None:
    """A directory service of one house reads, changes, joins and finds no person or group of another, also in bulk;
    whether it signs in with a token of the page or with an access token."""
    scim = Scim(world.visitor(), credential)
    before = world.hidden.digests()
    verbs = scim.walk()
    world.unharmed(before, scim.visitor)
    for what, asked in sorted(verbs.items()):
        counted(f"SCIM {what}", asked)


def test_every_field_and_argument_of_the_graph_is_closed(world: World, counted: Counted) -> None:
    """Every root field and every field below that takes arguments; every id among these at any depth, every cursor."""
    graph, before = Graph(world.visitor(), world.theirs), world.hidden.digests()
    graph.walk()
    world.unharmed(before, graph.visitor)
    assert graph.fields == len(QUERY.fields) + len(MUTATION.fields)
    counted("root fields", graph.fields)
    counted("fields below that take arguments", graph.below)
    counted("arguments that are ids", graph.arguments)
    counted("cursors of the other house", graph.cursors)


def test_tokens_of_another_house_are_worth_nothing(world: World, counted: Counted) -> None:
    """No program learns of, ends or uses what a program of another house holds."""
    visitor = world.visitor()
    counted("questions to the authorisation server", walk_oauth(visitor))
    none(visitor.findings)


def test_every_command_keeps_to_its_house(world: World, tmp_path: Path, counted: Counted) -> None:
    """Each management command, run for one house and given rows of another, refuses these and writes nothing there."""
    before = world.hidden.digests()
    commands = Commands(world.home, world.hidden, tmp_path)
    commands.walk()
    none(commands.findings)
    world.unharmed(before, world.visitor())
    counted("commands run", commands.ran)
    counted("options that name a row", commands.options)


def test_customers_meet_nothing_of_each_other(world: World, counted: Counted) -> None:
    """Same organisation, other customer: a partner's rows are closed to the customer of another, at every address, list
    and body, and in the graph; where customers may enter, the partner's own customer does."""
    both = world.customers
    visitor, before = both.visitor(world.known), both.hidden.digests()
    graph = Graph(visitor, both.theirs, both.graph_ids(both.home), both.graph_ids(both.hidden), control=False)
    walk_addresses(visitor, both.chosen)
    walk_searches(visitor)
    walk_bodies(visitor)
    graph.walk()
    none(visitor.findings)
    after = both.hidden.digests()
    none(label for label in after if after[label] != before[label])
    counted("tables of partners", len(of_partners()))
    counted("addresses with a partner's row that customers open", len(both.chosen.opened))
    counted("requests", visitor.asked)


def test_customers_open_what_is_meant_for_them(world: World) -> None:
    """A page or REST view whose permission the role has is opened by the partner's own customer: else its row is
    missing here, and that it is closed to others would prove nothing."""
    chosen, may = world.customers.chosen, ROLES["customer"].permissions
    meant = [one for one in routes() if one.names_rows and one.permissions() & may]
    for route in meant:
        chosen.values(route)
    none(sorted({one.pattern for one in meant} - chosen.opened - WITHOUT_CONTROL.keys() - OF_THE_HOUSE.keys()))


def _walked(world: World, counted: Counted) -> None:
    with world.home.tenant.writing():
        # What the walk of provisioning before this one asked for, with ids of the other house, is in the own log.
        ProvisioningEntry.objects.all().delete()
    visitor = world.visitor()
    scim, by_access_token = Scim(visitor, drawn_token), Scim(visitor, access_token)
    before = world.hidden.digests()
    # Lists before provisioning, whose log says what was asked for; bodies last, as they change rows of the own house.
    walk_addresses(visitor, world.chosen)
    walk_searches(visitor)
    walk_admin(visitor)
    scim.walk()
    by_access_token.walk()
    Graph(visitor, world.theirs).walk()
    walk_bodies(visitor)
    world.unharmed(before, visitor)
    walk_oauth(visitor)
    none(visitor.findings)
    counted("requests", visitor.asked)


def test_the_policies_hold_alone(world: World, counted: Counted) -> None:
    """With no query filtered by the program, row-level security keeps every row of the other organisation away."""
    with without_the_manager():
        _walked(world, counted)


def test_the_manager_holds_alone(world: World, counted: Counted) -> None:
    """With no policy and no composite key in the database, the filter of the program keeps every row away."""
    drop_the_database_layer()
    _walked(world, counted)
