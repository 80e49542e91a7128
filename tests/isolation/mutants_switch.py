"""What every site of a switched copy asks (mutants_sites): is this filter there, or was it taken away?"""

from collections.abc import Collection
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.db.models.sql.where import WhereNode

from kernel.scope import CurrentOrganization

T = TypeVar("T")
touched: set[str] = set()
"""The sites that were asked since somebody emptied this."""
_away: set[str] = set()
_bare: set[str] = set()


def take_away(*keys: str, bare: Collection[str] = ()) -> None:
    """These filters are gone and all others stand. In the queries of those in `bare` the manager's filter is gone as
    well, so that no layer below does what they do."""
    _away.clear()
    _away.update(keys)
    _bare.clear()
    _bare.update(bare)


def lookup(key: str, **wanted: T) -> dict[str, T]:
    """The keyword of a query, or none."""
    touched.add(key)
    return {} if key in _away else wanted


def rows(found: T, *keys: str) -> T:
    """What a query with such keywords returned."""
    if _bare & set(keys) and isinstance(found, QuerySet):
        return _without_manager(found)  # type: ignore[return-value]  # the same kind of rows
    return found


def answer(key: str, found: T, lets_through: bool) -> T | bool:
    """What a comparison found, or what it says to whoever may pass."""
    touched.add(key)
    return lets_through if key in _away else found


def _without_manager(found: QuerySet[Any]) -> QuerySet[Any]:
    opened = found.all()
    _strip(opened.query.where)
    return opened


def _strip(where: WhereNode) -> None:
    where.children = [one for one in where.children if not isinstance(getattr(one, "rhs", None), CurrentOrganization)]
    for one in where.children:
        if isinstance(one, WhereNode):
            _strip(one)
