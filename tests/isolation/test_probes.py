"""PostgreSQL's own fences, each probed by a statement that it alone refuses."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.db import DatabaseError, connection

from kernel.database import as_owner
from tests.architecture.source import none
from tests.isolation.houses import House, house
from tests.isolation.layers import composite_keys, fences
from tests.isolation.probes import granted, key_holds, policy_holds, row_of
from tests.plugins.databases import CommittedDatabase

pytestmark = pytest.mark.postgres
Counted = Callable[[str, int], None]
Houses = tuple[House, House]


@pytest.fixture(scope="module")
def houses(committed_db: CommittedDatabase) -> Houses:
    return house(marked=False), house(marked=True)


def test_each_policy_refuses(houses: Houses, counted: Counted) -> None:
    """From one organisation no row of another is read, changed, removed or put in, on any table; from inside it is."""
    looking, hidden = (one.tenant.organization.id for one in houses)
    with as_owner():
        rows = {table: row_of(table, hidden) for table in fences()}
    none(table for table, row in rows.items() if row is None)
    probes = [(table, verb, row) for table, row in rows.items() if row for verb in granted(table)]
    none(filter(None, (policy_holds(table, verb, row, looking, hidden) for table, verb, row in probes)))
    counted("policies", len(rows))
    counted("statements that a policy alone refused", len(probes))


def test_each_composite_key_refuses(houses: Houses, counted: Counted) -> None:
    """Where no policy stops it, a reference into another organisation fails by the name of its key."""
    looking, hidden = (one.tenant.organization.id for one in houses)
    with as_owner():
        keys = composite_keys()
        none(filter(None, (key_holds(key, looking, hidden) for key in keys)))
    counted("composite keys", len(keys))


def test_without_a_setting_nothing_is_read(houses: Houses) -> None:
    """A connection that names no organisation gets an error from every fenced table, not an empty answer."""
    for table in fences():
        with pytest.raises(DatabaseError, match=r"sl\.org|sl\.parties|uuid"), connection.cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{table}"')


def test_the_probes_run_as_the_bound_role(houses: Houses) -> None:
    """What refuses above refuses the role that serves requests: no superuser, and bound by policies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchall() == [(settings.APP_ROLE, False, False)]
