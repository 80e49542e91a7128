"""Tables of the baselines: not migrated with the product, under the same row-level security as its own."""

from django.db import connection, models

from kernel.database import app_role


def create_table(model: type[models.Model]) -> None:
    """As the owner. The app may read and add."""
    with connection.schema_editor() as editor:
        editor.create_model(model)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        cursor.execute(
            f"CREATE POLICY tenant ON {table} TO {app_role()} USING (organization_id = current_setting('sl.org')::uuid)"
        )
        cursor.execute(f"GRANT SELECT, INSERT ON {table} TO {app_role()}")
