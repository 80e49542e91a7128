"""What somebody with the owner's password, or with the database file, could do to a stored ledger."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection

from audit.protection import TABLES, install_sqlite_triggers
from audit.rules.chain import genesis, leaf_hash, link
from kernel.database import as_owner, is_postgresql

Change = Callable[[Any], None]
"""Gets a cursor on the unprotected ledger."""


@contextmanager
def unprotected() -> Iterator[Any]:
    """A cursor of the owner on tables without protection, which is put back afterwards so that nothing shows."""
    with as_owner(), connection.cursor() as cursor:
        _protect(cursor, on=False)
        yield cursor
        _protect(cursor, on=True)


def _protect(cursor: Any, *, on: bool) -> None:
    if not is_postgresql():
        if on:
            install_sqlite_triggers()
        else:
            for table in TABLES:
                for verb in ("update", "delete"):
                    cursor.execute(f"DROP TRIGGER {table}_refuse_{verb}")
        return
    for table in TABLES:
        names = [f"{table}_refuse_change", f"{table}_refuse_truncate"]
        for name in [*names, "audit_event_check_link"] if table == "audit_event" else names:
            cursor.execute(f"ALTER TABLE {table} {'ENABLE ALWAYS' if on else 'DISABLE'} TRIGGER {name}")


def edit_body(cursor: Any) -> None:
    cursor.execute("UPDATE audit_event SET body = replace(body, 'metric.created', 'metric.updated') WHERE sequence = 5")


def edit_column(cursor: Any) -> None:
    cursor.execute("UPDATE audit_event SET actor = 'somebody else' WHERE sequence = 5")


def edit_moment(cursor: Any) -> None:
    cursor.execute("UPDATE audit_event SET occurred_at = '2020-01-01 00:00:00+00:00' WHERE sequence = 5")


def delete_one(cursor: Any) -> None:
    cursor.execute("DELETE FROM audit_event WHERE sequence = 5")


def insert_one(cursor: Any) -> None:
    """A copy of an entry, for which all that follow moved down."""
    cursor.execute("UPDATE audit_event SET sequence = sequence + 1000 WHERE sequence >= 5")
    cursor.execute("UPDATE audit_event SET sequence = sequence - 999 WHERE sequence > 1000")
    columns = "occurred_at, recorded_at, kind, actor, subject_type, subject_id, request_id, body, leaf_hash, chain_hash"
    cursor.execute(
        f"INSERT INTO audit_event (organization_id, sequence, {columns}) "
        f"SELECT organization_id, 5, {columns} FROM audit_event WHERE sequence = 2"
    )


def swap_two(cursor: Any) -> None:
    for old, new in ((5, 1005), (6, 5), (1005, 6)):
        cursor.execute("UPDATE audit_event SET sequence = %s WHERE sequence = %s", [new, old])


def cut_tail(cursor: Any) -> None:
    """The last three entries are gone, and the head and the stored checkpoints know nothing of them."""
    cursor.execute("DELETE FROM audit_event WHERE sequence > (SELECT size - 3 FROM audit_chain)")
    cursor.execute(
        "UPDATE audit_chain SET size = size - 3, "
        "chain_hash = (SELECT chain_hash FROM audit_event ORDER BY sequence DESC LIMIT 1)"
    )
    cursor.execute("DELETE FROM audit_checkpoint")


def rewrite(cursor: Any) -> None:
    """One body is another, every hash after it was computed anew, and the stored checkpoints are gone."""
    edit_body(cursor)
    cursor.execute("SELECT id, genesis_nonce FROM audit_chain")
    chain_id, nonce = cursor.fetchone()
    previous = genesis(_uuid(chain_id), bytes(nonce))
    cursor.execute("SELECT sequence, body FROM audit_event ORDER BY sequence")
    for sequence, body in cursor.fetchall():
        leaf = leaf_hash(body.encode())
        previous = link(previous, sequence, leaf)
        cursor.execute(
            "UPDATE audit_event SET kind = CASE WHEN sequence = 5 THEN 'metric.updated' ELSE kind END, "
            "leaf_hash = %s, chain_hash = %s WHERE sequence = %s",
            [leaf, previous, sequence],
        )
    cursor.execute("UPDATE audit_chain SET chain_hash = %s", [previous])
    cursor.execute("DELETE FROM audit_checkpoint")


def _uuid(value: Any) -> Any:

    return value if isinstance(value, UUID) else UUID(str(value))
