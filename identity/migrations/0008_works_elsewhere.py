"""Whether an account works in another organisation too: one bit, asked before its second factor is taken away.

A SECURITY DEFINER function of the owner like the one of 0002. The app learns neither where nor with which roles.
"""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from kernel.database import app_role

CREATE = """
CREATE FUNCTION public.identity_works_elsewhere(account uuid, here uuid, moment timestamptz)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  before text := coalesce(current_setting('sl.migration', true), '');
  found boolean;
BEGIN
  PERFORM set_config('sl.migration', 'on', true);
  found := EXISTS (
    SELECT 1 FROM public.identity_membership m
    JOIN public.identity_organization o ON o.id = m.organization_id
    WHERE m.account_id = account AND m.organization_id <> here
      AND (m.ended_at IS NULL OR m.ended_at > moment)
      AND (o.closed_at IS NULL OR o.closed_at > moment)
  );
  PERFORM set_config('sl.migration', before, true);
  RETURN found;
END $$
"""
SIGNATURE = "public.identity_works_elsewhere(uuid, uuid, timestamptz)"


def create(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(CREATE, params=None)
    schema_editor.execute(f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC", params=None)
    schema_editor.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO {app_role()}", params=None)


def drop(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP FUNCTION {SIGNATURE}", params=None)


class Migration(migrations.Migration):
    dependencies = [("identity", "0007_roles_members_reviews")]

    operations = [migrations.RunPython(create, drop)]
