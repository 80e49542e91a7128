"""Probes: one statement for each policy and each composite key of the catalogue, which it alone must refuse.

Policies are probed as the app; keys as the owner with sl.migration=on, whom no policy stops.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

from django.db import DatabaseError, connection, transaction

from kernel.scope import set_local

VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE")
SPEAKS_FIRST = {("audit_event", "INSERT"): "ledger entry"}
"""(table, verb) → how a trigger begins that refuses before the policy is asked: the ledger's own order."""


@contextmanager
def undone(organization_id: UUID | None) -> Iterator[Any]:
    """A cursor in a transaction that is rolled back; with an organisation for the app, without one for the owner."""
    with transaction.atomic():
        if organization_id:
            set_local(organization_id)
        with connection.cursor() as cursor:
            yield cursor
        transaction.set_rollback(True)


def refusal(statement: str, values: list[Any], organization_id: UUID | None, *, unchecked: str = "") -> str:
    """How the database refused: the constraint's name or the message; "" and "0 rows" where it did not or hit none."""
    try:
        with undone(organization_id) as cursor:
            if unchecked:
                _drop_checks(cursor, unchecked)
            cursor.execute(statement, values)
            return "0 rows" if cursor.rowcount == 0 else ""
    except DatabaseError as error:
        diagnosed = getattr(error.__cause__, "diag", None)
        return str(getattr(diagnosed, "constraint_name", None) or getattr(diagnosed, "message_primary", None) or error)


def row_of(table: str, organization_id: UUID, where: str = "true") -> dict[str, Any] | None:
    """One row as the owner sees it."""
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT row_to_json(t)::text FROM "{table}" t WHERE organization_id = %s AND {where} LIMIT 1',
            [organization_id],
        )
        found = cursor.fetchone()
    return json.loads(found[0]) if found else None


def inserted(table: str) -> str:
    return f'INSERT INTO "{table}" SELECT * FROM json_populate_record(NULL::"{table}", %s::json)'


def policy_holds(table: str, verb: str, row: dict[str, Any], looking: UUID, hidden: UUID) -> str:
    """What is wrong with the policy of a table, or nothing: from the looking organisation the verb does nothing to the
    hidden one's row, from the hidden one it would."""
    statements: dict[str, tuple[str, list[Any]]] = {
        "SELECT": (f'SELECT 1 FROM "{table}" WHERE organization_id = %s', [hidden]),
        "UPDATE": (
            f'UPDATE "{table}" SET organization_id = organization_id WHERE organization_id = %s',
            [hidden],
        ),
        "DELETE": (f'DELETE FROM "{table}" WHERE organization_id = %s', [hidden]),
        "INSERT": (inserted(table), [json.dumps(row)]),
    }
    statement, values = statements[verb]
    found = refusal(statement, values, looking)
    wanted = f'new row violates row-level security policy for table "{table}"' if verb == "INSERT" else "0 rows"
    if found.startswith(SPEAKS_FIRST.get((table, verb), "\0")):
        return ""
    if found != wanted:
        return f"{verb} {table}: {found or 'done'}"
    # The same from inside is stopped by no policy: what refused before was the policy alone.
    own = refusal(statement, values, hidden)
    return f"{verb} {table}: also from inside: {own}" if own == "0 rows" or "row-level security" in own else ""


def granted(table: str) -> list[str]:
    """The verbs that the app's role may use at all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege(current_user, %s, v) FROM unnest(%s::text[]) v", [table, list(VERBS)]
        )
        return [verb for verb, (may,) in zip(VERBS, cursor.fetchall(), strict=True) if may]


def key_holds(key: tuple[str, str, str, str], looking: UUID, hidden: UUID) -> str:
    """What is wrong with a composite key, or nothing: no row of the looking organisation can name the hidden one's."""
    constraint, table, column, target = key
    # One that no row names yet: a column that is unique would refuse the others for that alone.
    free = f'NOT EXISTS (SELECT FROM "{table}" own WHERE own."{column}" = t.id)'  # names of the catalogue
    foreign = row_of(target, hidden, free) or row_of(target, hidden)
    if foreign is None:
        return f"{constraint}: no row of {target} to point at"
    own = row_of(table, looking, f'"{column}" IS NOT NULL') or row_of(table, looking)
    if own is None:
        return f"{constraint}: no row of {table} to change"
    changed = f'UPDATE "{table}" SET "{column}" = %s WHERE id = %s'
    put_in = json.dumps({**own, "id": str(uuid4()), column: foreign["id"]})
    tries = ((changed, [foreign["id"], own["id"]]), (inserted(table), [put_in]))
    found = [refusal(statement, values, None, unchecked=table) for statement, values in tries]
    return "" if constraint in found else f"{constraint}: {' / '.join(one or 'stored' for one in found)}"


def _drop_checks(cursor: Any, table: str) -> None:
    """Which columns go together is asked before keys are; here the key alone is asked."""
    cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass", [table])
    for (name,) in cursor.fetchall():
        cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
