"""A membership and an invitation name business partners of their own organisation alone, whatever wrote the row.

The partners' table belongs to an app above, so the column is a plain id for Django, and the key is the database's.
"""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

KEYS = {
    "identity_membership": "identity_membership_party_org_fk",
    "identity_invitation": "identity_invitation_party_org_fk",
}


def add(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    for table, name in KEYS.items():
        schema_editor.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (organization_id, party_id) "
            "REFERENCES licensing_party (organization_id, id) NOT DEFERRABLE",
            params=None,
        )


def remove(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for table, name in KEYS.items():
            schema_editor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}", params=None)


class Migration(migrations.Migration):
    dependencies = [("identity", "0009_what_groups_may_not_give"), ("licensing", "0001_initial")]

    operations = [migrations.RunPython(add, remove)]
