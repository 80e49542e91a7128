"""The trigger that keeps platform operators inside the platform organisation, on both databases.

The rule spans two tables, which no CHECK may; SQLite's table rebuild drops triggers silently, so `migrate` reinstalls
it there every time.
"""

from django.db import connection

NAME = "identity_membership_operator_place"

_REFUSE = f"""
BEGIN
  IF NEW.roles @> '["platform_operator"]'::jsonb AND NOT EXISTS (
    SELECT 1 FROM public.identity_organization o WHERE o.id = NEW.organization_id AND o.kind = 'platform'
  ) THEN
    RAISE EXCEPTION 'new row violates check constraint "{NAME}"'
      USING ERRCODE = 'check_violation', CONSTRAINT = '{NAME}', TABLE = 'identity_membership';
  END IF;
  RETURN NEW;
END """  # noqa: S608  # a constant of this module

POSTGRES = (
    (
        f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql "
        f"SET search_path = pg_catalog, public, pg_temp AS $${_REFUSE}$$"
    ),
    (
        f"CREATE TRIGGER {NAME} BEFORE INSERT OR UPDATE OF roles, organization_id ON identity_membership "
        f"FOR EACH ROW EXECUTE FUNCTION {NAME}()"
    ),
)
_SQLITE = f"""
WHEN NEW.roles LIKE '%"platform_operator"%' AND NOT EXISTS (
  SELECT 1 FROM identity_organization o WHERE o.id = NEW.organization_id AND o.kind = 'platform'
)
BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {NAME}'); END"""  # noqa: S608  # a constant of this module
DROP_POSTGRES = (f"DROP TRIGGER {NAME} ON identity_membership", f"DROP FUNCTION {NAME}()")


def install_sqlite_triggers() -> None:
    """Both triggers anew; nothing happens before the tables exist."""
    if "identity_membership" not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        for event in ("INSERT", "UPDATE"):
            name = f"{NAME}_{event.lower()}"
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(f"CREATE TRIGGER {name} BEFORE {event} ON identity_membership {_SQLITE}")
