"""The two database roles that the product signs in with: `app` serves requests, `owner` migrates.

Only the owner may change tables; only the app is bound by the organisation's policies at run time. Two more roles,
which people and their programs use, stand in config/database_roles.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction

LOCK_TIMEOUT = "5s"
ALL_VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


def is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def wait_at_most(seconds: int) -> None:
    """Limits how long this transaction waits for any one lock; then it fails with 55P03, which a trail names Busy. On
    SQLite the one writer waits as long as the connection says."""
    if is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{seconds}s"])


def app_role() -> str:
    """The name of the role in DATABASE_URL, quoted for SQL."""
    return connection.ops.quote_name(str(settings.APP_ROLE))


def owner_role() -> str:
    """The name of the role in DATABASE_OWNER_URL, quoted for SQL."""
    return connection.ops.quote_name(str(settings.OWNER_ROLE))


@contextmanager
def as_owner() -> Iterator[None]:
    """Swaps the default connection to the owner's credentials; on SQLite it changes nothing.

    `sl.migration=on` opens the owner's own policy, which row-level security with FORCE would otherwise withhold.
    """
    if not is_postgresql() or connection.settings_dict["USER"] == settings.OWNER_ROLE:
        yield
        return
    saved = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD", "OPTIONS")}
    options = {key: value for key, value in saved["OPTIONS"].items() if key != "pool"}
    options["options"] = f"-c sl.migration=on -c lock_timeout={LOCK_TIMEOUT}"
    connection.close()
    connection.settings_dict.update(USER=settings.OWNER_ROLE, PASSWORD=settings.OWNER_PASSWORD, OPTIONS=options)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(saved)


def grant_to_app() -> None:
    """What the app may do: rows of every table, none of its definitions; the ledger only grows.

    Table by table and in one transaction: there is no moment in which the app could change a row of the ledger.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {app_role()}")
        for table in own_relations("r", "p", "v", "m"):
            allowed = _allowed_on(table)
            withheld = ", ".join(verb for verb in ALL_VERBS if verb not in allowed)
            quoted = connection.ops.quote_name(table)
            cursor.execute(f"GRANT {', '.join(allowed)} ON {quoted} TO {app_role()}")
            cursor.execute(f"REVOKE {withheld} ON {quoted} FROM {app_role()}")


def own_relations(*kinds: str) -> list[str]:
    """What the current role owns of these kinds of pg_class: "r" and "p" tables, "v" and "m" views, "S" sequences."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "AND relkind::text = ANY (%s) AND relowner = current_user::regrole ORDER BY relname",
            [list(kinds)],
        )
        return [name for (name,) in cursor.fetchall()]


def _allowed_on(table: str) -> tuple[str, ...]:
    if table == "django_migrations":
        return ("SELECT",)
    return ("SELECT", "INSERT") if table in settings.APPEND_ONLY_TABLES else ("SELECT", "INSERT", "UPDATE", "DELETE")
