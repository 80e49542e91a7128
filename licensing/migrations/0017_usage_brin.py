"""Usage events are found by their time: they come in order, so a few bytes per block of the table say where."""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

INDEX = "licensing_usage_event_brin"


def create(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """On the parent: each partition, also one that is made later, gets its own."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"CREATE INDEX {INDEX} ON licensing_usage_event USING brin (at)", params=None)


def drop(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX {INDEX}", params=None)


class Migration(migrations.Migration):
    dependencies = [("licensing", "0015_partners_see_their_own")]

    operations = [migrations.RunPython(create, drop)]
