"""The one read of memberships before an organisation is known.

A SECURITY DEFINER function of the owner: the app asks for one account and gets that account's memberships, whatever
organisation they are in, and nothing else. The owner's policy needs `sl.migration`; it is on for the length of the
query alone and put back to what it was, so that the owner's own connections keep it.
"""

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from kernel.database import app_role

CREATE = """
CREATE FUNCTION public.identity_memberships_of(account uuid, moment timestamptz)
RETURNS TABLE (id uuid, organization_id uuid, person_id uuid, roles jsonb)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  before text := coalesce(current_setting('sl.migration', true), '');
BEGIN
  PERFORM set_config('sl.migration', 'on', true);
  RETURN QUERY
    SELECT m.id, m.organization_id, m.person_id, m.roles FROM public.identity_membership m
    WHERE m.account_id = account AND m.started_at <= moment AND (m.ended_at IS NULL OR m.ended_at > moment)
    ORDER BY m.started_at, m.id;
  PERFORM set_config('sl.migration', before, true);
END $$
"""
SIGNATURE = "public.identity_memberships_of(uuid, timestamptz)"


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
    dependencies = [("identity", "0001_initial")]

    operations = [migrations.RunPython(create, drop)]
