"""Triggers on contracts, on both databases: in force, an agreement's dates and money change with the next amendment
alone, and an amendment is never changed.

The first rule compares a row with what it was and with a second table, which no CHECK may; SQLite's table rebuild
drops triggers silently, so `migrate` reinstalls them there every time.
"""

from django.db import connection

AMENDED = "licensing_agreement_changes_by_amendment"
APPEND_ONLY = "licensing_amendment_never_changes"
COLUMNS = (
    "starts_at",
    "ends_at",
    "notice_days",
    "auto_renew",
    "true_up_on",
    "co_terminates_on",
    "currency",
    "affiliate_scope",
)
"""What is agreed: dates, money, and for whom."""

_FOLLOWS = (
    "NEW.amended = OLD.amended + 1 AND EXISTS (SELECT 1 FROM {schema}licensing_amendment a "
    "WHERE a.agreement_id = NEW.id AND a.number = NEW.amended)"
)


def _condition(distinct: str, schema: str) -> str:
    changed = " OR ".join(f"NEW.{one} {distinct} OLD.{one}" for one in (*COLUMNS, "amended"))
    follows = _FOLLOWS.format(schema=schema)
    return f"OLD.state <> 'draft' AND (NEW.state = 'draft' OR (({changed}) AND NOT ({follows})))"


_REFUSE = f"""
BEGIN
  IF {_condition("IS DISTINCT FROM", "public.")} THEN
    RAISE EXCEPTION 'new row violates check constraint "{AMENDED}"'
      USING ERRCODE = 'check_violation', CONSTRAINT = '{AMENDED}', TABLE = 'licensing_agreement';
  END IF;
  RETURN NEW;
END """
_REFUSE_ANY = f"""
BEGIN
  RAISE EXCEPTION 'rows are only added: "{APPEND_ONLY}"'
    USING ERRCODE = 'check_violation', CONSTRAINT = '{APPEND_ONLY}', TABLE = 'licensing_amendment';
END """


def _function(name: str, body: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
        f"SET search_path = pg_catalog, public, pg_temp AS $${body}$$"
    )


POSTGRES = (
    _function(AMENDED, _REFUSE),
    f"CREATE TRIGGER {AMENDED} BEFORE UPDATE ON licensing_agreement FOR EACH ROW EXECUTE FUNCTION {AMENDED}()",
    _function(APPEND_ONLY, _REFUSE_ANY),
    (
        f"CREATE TRIGGER {APPEND_ONLY} BEFORE UPDATE OR DELETE ON licensing_amendment "
        f"FOR EACH ROW EXECUTE FUNCTION {APPEND_ONLY}()"
    ),
)
DROP_POSTGRES = (
    f"DROP TRIGGER {AMENDED} ON licensing_agreement",
    f"DROP FUNCTION {AMENDED}()",
    f"DROP TRIGGER {APPEND_ONLY} ON licensing_amendment",
    f"DROP FUNCTION {APPEND_ONLY}()",
)
_SQLITE = {
    AMENDED: (
        f"CREATE TRIGGER {AMENDED} BEFORE UPDATE ON licensing_agreement WHEN {_condition('IS NOT', '')} "
        f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {AMENDED}'); END"
    ),
    f"{APPEND_ONLY}_update": (
        f"CREATE TRIGGER {APPEND_ONLY}_update BEFORE UPDATE ON licensing_amendment "
        f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {APPEND_ONLY}'); END"
    ),
    f"{APPEND_ONLY}_delete": (
        f"CREATE TRIGGER {APPEND_ONLY}_delete BEFORE DELETE ON licensing_amendment "
        f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {APPEND_ONLY}'); END"
    ),
}
DROP_SQLITE = tuple(f"DROP TRIGGER IF EXISTS {name}" for name in _SQLITE)


def install_sqlite_triggers() -> None:
    """All triggers anew; nothing happens before their tables exist."""
    if not {"licensing_agreement", "licensing_amendment"} <= set(connection.introspection.table_names()):
        return
    with connection.cursor() as cursor:
        for name, statement in _SQLITE.items():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            cursor.execute(statement)
