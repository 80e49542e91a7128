"""The triggers that make the ledger append-only, on both databases, and the check that they are still there.

PostgreSQL: ENABLE ALWAYS triggers refuse UPDATE, DELETE and TRUNCATE, and a BEFORE INSERT trigger recomputes leaf and
link. SQLite: RAISE(ABORT); its table rebuild drops triggers silently, so `migrate` reinstalls them every time.
"""

from django.db import connection

TABLES = ("audit_event", "audit_checkpoint", "audit_consumed_request")

REFUSE_CHANGE = """
BEGIN
  RAISE EXCEPTION 'ledger rows are never changed: % on %', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END """

CHECK_LINK = """
DECLARE
  previous bytea;
BEGIN
  IF NEW.leaf_hash <> sha256('\\x00'::bytea || convert_to(NEW.body, 'UTF8')) THEN
    RAISE EXCEPTION 'ledger entry % has a leaf hash that is not that of its body', NEW.sequence
      USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.sequence = 1 THEN
    SELECT sha256('\\x03'::bytea
        || convert_to('seatledger/audit/v1' || chr(10) || id::text || chr(10), 'UTF8') || genesis_nonce)
      INTO previous FROM public.audit_chain WHERE organization_id = NEW.organization_id;
  ELSE
    SELECT chain_hash INTO previous FROM public.audit_event
      WHERE organization_id = NEW.organization_id AND sequence = NEW.sequence - 1;
  END IF;
  IF previous IS NULL THEN
    RAISE EXCEPTION 'ledger entry % follows no entry', NEW.sequence USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.chain_hash <> sha256('\\x02'::bytea || previous || int8send(NEW.sequence) || NEW.leaf_hash) THEN
    RAISE EXCEPTION 'ledger entry % is not linked to the entry before it', NEW.sequence
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END """

LOCKED_HEAD = """
BEGIN
  PERFORM 1 FROM public.audit_chain AS c WHERE c.organization_id = organization FOR NO KEY UPDATE;
  -- A statement of its own, with a snapshot taken after the lock was granted.
  SELECT c.size, c.chain_hash, clock_timestamp() INTO size, chain_hash, moment
    FROM public.audit_chain AS c WHERE c.organization_id = organization;
END """

FUNCTIONS = (
    (
        "CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql "
        f"SET search_path = pg_catalog, pg_temp AS $${REFUSE_CHANGE}$$"
    ),
    (
        "CREATE OR REPLACE FUNCTION audit_check_link() RETURNS trigger LANGUAGE plpgsql VOLATILE "
        f"SET search_path = pg_catalog, public, pg_temp AS $${CHECK_LINK}$$"
    ),
    (
        "CREATE OR REPLACE FUNCTION audit_locked_head("
        "IN organization uuid, OUT size bigint, OUT chain_hash bytea, OUT moment timestamptz) "
        f"LANGUAGE plpgsql VOLATILE AS $${LOCKED_HEAD}$$"
    ),
)


def postgresql_statements() -> list[str]:
    """Functions, then for each table the row and the statement trigger, fired also for replicated changes."""
    statements = list(FUNCTIONS)
    for table in TABLES:
        statements += [
            (
                f"CREATE TRIGGER {table}_refuse_change BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION audit_refuse_change()"
            ),
            (
                f"CREATE TRIGGER {table}_refuse_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()"
            ),
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_refuse_change",
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_refuse_truncate",
        ]
    return [
        *statements,
        (
            "CREATE TRIGGER audit_event_check_link BEFORE INSERT ON audit_event "
            "FOR EACH ROW EXECUTE FUNCTION audit_check_link()"
        ),
        "ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_check_link",
    ]


def expected_triggers() -> set[str]:
    if connection.vendor == "postgresql":
        both = {f"{table}_{suffix}" for table in TABLES for suffix in ("refuse_change", "refuse_truncate")}
        return both | {"audit_event_check_link"}
    return set(_sqlite_triggers())


def install_sqlite_triggers() -> None:
    """Idempotent; skips tables that the migrations have not made yet."""
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for name, statement in _sqlite_triggers().items():
            if name.rpartition("_refuse_")[0] in existing:
                cursor.execute(statement.replace("CREATE TRIGGER", "CREATE TRIGGER IF NOT EXISTS"))


def _sqlite_triggers() -> dict[str, str]:
    return {
        f"{table}_refuse_{verb}": (
            f"CREATE TRIGGER {table}_refuse_{verb} BEFORE {verb.upper()} ON {table} "
            "BEGIN SELECT RAISE(ABORT, 'ledger rows are never changed'); END"
        )
        for table in TABLES
        for verb in ("update", "delete")
    }


def missing_triggers() -> set[str]:
    """The names of triggers that should be there and are not, are switched off, stand on another table or do something
    else than they should; empty when protection is whole."""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            expected = _sqlite_triggers()
            return set(expected) - {name for name, sql in cursor.fetchall() if sql == expected.get(name)}
        cursor.execute(
            "SELECT t.tgname, c.relname, p.prosrc FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND t.tgenabled = 'A' "
            "AND c.relnamespace = 'public'::regnamespace"
        )
        found = cursor.fetchall()
    return expected_triggers() - {name for name, table, source in found if _as_installed(name, table, source)}


def _as_installed(name: str, table: str, source: str) -> bool:
    return name.startswith(f"{table}_") and source == (CHECK_LINK if name.endswith("_check_link") else REFUSE_CHANGE)
