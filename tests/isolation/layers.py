"""Each layer taken away, so that the others can be seen to hold alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.db.models.lookups import Exact

from kernel.database import as_owner
from kernel.scope import CurrentOrganization


@contextmanager
def without_the_manager() -> Iterator[None]:
    """No query is filtered by the scope, not even one that was built when the program was loaded."""
    filtered = Exact.as_sql

    def open_door(self: Any, compiler: Any, connection: Any) -> Any:
        if isinstance(self.rhs, CurrentOrganization):
            return "1 = 1", []
        return filtered(self, compiler, connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Exact, "as_sql", open_door)
        yield


def fences() -> list[str]:
    """Tables under row-level security, from the catalogue; a partition has a fence and no policy, which
    test_catalogue.py proves."""
    return _names(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity "
        "AND NOT relispartition ORDER BY relname"
    )


def composite_keys() -> list[tuple[str, str, str, str]]:
    """(constraint, table, column, target) of each key that carries the organisation, from the catalogue."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT k.conname, k.conrelid::regclass::text, a.attname, k.confrelid::regclass::text FROM pg_constraint k "
            "JOIN pg_attribute o ON o.attrelid = k.conrelid AND o.attnum = k.conkey[1] "
            "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[2] "
            "WHERE k.contype = 'f' AND cardinality(k.conkey) = 2 AND o.attname = 'organization_id' ORDER BY k.conname"
        )
        return [tuple(row) for row in cursor.fetchall()]


def drop_the_database_layer() -> None:
    """No policy and no composite key is left; only for a clone that is thrown away."""
    with as_owner(), connection.cursor() as cursor:
        for table in fences():
            cursor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY')
        for constraint, table, _column, _target in composite_keys():
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{constraint}"')


def _names(statement: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [name for (name,) in cursor.fetchall()]
