"""Mutants: the fences taken down one at a time; the probes or the matrix must notice each. `make mutants` runs this.

Not part of the suites: its name is found only when it is asked for. The sample is the same in every run.
"""

import random
from collections.abc import Callable

import pytest
from django.db import connection

from kernel.database import app_role, as_owner
from tests.architecture.source import none
from tests.factories.tenants import ALL_ROLES
from tests.isolation.houses import House, house
from tests.isolation.layers import composite_keys, drop_the_database_layer, fences, without_the_manager
from tests.isolation.probes import SPEAKS_FIRST, granted, key_holds, policy_holds, row_of
from tests.isolation.routes import routes
from tests.isolation.visitor import Visitor
from tests.isolation.walks import Chosen, walk_addresses
from tests.plugins.databases import CommittedDatabase

pytestmark = pytest.mark.postgres
Counted = Callable[[str, int], None]
SEED, SAMPLE = 20260115, 15


def _owner_does(*statements: str) -> None:
    with as_owner(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _opened(table: str, house_that_looks: House, hidden: House) -> list[str]:
    """What the probes say with the table's policy open to everybody."""
    looking, other = house_that_looks.tenant.organization.id, hidden.tenant.organization.id
    with as_owner():
        row = row_of(table, other)
    assert row is not None
    _owner_does(f'ALTER POLICY tenant ON "{table}" USING (true)')
    verbs = [verb for verb in granted(table) if (table, verb) not in SPEAKS_FIRST]
    found = [policy_holds(table, verb, row, looking, other) for verb in verbs]
    _owner_does(f"ALTER POLICY tenant ON \"{table}\" USING (organization_id = current_setting('sl.org')::uuid)")
    return [verb for verb, one in zip(verbs, found, strict=True) if not one]


def test_probes_catch_open_policies(fresh_db: CommittedDatabase, counted: Counted) -> None:
    """A policy that lets everybody through is noticed for each verb that the app may use."""
    looking, hidden = house(marked=False), house(marked=True)
    sample = random.Random(SEED).sample(fences(), SAMPLE)  # noqa: S311  # a sample, no secret
    survived = {table: verbs for table in sample if (verbs := _opened(table, looking, hidden))}
    none(survived)
    assert app_role()
    counted("policies opened, all caught", len(sample))


def test_probes_catch_missing_keys(fresh_db: CommittedDatabase, counted: Counted) -> None:
    """A composite key that is gone is noticed by its name."""
    looking, hidden = (house(marked=marked).tenant.organization.id for marked in (False, True))
    with as_owner():
        sample = random.Random(SEED).sample(composite_keys(), SAMPLE)  # noqa: S311  # a sample, no secret
    survived = []
    for key in sample:
        constraint, table, column, target = key
        _owner_does(f'ALTER TABLE {table} DROP CONSTRAINT "{constraint}"')
        with as_owner():
            if not key_holds(key, looking, hidden):
                survived.append(constraint)
        _owner_does(
            f'ALTER TABLE {table} ADD CONSTRAINT "{constraint}" FOREIGN KEY (organization_id, "{column}") '
            f"REFERENCES {target} (organization_id, id) NOT DEFERRABLE"
        )
    none(survived)
    counted("composite keys dropped, all caught", len(sample))


def test_the_matrix_catches_a_missing_filter(fresh_db: CommittedDatabase, counted: Counted) -> None:
    """With the manager's filter and the database's layer both gone, the matrix names address after address. Who looks
    signs in before: secrets are sealed for one organisation, so that nobody could write with the layers gone."""
    looking, hidden = house(marked=False), house(marked=True)
    visitor, chosen = Visitor(looking, hidden, tuple(ALL_ROLES)), Chosen(hidden, tuple(ALL_ROLES))
    for route in filter(lambda one: one.names_rows, routes()):
        chosen.values(route)
    drop_the_database_layer()
    with without_the_manager():
        walk_addresses(visitor, chosen, writing=False)
    assert len(visitor.findings) > 50
    counted("findings without any filter", len(visitor.findings))
