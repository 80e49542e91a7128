"""The triggers that make the ledger append-only. On SQLite `migrate` reinstalls them after every run as well."""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from audit.protection import TABLES, expected_triggers, install_sqlite_triggers, postgresql_statements


def _table_of(trigger: str) -> str:
    return next(table for table in TABLES if trigger.startswith(f"{table}_"))


def protect(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor != "postgresql":
        install_sqlite_triggers()
        return
    for statement in postgresql_statements():
        schema_editor.execute(statement, params=None)


def unprotect(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    on_table = schema_editor.connection.vendor == "postgresql"
    for trigger in sorted(expected_triggers()):
        where = f" ON {_table_of(trigger)}" if on_table else ""
        schema_editor.execute(f"DROP TRIGGER {trigger}{where}", params=None)
    if on_table:
        schema_editor.execute(
            "DROP FUNCTION audit_refuse_change(), audit_check_link(), audit_locked_head(uuid)", params=None
        )


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunPython(protect, unprotect)]
