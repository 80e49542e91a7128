"""The two database roles that only read: `backup` for pg_dump, `auditor` for a person with an SQL client.

The backup reads every row of every organisation, since a backup of a part is none. The auditor is bound by row-level
security like the app, and sees no secret. Both are optional: a role that the server does not have is passed over.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction

from config.withheld import readable
from kernel.database import own_relations

POLICY = "auditor"
RELEASE_TABLE = "django_migrations"
RELEASE_COLUMNS = ["app", "name", "applied"]
"""The one table without an organisation that an auditor reads: which release made the others."""


def grant_to_readers() -> None:
    """What both may read, from nothing: a column that became a secret is withdrawn. As the owner, after `migrate`.

    Nobody but the owner makes temporary tables or anything else in this database.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        database = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC")
        cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    present = _present([settings.BACKUP_ROLE, settings.AUDITOR_ROLE])
    if settings.BACKUP_ROLE in present:
        _grant_to_backup(connection.ops.quote_name(settings.BACKUP_ROLE))
    if settings.AUDITOR_ROLE in present:
        auditor = connection.ops.quote_name(settings.AUDITOR_ROLE)
        _grant_to_auditor(auditor)
        _let_auditor_through_fences(auditor)


def _present(roles: Sequence[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = ANY (%s)", [list(roles)])
        return {name for (name,) in cursor.fetchall()}


def _grant_to_backup(role: str) -> None:
    """pg_dump reads sequences too, for where they stand."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        for relation in own_relations("r", "p", "v", "m", "S"):
            quoted = connection.ops.quote_name(relation)
            cursor.execute(f"REVOKE ALL ON {quoted} FROM {role}")
            cursor.execute(f"GRANT SELECT ON {quoted} TO {role}")


def _grant_to_auditor(role: str) -> None:
    """Nothing of a table whose fence is gone: a migration taken back must not open it."""
    allowed = shown()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        fenced = {name for (name,) in cursor.fetchall()} | {RELEASE_TABLE}
        for relation in own_relations("r", "p", "v", "m", "S"):
            quoted = connection.ops.quote_name(relation)
            cursor.execute(f"REVOKE ALL ON {quoted} FROM {role}")
            columns = [column for column in _columns_of(relation) if (relation, column) in allowed]
            if columns and relation in fenced:
                listed = ", ".join(map(connection.ops.quote_name, columns))
                cursor.execute(f"GRANT SELECT ({listed}) ON {quoted} TO {role}")


def _columns_of(relation: str) -> list[str]:
    """From the catalogue: `migrate app 0001` goes back to tables that lack columns of today's models."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            [connection.ops.quote_name(relation)],
        )
        return [name for (name,) in cursor.fetchall()]


def _let_auditor_through_fences(role: str) -> None:
    """A policy for reading one organisation's rows on every fence that has none yet; each takes its lock for itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relrowsecurity "
            "AND relowner = current_user::regrole AND relname = ANY (%s) "
            "AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = %s)",
            [list(readable()), POLICY],
        )
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"CREATE POLICY {POLICY} ON {connection.ops.quote_name(table)} FOR SELECT TO {role} "
                "USING (organization_id = current_setting('sl.org')::uuid)"
            )


@dataclass(frozen=True)
class RoleFacts:
    """What the server's catalogue says of one role in this database."""

    name: str
    superuser: bool
    above_policies: bool
    administers: bool
    """May make roles or databases, or copy the whole server by replication."""
    member_of: tuple[str, ...]
    owns: tuple[str, ...]
    writes: tuple[str, ...]
    """Tables in which it may change at least one column of a row, or all rows."""
    reads: frozenset[tuple[str, str]]
    """(table, column) pairs."""


def facts_of(role: str) -> RoleFacts | None:
    """None where the server has no such role."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole OR rolcreatedb OR rolreplication FROM pg_roles "
            "WHERE rolname = %s",
            [role],
        )
        found = cursor.fetchone()
    if found is None:
        return None
    return RoleFacts(
        role,
        superuser=found[0],
        above_policies=found[1],
        administers=found[2],
        member_of=_names(
            "SELECT rolname FROM pg_roles WHERE rolname <> %(role)s AND pg_has_role(%(role)s::name, oid, 'MEMBER')",
            role,
        ),
        owns=_names(
            "SELECT relname::text FROM pg_class WHERE relowner = to_regrole(quote_ident(%(role)s)) "
            "UNION SELECT 'database ' || datname FROM pg_database WHERE datdba = to_regrole(quote_ident(%(role)s))",
            role,
        ),
        writes=_names(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "AND relkind IN ('r', 'p', 'v', 'm') AND (has_any_column_privilege(%(role)s::name, oid, 'INSERT, UPDATE') "
            "OR has_table_privilege(%(role)s::name, oid, 'DELETE, TRUNCATE'))",
            role,
        ),
        reads=_columns_read(role),
    )


def _names(statement: str, role: str) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} ORDER BY 1", {"role": role})
        return tuple(name for (name,) in cursor.fetchall())


def _columns_read(role: str) -> frozenset[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
            "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') "
            "AND a.attnum > 0 AND NOT a.attisdropped "
            "AND has_column_privilege(%(role)s::name, c.oid, a.attnum, 'SELECT')",
            {"role": role},
        )
        return frozenset(cursor.fetchall())


def excess_of_app(facts: RoleFacts) -> list[str]:
    """What the role that serves requests has beyond its task."""
    return _excess(facts, above_policies=False)


def excess_of_backup(facts: RoleFacts) -> list[str]:
    """What the role of pg_dump has beyond its task; that it stands above row-level security is its task."""
    return _excess(facts, above_policies=True, writes=False)


def excess_of_auditor(facts: RoleFacts) -> list[str]:
    """What the auditor's role has beyond its task."""
    return _excess(facts, above_policies=False, writes=False, reads=shown())


def shown() -> frozenset[tuple[str, str]]:
    """The (table, column) pairs that an auditor may read."""
    columns = {**readable(), RELEASE_TABLE: RELEASE_COLUMNS}
    return frozenset((table, column) for table, names in columns.items() for column in names)


def _excess(
    facts: RoleFacts, *, above_policies: bool, writes: bool = True, reads: frozenset[tuple[str, str]] | None = None
) -> list[str]:
    if facts.superuser:
        # Whatever else would be said of a superuser follows from it.
        return ["is a superuser"]
    more = () if reads is None else sorted(f"{table}.{column}" for table, column in facts.reads - reads)
    said = {
        "stands above row-level security": facts.above_policies and not above_policies,
        "may make roles or databases, or replicate": facts.administers,
        f"is a member of {_some(facts.member_of)}": facts.member_of,
        f"owns {_some(facts.owns)}": facts.owns,
        f"may write to {_some(facts.writes)}": facts.writes and not writes,
        f"reads {_some(more)}": more,
    }
    return [sentence for sentence, holds in said.items() if holds]


def _some(names: Sequence[str], most: int = 3) -> str:
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
