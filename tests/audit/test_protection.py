"""What the app's role may do to the ledger, and what the trigger lets in."""

import os
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from audit.models import Event
from audit.rules.chain import leaf_hash, link
from kernel.database import as_owner, grant_to_app
from tests.factories.tenants import Tenant, tenant
from tests.plugins.databases import CommittedDatabase

ROW = "organization_id, sequence, occurred_at, recorded_at, kind, actor, subject_type, subject_id, request_id, body"


def privileges(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT privilege_type FROM information_schema.role_table_grants "
            "WHERE table_schema = 'public' AND grantee = current_user AND table_name = %s",
            [table],
        )
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_app_may_only_add_to_the_ledger() -> None:
    """SELECT and INSERT on append-only tables, SELECT on the list of migrations, rows but no definitions elsewhere."""
    for table in settings.APPEND_ONLY_TABLES:
        assert privileges(table) == {"SELECT", "INSERT"}
    assert privileges("django_migrations") == {"SELECT"}
    assert privileges("audit_opening") == {"SELECT", "INSERT", "UPDATE", "DELETE"}


@pytest.mark.postgres
def test_granting_never_opens_the_ledger(fresh_db: CommittedDatabase) -> None:
    """Granting again, as each `migrate` does, takes back what somebody gave, and no statement of it gives more than the
    app may have: there is no moment in which a row of the ledger could be changed."""
    statements: list[str] = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"GRANT UPDATE, DELETE, TRUNCATE ON audit_event TO {settings.APP_ROLE}")
        with connection.execute_wrapper(watch):
            grant_to_app()
    assert privileges("audit_event") == {"SELECT", "INSERT"}
    given = [sql for sql in statements if sql.startswith("GRANT") and '"audit_event"' in sql]
    assert [sql.split(" ON ")[0] for sql in given] == ["GRANT SELECT, INSERT"]
    assert not any("ALL TABLES" in sql for sql in statements)


def insert_after_head(
    one: Tenant, *, sequence: int, body: str, previous: bytes | None = None, leaf: bytes = b""
) -> None:
    """An entry as a program with the app's password would write it, past the product."""
    with one.writing(), transaction.atomic(), connection.cursor() as cursor:
        last = Event.objects.order_by("-sequence")[0]
        leaf = leaf or leaf_hash(body.encode())
        chain_hash = link(previous or bytes(last.chain_hash), sequence, leaf)
        cursor.execute(
            f"INSERT INTO audit_event ({ROW}, leaf_hash, chain_hash) "
            f"SELECT organization_id, %s, occurred_at, recorded_at, kind, actor, subject_type, subject_id, request_id, "
            "%s, %s, %s FROM audit_event WHERE sequence = %s",
            [sequence, body, leaf, chain_hash, last.sequence],
        )


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_trigger_recomputes_leaf_and_link() -> None:
    """An entry that fits is let in; one with another leaf, another predecessor, or after a gap is refused."""
    one = tenant()
    with one.reading():
        size = Event.objects.count()
    with pytest.raises(IntegrityError, match="leaf hash that is not that of its body"):
        insert_after_head(one, sequence=size + 1, body="{}", leaf=os.urandom(32))
    with pytest.raises(IntegrityError, match="is not linked to the entry before it"):
        insert_after_head(one, sequence=size + 1, body="{}", previous=os.urandom(32))
    with pytest.raises(IntegrityError, match="follows no entry"):
        insert_after_head(one, sequence=size + 2, body="{}")
    insert_after_head(one, sequence=size + 1, body="{}")
    with one.reading():
        assert Event.objects.count() == size + 1
