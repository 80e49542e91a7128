"""Reading rows for a selection: one statement for each relation that is asked for, however many rows there are.

A root field reads its own rows and calls `load`, which goes down the selection level by level and hangs what it finds
on the rows, under the names that lead to it in the answer; resolvers of relations only take it from there. Two names
for one relation are two reads, so that their arguments cannot mix.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar, cast
from uuid import UUID

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _
from strawberry.types.nodes import SelectedField, Selection
from strawberry.utils.str_converters import to_camel_case

from kernel.errors import NotFound
from kernel.graphql.cost import checked_rows
from kernel.graphql.limits import USUAL_ROWS
from kernel.graphql.request import GraphInfo, GraphRequest
from kernel.graphql.types import LOADED, Connection, NamePath, Node, Page, Relation, path_of, read_cursor, row_key

Fields = dict[str, list[SelectedField]]
"""Name in the answer → the fields that were selected under it, which the answer merges."""
PLACE = "graphql_place"
T = TypeVar("T", bound=Node)
"""A row stands for its type: the library reads the fields of a type from whatever object a resolver gives."""


def connection(
    node: type[T], info: GraphInfo, *, first: int, after: str | None, rows: QuerySet[Any] | None = None
) -> Connection[T]:
    """A page of the type's rows, or of those among `rows`, newest first, with all that is selected below it.

    Raises PageTooLarge and CursorInvalid.
    """
    wanted, behind = checked_rows(first), read_cursor(after)
    among, below = node.rows() if rows is None else rows, _below(info)
    found = list(_behind(among, behind).order_by("-pk")[: wanted + 1])
    previous = behind is not None and _asks_for_previous(below) and among.filter(pk__gte=behind).exists()
    page = _page(found, wanted, previous)
    _load_pages(node, page.nodes, below, info.context, path_of(info))
    return cast(Connection[T], page)


def single(node: type[T], info: GraphInfo, *, id: str) -> T:
    """The row with this id and all that is selected below it. Raises NotFound, and InvalidInput for what is no id."""
    return loaded(node, info, key=row_key(id, pointer="/id"))


def loaded(node: type[T], info: GraphInfo, *, key: UUID) -> T:
    """The row with this key and all that is selected below it. Raises NotFound."""
    row = existing(node, key, pointer="/id")
    load(node, [row], _below(info), info.context, path_of(info))
    return cast(T, row)


def existing(node: type[Node], key: UUID, *, pointer: str) -> Any:
    """The row with this key. Raises NotFound: another organisation's row is as unknown as one that nobody has."""
    row = node.rows().filter(pk=key).first()
    if row is None:
        raise NotFound(_("There is no such row in your organisation."), pointer=pointer)
    return row


def load(
    node: type[Node], rows: Sequence[Any], selections: Iterable[Selection], request: GraphRequest, path: NamePath
) -> None:
    """Reads the relations among the selections, which stand at `path` of the answer, for all these rows. What the
    reader may not see is not read either."""
    if not rows:
        return
    fields = grouped(selections)
    node.prepare(rows, frozenset(one[0].name for one in fields.values()), request)
    for key, selected in fields.items():
        relation = node.relations.get(selected[0].name)
        if relation is None or not request.may(relation.target().permission, relation.needs):
            continue
        here = (*path, key)
        below = [one for each in selected for one in each.selections]
        found = (_many if relation.many else _one)(relation, rows, selected[0], below, request, here)
        for row in rows:
            vars(row).setdefault(LOADED, {})[here] = found(row)


def grouped(selections: Iterable[Selection]) -> Fields:
    """The fields of a selection with its fragments opened and without what @skip and @include leave out. Types without
    interfaces and unions, which the schema refuses, need no look at the conditions of fragments."""
    found: Fields = defaultdict(list)
    for one in selections:
        if _left_out(one):
            continue
        if isinstance(one, SelectedField):
            found[one.alias or one.name].append(one)
        else:
            for key, fields in grouped(one.selections).items():
                found[key] += fields
    return found


def _left_out(one: Selection) -> bool:
    skip, include = one.directives.get("skip", {}), one.directives.get("include", {})
    return skip.get("if") is True or include.get("if") is False


def _below(info: GraphInfo) -> list[Selection]:
    return [one for field in info.selected_fields for one in field.selections]


def _load_pages(
    node: type[Node], rows: Sequence[Any], selections: Iterable[Selection], request: GraphRequest, path: NamePath
) -> None:
    """The same for the rows of pages, which an answer shows as `nodes` and as the `node` of `edges`."""
    for key, selected in grouped(selections).items():
        below = [one for each in selected for one in each.selections]
        if selected[0].name == "nodes":
            load(node, rows, below, request, (*path, key))
        elif selected[0].name == "edges":
            for inner, nodes in grouped(below).items():
                load(node, rows, [one for each in nodes for one in each.selections], request, (*path, key, inner))


def _one(
    relation: Relation,
    rows: Sequence[Any],
    field: SelectedField,
    below: Sequence[Selection],
    request: GraphRequest,
    path: NamePath,
) -> Callable[[Any], Any]:
    target = relation.target()
    keys = {getattr(row, relation.column) for row in rows} - {None}
    found = {row.pk: row for row in target.rows().filter(pk__in=keys)} if keys else {}
    load(target, list(found.values()), below, request, path)
    return lambda row: found.get(getattr(row, relation.column))


def _many(
    relation: Relation,
    rows: Sequence[Any],
    field: SelectedField,
    below: Sequence[Selection],
    request: GraphRequest,
    path: NamePath,
) -> Callable[[Any], Any]:
    target = relation.target()
    wanted = checked_rows(int(field.arguments.get("first") or USUAL_ROWS))
    behind = read_cursor(field.arguments.get("after"))
    keyed = target.rows().filter(**{f"{relation.column}__in": [row.pk for row in rows]})
    if relation.among is not None:
        keyed = relation.among(keyed)
    preceded: set[UUID] = set()
    if behind is not None and _asks_for_previous(below):
        preceded = set(keyed.filter(pk__gte=behind).values_list(relation.column, flat=True))
    keyed = _behind(keyed, behind)
    place = Window(RowNumber(), partition_by=F(relation.column), order_by=F("pk").desc())
    by_parent: dict[UUID, list[Any]] = defaultdict(list)
    for row in keyed.annotate(**{PLACE: place}).filter(**{f"{PLACE}__lte": wanted + 1}).order_by("-pk"):
        by_parent[getattr(row, relation.column)].append(row)
    pages = {row.pk: _page(by_parent[row.pk], wanted, row.pk in preceded) for row in rows}
    _load_pages(target, [row for page in pages.values() for row in page.nodes], below, request, path)
    return lambda row: pages[row.pk]


def _behind(rows: QuerySet[Any], behind: UUID | None) -> QuerySet[Any]:
    return rows if behind is None else rows.filter(pk__lt=behind)


def _page(found: list[Any], wanted: int, preceded: bool) -> Page:
    """`found` is one row more than wanted where rows follow."""
    return Page(found[:wanted], has_next=len(found) > wanted, has_previous=preceded)


def _asks_for_previous(selections: Sequence[Selection]) -> bool:
    """Whether the answer says if rows stand before the page, which costs a statement."""
    for selected in grouped(selections).values():
        if selected[0].name == "pageInfo":
            inner = grouped([one for each in selected for one in each.selections])
            if any(one[0].name == "hasPreviousPage" for one in inner.values()):
                return True
    return False


def narrowed(rows: QuerySet[Any], given: Any, **columns: str) -> QuerySet[Any]:
    """The rows that a filter leaves: `columns` says which column each member of it means. A member that is null asks
    for nothing; keys of rows are read from ids. Raises InvalidInput for what is no id."""
    for name, lookup in columns.items():
        value = getattr(given, name, None)
        if value is not None and rows.model._meta.get_field(lookup).is_relation:
            value = row_key(value, pointer=f"/filter/{to_camel_case(name)}")
        if value is not None:
            rows = rows.filter(**{lookup: value})
    return rows
