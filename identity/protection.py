"""Triggers on memberships, on both databases: platform operators stay inside the platform organisation, and no group
gives a role that somebody withheld.

The rules span two tables, which no CHECK may; SQLite's table rebuild drops triggers silently, so `migrate` reinstalls
them there every time.
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

WITHHELD = "identity_membership_group_gives_none_withheld"
_REFUSE_WITHHELD = f"""
BEGIN
  IF EXISTS (
    SELECT 1 FROM public.identity_withheld_role w
    WHERE w.membership_id = NEW.id AND NEW.group_roles @> jsonb_build_array(w.role)
  ) THEN
    RAISE EXCEPTION 'new row violates check constraint "{WITHHELD}"'
      USING ERRCODE = 'check_violation', CONSTRAINT = '{WITHHELD}', TABLE = 'identity_membership';
  END IF;
  RETURN NEW;
END """  # noqa: S608  # a constant of this module
WITHHELD_POSTGRES = (
    (
        f"CREATE OR REPLACE FUNCTION {WITHHELD}() RETURNS trigger LANGUAGE plpgsql "
        f"SET search_path = pg_catalog, public, pg_temp AS $${_REFUSE_WITHHELD}$$"
    ),
    (
        f"CREATE TRIGGER {WITHHELD} BEFORE INSERT OR UPDATE OF group_roles ON identity_membership "
        f"FOR EACH ROW EXECUTE FUNCTION {WITHHELD}()"
    ),
)
DROP_WITHHELD_POSTGRES = (f"DROP TRIGGER {WITHHELD} ON identity_membership", f"DROP FUNCTION {WITHHELD}()")
_SQLITE_WITHHELD = f"""
WHEN EXISTS (
  SELECT 1 FROM identity_withheld_role w
  WHERE w.membership_id = NEW.id AND instr(NEW.group_roles, '"' || w.role || '"') > 0
)
BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {WITHHELD}'); END"""  # noqa: S608  # a constant of this module

_ON_SQLITE = (
    (NAME, "identity_membership", _SQLITE),
    (WITHHELD, "identity_withheld_role", _SQLITE_WITHHELD),
)
"""Name, the table without which the trigger cannot be made yet, and what it does."""


def install_sqlite_triggers() -> None:
    """All triggers anew; nothing happens before their tables exist."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for trigger, needed, body in _ON_SQLITE:
            if not {"identity_membership", needed} <= tables:
                continue
            for event in ("INSERT", "UPDATE"):
                name = f"{trigger}_{event.lower()}"
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                cursor.execute(f"CREATE TRIGGER {name} BEFORE {event} ON identity_membership {body}")
