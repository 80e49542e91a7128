"""Triggers on pools, on PostgreSQL alone: at the end of a transaction `used` is the sum of what is held, and `reserved`
that of the reservations, whoever wrote the rows and by whatever path.

The rule spans tables, which no CHECK may, and holds only when both sides are written: hence deferred constraint
triggers. SQLite has none; there the nightly recount finds a difference. A constraint trigger fires for each row, so
giving a thousand seats would count a pool a thousand times: a pool that was counted is noted until the next write.
"""

NAME = "seats_pool_counts_what_is_held"
FORGET = "seats_pool_counted_no_more"
HELD_BY_ASSIGNMENTS = "SELECT quantity FROM public.seats_assignment WHERE pool_id = counted_id AND released_at IS NULL"

HELD_BY_LEASES = "SELECT quantity FROM public.seats_lease WHERE pool_id = counted_id AND state IN ('active', 'offered')"


def counting_function(*held: str) -> str:
    """The function that compares, with one SELECT for each kind of row that takes seats; `counted_id` is the pool.

    A migration that adds a kind calls it again with all of them. Without an open organisation nothing can be read, and
    nothing can have been written: a test that rolls back comes here.
    """
    parts = " UNION ALL ".join(held)
    return f"""
CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  counted_id uuid;
  noted bigint;
  promised bigint;
  taken bigint;
  kept bigint;
BEGIN
  IF coalesce(current_setting('sl.org', true), '') = '' AND coalesce(current_setting('sl.migration', true), '') = ''
  THEN
    RETURN NULL;
  END IF;
  FOREACH counted_id IN ARRAY {NAME}_of(TG_TABLE_NAME, to_jsonb(OLD), to_jsonb(NEW)) LOOP
    CONTINUE WHEN position(counted_id::text IN coalesce(current_setting('sl.counted', true), '')) > 0;
    SELECT used, reserved INTO noted, promised FROM public.seats_pool WHERE id = counted_id;
    CONTINUE WHEN NOT FOUND;
    SELECT coalesce(sum(quantity), 0) INTO taken FROM ({parts}) AS rows_that_take;
    SELECT coalesce(sum(quantity), 0) INTO kept FROM public.seats_reservation WHERE pool_id = counted_id;
    IF noted <> taken OR promised <> kept THEN
      RAISE EXCEPTION 'pool % notes % used and % reserved, but % and % are: "{NAME}"',
        counted_id, noted, promised, taken, kept
        USING ERRCODE = 'check_violation', CONSTRAINT = '{NAME}', TABLE = 'seats_pool';
    END IF;
    PERFORM set_config('sl.counted', coalesce(current_setting('sl.counted', true), '') || counted_id, true);
  END LOOP;
  RETURN NULL;
END $$"""  # noqa: S608  # constants of this module and of migrations


_OF = f"""
CREATE OR REPLACE FUNCTION {NAME}_of(of_table text, before jsonb, after jsonb) RETURNS uuid[] LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(array_agg(DISTINCT named.value::uuid), '{{}}') FROM (
    VALUES (before ->> CASE of_table WHEN 'seats_pool' THEN 'id' ELSE 'pool_id' END),
           (after ->> CASE of_table WHEN 'seats_pool' THEN 'id' ELSE 'pool_id' END)
  ) AS named (value) WHERE named.value IS NOT NULL
$$"""  # noqa: S608  # a constant of this module
_FORGET = f"""
CREATE OR REPLACE FUNCTION {FORGET}() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM set_config('sl.counted', '', true);
  RETURN NULL;
END $$"""


def triggers_on(table: str, *, events: str = "INSERT OR UPDATE OR DELETE") -> tuple[str, ...]:
    """Both triggers of a table whose rows take seats (column `pool_id`), or of the pools themselves."""
    return (
        (
            f"CREATE TRIGGER {FORGET} BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {FORGET}()"
        ),
        (
            f"CREATE CONSTRAINT TRIGGER {NAME} AFTER {events} ON {table} DEFERRABLE INITIALLY DEFERRED "
            f"FOR EACH ROW EXECUTE FUNCTION {NAME}()"
        ),
    )


def no_triggers_on(table: str) -> tuple[str, ...]:
    return f"DROP TRIGGER {NAME} ON {table}", f"DROP TRIGGER {FORGET} ON {table}"


TABLES = ("seats_pool", "seats_assignment", "seats_reservation")
POSTGRES = (
    _OF,
    _FORGET,
    counting_function(HELD_BY_ASSIGNMENTS),
    *(statement for table in TABLES for statement in triggers_on(table)),
)
DROP_POSTGRES = (
    *(statement for table in TABLES for statement in no_triggers_on(table)),
    f"DROP FUNCTION {NAME}(), {FORGET}(), {NAME}_of(text, jsonb, jsonb)",
)
