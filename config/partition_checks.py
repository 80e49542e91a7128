"""Whether tables in monthly partitions have a place for what comes, for `manage.py doctor`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import connection

from identity.models import Organization
from kernel.database import is_postgresql
from kernel.scope import scope
from licensing.partitions import MONTHS_AHEAD

PARTS = """
SELECT parent.relname, part.relname, pg_relation_size(part.oid), a.attname
FROM pg_inherits i
JOIN pg_class parent ON parent.oid = i.inhparent AND parent.relkind = 'p'
  AND parent.relnamespace = 'public'::regnamespace
JOIN pg_class part ON part.oid = i.inhrelid
JOIN pg_partitioned_table p ON p.partrelid = parent.oid
JOIN pg_attribute a ON a.attrelid = parent.oid AND a.attnum = p.partattrs[0]
ORDER BY parent.relname, part.relname
"""
MONTH = re.compile(r"_y(\d{4})m(\d{2})$")


@dataclass(frozen=True)
class PartitionState:
    """One table: the months from this one to three ahead without a partition, and its rows in the default one: those
    from the first partition on (`astray`) and those before it (`early`), which came late and have no other place."""

    table: str
    missing: tuple[str, ...]
    astray: int
    early: int


def partition_states(*, today: date) -> Iterator[PartitionState]:
    """Each partitioned table; none on SQLite."""
    if not is_postgresql():
        return
    with connection.cursor() as cursor:
        cursor.execute(PARTS)
        parts = cursor.fetchall()
    for table in dict.fromkeys(parent for parent, *_rest in parts):
        mine = [one for one in parts if one[0] == table]
        months = {date(int(found[1]), int(found[2]), 1) for one in mine if (found := MONTH.search(one[1]))}
        wanted = [_month(today, ahead) for ahead in range(MONTHS_AHEAD + 1)]
        is_filled = any(size for _parent, part, size, _column in mine if part == f"{table}_default")
        astray, early = _strays(table, mine[0][3], months) if is_filled and months else (0, 0)
        yield PartitionState(table, tuple(f"{one:%Y-%m}" for one in wanted if one not in months), astray, early)


def _strays(table: str, moment: str, months: set[date]) -> tuple[int, int]:
    """Rows outside the months that have partitions, from the first of them on and before it. Counted by organisation
    and through the parent: policies let nobody read a partition by itself."""
    at, first = connection.ops.quote_name(moment), _instant(min(months))
    spans = [bound for one in sorted(months) for bound in (_instant(one), _instant(_month(one, 1)))]
    within = " OR ".join([f"({at} >= %s AND {at} < %s)"] * len(months))
    sql = (
        f"SELECT count(*) FILTER (WHERE {at} >= %s), count(*) FILTER (WHERE {at} < %s) "  # noqa: S608  # names of the catalogue
        f"FROM {connection.ops.quote_name(table)} WHERE NOT ({within})"
    )
    astray = early = 0
    for organization in Organization.objects.values_list("id", flat=True):
        with scope(organization), connection.cursor() as cursor:
            cursor.execute(sql, [first, first, *spans])
            found = cursor.fetchone()
        astray, early = astray + found[0], early + found[1]
    return astray, early


def _month(day: date, ahead: int) -> date:
    years, month0 = divmod(day.year * 12 + day.month - 1 + ahead, 12)
    return date(years, month0 + 1, 1)


def _instant(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
