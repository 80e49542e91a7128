"""The matrix again with one layer taken away: the other holds alone."""

from collections.abc import Callable

import pytest

from tests.factories.tenants import ALL_ROLES
from tests.isolation.houses import house
from tests.isolation.layers import drop_the_database_layer, without_the_manager
from tests.isolation.test_matrix import Pair
from tests.isolation.walks import Chosen, walk_addresses, walk_bodies, walk_searches
from tests.plugins.databases import CommittedDatabase

pytestmark = pytest.mark.postgres
Counted = Callable[[str, int], None]


def _walked(counted: Counted) -> None:
    pair = Pair(house(marked=False), house(marked=True))
    visitor, chosen = pair.visitor(), Chosen(pair.hidden, tuple(ALL_ROLES))
    before = pair.hidden.digests()
    walk_addresses(visitor, chosen)
    walk_bodies(visitor)
    walk_searches(visitor)
    pair.unharmed(before, visitor)
    counted("requests", visitor.asked)


def test_the_policies_hold_alone(fresh_db: CommittedDatabase, counted: Counted) -> None:
    """With no query filtered by the program, row-level security keeps every row of the other organisation away."""
    with without_the_manager():
        _walked(counted)


def test_the_manager_holds_alone(fresh_db: CommittedDatabase, counted: Counted) -> None:
    """With no policy and no composite key in the database, the filter of the program keeps every row away."""
    drop_the_database_layer()
    _walked(counted)
