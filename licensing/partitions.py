"""Tables of telemetry, which PostgreSQL keeps in monthly partitions; on SQLite they are plain tables.

`CreatePartitionedModel` makes one partitioned by a moment, with a partition for what no month takes. Django's state
knows a plain `id`; PostgreSQL's primary key is (moment, id), which is why no foreign key points at such a table.
`ensure_partitions` adds the months to come: the app may not make tables, so a function of the owner does, for tables
that are partitioned already and no others.

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
CREATE FUNCTION public.licensing_ensure_partitions(parent text, first date, months integer)
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
    -- Rows that came before their month lie in the default partition, and keep it from being made.
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I WHERE %I >= %L AND %I < %L)', parent || '_default',
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
