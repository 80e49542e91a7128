"""Migration operations that fence tenant tables on PostgreSQL; on SQLite they change nothing.

`TenantTable` puts row-level security with FORCE on a table, one policy for the app (its organisation) and one for
the owner (migrations); the auditor's comes after each `migrate` (config/database_roles.py). `TenantForeignKey` adds a
composite key (organization_id, column) so that a reference into another organisation cannot be stored by any path.
`PartyFence` narrows the app further where it works for a customer: to the rows of that customer's own partners.
"""

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from kernel.database import app_role, owner_role


def constraint_name(table: str, column: str) -> str:
    """At most 63 bytes, and the same every time."""
    return f"{table}_{column}_org_fk"[-63:]


class _PostgresOperation(Operation):
    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The model state does not change: only the database gets stricter."""

    def _model(self, app_label: str, state: ProjectState, name: str) -> type[models.Model]:
        return state.apps.get_model(app_label, name)


class TenantTable(_PostgresOperation):
    """Row-level security and both policies for the table of one model, and UNIQUE (organization_id, id) for the
    composite keys that point at it; `referenced=False` leaves that index out where nothing ever points."""

    def __init__(self, model: str, referenced: bool = True) -> None:
        self.model = model
        self.referenced = referenced

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        table = self._model(app_label, to_state, self.model)._meta.db_table
        quoted = schema_editor.quote_name(table)
        if self.referenced:
            unique = schema_editor.quote_name(table + "_org_id_uniq")
            schema_editor.execute(
                f"ALTER TABLE {quoted} ADD CONSTRAINT {unique} UNIQUE (organization_id, id)", params=None
            )
        for statement in (
            f"ALTER TABLE {quoted} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {quoted} FORCE ROW LEVEL SECURITY",
            (
                f"CREATE POLICY tenant ON {quoted} TO {app_role()} "
                "USING (organization_id = current_setting('sl.org')::uuid)"
            ),
            f"CREATE POLICY owner ON {quoted} TO {owner_role()} USING (current_setting('sl.migration')::boolean)",
        ):
            schema_editor.execute(statement, params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        table = self._model(app_label, from_state, self.model)._meta.db_table
        quoted = schema_editor.quote_name(table)
        for statement in (
            f"DROP POLICY owner ON {quoted}",
            f"DROP POLICY tenant ON {quoted}",
            f"ALTER TABLE {quoted} NO FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {quoted} DISABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {quoted} DROP CONSTRAINT IF EXISTS {schema_editor.quote_name(table + '_org_id_uniq')}",
        ):
            schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        return f"Fence the rows of {self.model} by organisation"


class PartyFence(_PostgresOperation):
    """A restrictive policy for the app: where `sl.parties` is not "all", only rows whose `column` is a partner named
    there are seen or written; with `through`, rows whose `column` is a row of that table, itself under such a policy.
    No column: none at all."""

    def __init__(self, model: str, column: str = "", through: str = "") -> None:
        self.model = model
        self.column = column
        self.through = through

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        quote = schema_editor.quote_name
        table, named = self._model(app_label, to_state, self.model)._meta.db_table, quote(self.column)
        # As text: a cast of "all" to uuid[] would fail when the planner looks at it, whatever stands before the OR.
        within = f"{named}::text = ANY (string_to_array(current_setting('sl.parties'), ','))"
        if self.through:
            within = f"EXISTS (SELECT 1 FROM {quote(self.through)} t WHERE t.id = {quote(table)}.{named})"  # noqa: S608  # names of a migration
        allowed = f" OR {within}" if self.column else ""
        schema_editor.execute(
            f"CREATE POLICY party ON {quote(table)} AS RESTRICTIVE TO {app_role()} "
            f"USING (current_setting('sl.parties') = 'all'{allowed})",
            params=None,
        )

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            table = self._model(app_label, from_state, self.model)._meta.db_table
            schema_editor.execute(f"DROP POLICY party ON {schema_editor.quote_name(table)}", params=None)

    def describe(self) -> str:
        return f"Fence the rows of {self.model} by business partner"


class TenantForeignKey(_PostgresOperation):
    """The composite key of one foreign key: (organization_id, column) → (organization_id, id), not deferrable,
    so that a foreign id fails inside the operation and not at COMMIT."""

    def __init__(self, model: str, field: str) -> None:
        self.model = model
        self.field = field

    def _names(self, app_label: str, state: ProjectState) -> tuple[str, str, str]:
        model = self._model(app_label, state, self.model)
        field: Any = model._meta.get_field(self.field)
        return model._meta.db_table, field.column, field.related_model._meta.db_table

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        table, column, target = self._names(app_label, to_state)
        quote = schema_editor.quote_name
        schema_editor.execute(
            f"ALTER TABLE {quote(table)} ADD CONSTRAINT {quote(constraint_name(table, column))} "
            f"FOREIGN KEY (organization_id, {quote(column)}) "
            f"REFERENCES {quote(target)} (organization_id, id) NOT DEFERRABLE",
            params=None,
        )

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        table, column, _ = self._names(app_label, from_state)
        quote = schema_editor.quote_name
        schema_editor.execute(
            f"ALTER TABLE {quote(table)} DROP CONSTRAINT {quote(constraint_name(table, column))}", params=None
        )

    def describe(self) -> str:
        return f"Keep {self.model}.{self.field} inside the organisation"
