"""Tables of telemetry, which PostgreSQL keeps in monthly partitions; on SQLite they are plain tables.

`CreatePartitionedModel` makes one partitioned by a moment, with a partition for what no month takes. Django's state
knows a plain `id`; PostgreSQL's primary key is (moment, id), which is why no foreign key points at such a table.
`ensure_partitions` adds the months to come and `drop_partitions` takes those away that are over: the app may do neither
to tables, so functions of the owner do, for tables that are partitioned already and no others.

A partition is fenced without any policy: the app reaches rows through the parent, whose policies hold, or not at all.
"""

from datetime import date

from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel
from django.db.migrations.state import ProjectState

from kernel.database import app_role, is_postgresql

MONTHS_AHEAD = 3

CREATE_FUNCTION = """
CREATE OR REPLACE FUNCTION public.licensing_ensure_partitions(parent text, first date, months integer)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  before text := coalesce(current_setting('sl.migration', true), '');
  home oid := (SELECT oid FROM pg_class WHERE relname = parent AND relkind = 'p'
               AND relnamespace = 'public'::regnamespace);
  month date;
  part text;
  moment text;
  held boolean;
  reader text;
  made integer := 0;
BEGIN
  IF home IS NULL OR months NOT BETWEEN 0 AND 24 THEN
    RAISE EXCEPTION 'no partitioned table %', parent;
  END IF;
  PERFORM set_config('sl.migration', 'on', true);
  PERFORM pg_advisory_xact_lock(home::bigint);
  SELECT a.attname INTO moment FROM pg_partitioned_table p
    JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0] WHERE p.partrelid = home;
  FOR n IN 0 .. months LOOP
    month := (date_trunc('month', first) + make_interval(months => n))::date;
    part := parent || to_char(month, '"_y"YYYY"m"MM');
    CONTINUE WHEN EXISTS (SELECT FROM pg_class WHERE relname = part AND relnamespace = 'public'::regnamespace);
    -- Rows that came before their month lie in the default partition, and keep it from being made. They are looked for
    -- through the parent, whose policies let the owner pass: by its own name a partition shows nothing.
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I WHERE %I >= %L AND %I < %L)', parent,
      moment, month::text || ' 00:00+00', moment, (month + interval '1 month')::date::text || ' 00:00+00') INTO held;
    CONTINUE WHEN held;
    EXECUTE format('CREATE TABLE public.%I PARTITION OF public.%I FOR VALUES FROM (%L) TO (%L)', part, parent,
      month::text || ' 00:00+00', (month + interval '1 month')::date::text || ' 00:00+00');
    EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY', part);
    EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY', part);
    -- A backup reads each partition by itself.
    FOR reader IN SELECT r.rolname FROM pg_class c, aclexplode(c.relacl) acl JOIN pg_roles r ON r.oid = acl.grantee
      WHERE c.oid = home AND acl.privilege_type = 'SELECT' AND r.rolbypassrls LOOP
      EXECUTE format('GRANT SELECT ON public.%I TO %I', part, reader);
    END LOOP;
    made := made + 1;
  END LOOP;
  PERFORM set_config('sl.migration', before, true);
  RETURN made;
END $$
"""
SIGNATURE = "public.licensing_ensure_partitions(text, date, integer)"


def create_function(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For a migration: the function, open to the app alone."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(CREATE_FUNCTION, params=None)
        schema_editor.execute(f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC", params=None)
        schema_editor.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO {app_role()}", params=None)


def drop_function(schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP FUNCTION {SIGNATURE}", params=None)


DROP_FUNCTION = """
CREATE FUNCTION public.licensing_drop_partitions(parent text, before date, closed_as text)
RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
  setting text := coalesce(current_setting('sl.migration', true), '');
  home oid := (SELECT oid FROM pg_class WHERE relname = parent AND relkind = 'p'
               AND relnamespace = 'public'::regnamespace);
  moment text;
  part text;
  month date;
  open boolean;
  gone integer := 0;
BEGIN
  -- Two months stay whatever a setting says.
  IF home IS NULL OR before > (now() - interval '60 days')::date THEN
    RAISE EXCEPTION 'no partition of % may be dropped before %', parent, before;
  END IF;
  PERFORM set_config('sl.migration', 'on', true);
  SELECT a.attname INTO moment FROM pg_partitioned_table p
    JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0] WHERE p.partrelid = home;
  FOR part IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = home AND c.relname ~ '_y[0-9]{4}m[0-9]{2}$'
      AND (to_date(right(c.relname, 7), 'YYYY"m"MM') + interval '1 month')::date <= before ORDER BY 1 LOOP
    month := to_date(right(part, 7), 'YYYY"m"MM');
    -- What no batch in the ledger vouches for stays; read through the parent as above.
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I e WHERE e.%I >= %L AND e.%I < %L AND NOT EXISTS (
      SELECT FROM public.audit_telemetry_batch b
      WHERE b.organization_id = e.organization_id AND b.source = %L AND b.last_at >= e.%I))', parent, moment,
      month::text || ' 00:00+00', moment, (month + interval '1 month')::date::text || ' 00:00+00', closed_as, moment)
      INTO open;
    CONTINUE WHEN open;
    EXECUTE format('DROP TABLE public.%I', part);
    gone := gone + 1;
  END LOOP;
  PERFORM set_config('sl.migration', setting, true);
  RETURN gone;
EXCEPTION WHEN lock_not_available THEN
  -- Somebody reads or writes; the next call tries again.
  PERFORM set_config('sl.migration', setting, true);
  RETURN 0;
END $$
"""
DROP_SIGNATURE = "public.licensing_drop_partitions(text, date, text)"


def create_drop_function(schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For a migration: the function, open to the app alone."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(DROP_FUNCTION, params=None)
        schema_editor.execute(f"REVOKE ALL ON FUNCTION {DROP_SIGNATURE} FROM PUBLIC", params=None)
        schema_editor.execute(f"GRANT EXECUTE ON FUNCTION {DROP_SIGNATURE} TO {app_role()}", params=None)


def drop_drop_function(schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP FUNCTION {DROP_SIGNATURE}", params=None)


class CreatePartitionedModel(CreateModel):
    """CreateModel whose table PostgreSQL partitions by the month of `by`, from its first migration on."""

    def __init__(self, *args: object, by: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # what CreateModel takes
        self.by = by

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.name)
        sql, params = schema_editor.table_sql(model)
        by = schema_editor.quote_name(model._meta.get_field(self.by).column)
        body = str(sql).replace('"id" uuid NOT NULL PRIMARY KEY', '"id" uuid NOT NULL').rstrip().removesuffix(")")
        schema_editor.execute(f'{body}, PRIMARY KEY ({by}, "id")) PARTITION BY RANGE ({by})', params or None)
        for index in model._meta.indexes:
            schema_editor.add_index(model, index)
        table = model._meta.db_table
        rest, parent = schema_editor.quote_name(f"{table}_default"), schema_editor.quote_name(table)
        schema_editor.execute(f"CREATE TABLE {rest} PARTITION OF {parent} DEFAULT", params=None)
        schema_editor.execute(f"ALTER TABLE {rest} ENABLE ROW LEVEL SECURITY", params=None)
        schema_editor.execute(f"ALTER TABLE {rest} FORCE ROW LEVEL SECURITY", params=None)


def ensure_partitions(table: str, *, first: date) -> int:
    """Adds what is missing of the months from that of `first` to three months ahead, and answers how many were."""
    if not is_postgresql():
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"public.{table}_y{_ahead(first):%Ym%m}"])
        if cursor.fetchone()[0]:
            return 0
        cursor.execute("SELECT licensing_ensure_partitions(%s, %s, %s)", [table, first.replace(day=1), MONTHS_AHEAD])
        return int(cursor.fetchone()[0])


def _ahead(first: date) -> date:
    years, month0 = divmod(first.year * 12 + first.month - 1 + MONTHS_AHEAD, 12)
    return date(years, month0 + 1, 1)


def drop_partitions(table: str, *, before: date, closed_as: str) -> int:
    """Drops the months that were over at `before`, every row of which stands in a closed batch of the source
    `closed_as`, and answers how many; 0 as well while somebody keeps one busy. Raises for less than 60 days ago."""
    if not is_postgresql():
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT licensing_drop_partitions(%s, %s, %s)", [table, before, closed_as])
        return int(cursor.fetchone()[0])
