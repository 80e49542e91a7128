"""Bases of the types of the GraphQL interface: rows of the open organisation, pages of them, and what each needs.

A type says by `permission` who may see its rows, a field by `needs` what it asks for beside. Relations are declared
with `to_one` and `to_many`; kernel.graphql.loading reads them for all rows of a level at once.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Generic, NewType, TypeVar
from uuid import UUID

import strawberry
import strawberry_django
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from strawberry.utils.str_converters import to_camel_case

from kernel.errors import InvalidInput
from kernel.graphql.limits import USUAL_ROWS, CursorInvalid
from kernel.owned import OwnedRow
from kernel.scope import CurrentOrganization

N = TypeVar("N")
T = TypeVar("T")
NEEDS = "needs"
RELATION = "relation"
LOADED = "_graphql_loaded"


NamePath = tuple[str, ...]
"""The names that lead to a place of the answer, without the numbers of rows."""


def path_of(info: Any) -> NamePath:
    """Where in the answer a resolver stands."""
    return tuple(step for step in info.path.as_list() if isinstance(step, str))


WholeNumber = NewType("WholeNumber", int)
"""For numbers that somebody chose and 32 bits may not hold; the library's Int fails on them, and the page with it."""
SCALARS: dict[object, Any] = {
    WholeNumber: strawberry.scalar(
        name="WholeNumber", description="A whole number of any size.", serialize=int, parse_value=int
    )
}


class TypeRefused(TypeError):
    """A type of the schema forgot whose rows it shows or who may see them: always a mistake in the program."""


class Node:
    """A row of the open organisation. Subclasses are registered with `tenant_type`."""

    permission: ClassVar[str] = ""
    row_model: ClassVar[type[Model]]
    relations: ClassVar[dict[str, "Relation"]] = {}

    @classmethod
    def get_queryset(cls, queryset: QuerySet[Any], info: Any = None, **_rest: Any) -> QuerySet[Any]:
        """The rows of the open organisation, said here once more than the manager says it."""
        return queryset.filter(organization_id=CurrentOrganization())

    @classmethod
    def rows(cls) -> QuerySet[Any]:
        """All rows that this type may show."""
        return cls.get_queryset(cls.row_model._default_manager.all())

    @classmethod
    def prepare(cls, rows: Sequence[Any], names: frozenset[str], request: Any) -> None:
        """Called once for all rows of a level, with the names of the fields that are asked for: reads what these fields
        need beside the row. `request` is the kernel.graphql.request.GraphRequest."""


def tenant_type(model: type[Model], *, name: str, permission: str) -> Callable[[type[T]], type[T]]:
    """Registers a Node over a model. Its docstring describes it.

    Raises TypeRefused for a type without a permission, and for a model that belongs to no organisation unless the type
    says itself which of its rows the open organisation sees.
    """

    def decorate(cls: type[T]) -> type[T]:
        if not issubclass(cls, Node):
            raise TypeRefused(f"{cls.__name__} is no Node: nothing would keep its rows in the organisation")
        if not permission:
            raise TypeRefused(f"{cls.__name__} names no permission")
        own = cls.get_queryset.__func__ is not Node.get_queryset.__func__  # type: ignore[attr-defined]  # a bound class method has one
        if not issubclass(model, OwnedRow) and not own:
            raise TypeRefused(f"{cls.__name__} needs a get_queryset: {model.__name__} belongs to no organisation")
        described = " ".join((cls.__doc__ or "").split())
        made: Any = strawberry_django.type(model, name=name, description=described)(cls)
        made.permission, made.row_model = permission, model
        made.relations = {
            to_camel_case(field.python_name): field.metadata[RELATION]
            for field in made.__strawberry_definition__.fields
            if RELATION in field.metadata
        }
        return made  # type: ignore[no-any-return]  # the library returns the class that it was given

    return decorate


def column(description: str, *, needs: str = "") -> Any:
    """A field that is read from the row; `needs` a permission beside that of the type."""
    return strawberry.field(description=description, metadata={NEEDS: needs} if needs else {})


def computed(description: str, *, needs: str = "") -> Callable[[Callable[[Any], Any]], Any]:
    """A field made from the row by the decorated function, which asks the database for nothing."""

    def decorate(function: Callable[[Any], Any]) -> Any:
        return strawberry.field(resolver=function, description=description, metadata={NEEDS: needs} if needs else {})

    return decorate


def root(description: str, *, needs: str) -> Callable[[Callable[..., Any]], Any]:
    """A field of Query or Mutation, which always needs a permission."""

    def decorate(function: Callable[..., Any]) -> Any:
        return strawberry.field(resolver=function, description=description, metadata={NEEDS: needs})

    return decorate


@dataclass(frozen=True)
class Relation:
    """How rows of another type hang on rows of this one. `column` is the key: here for one row, there for many."""

    target: Callable[[], type[Node]]
    column: str
    many: bool
    needs: str = ""
    among: Callable[[QuerySet[Any]], QuerySet[Any]] | None = None


def to_one(target: Callable[[], Any], column: str, description: str, *, needs: str = "") -> Any:
    """The row that a foreign key points at; null where there is none, and where the reader may not see it."""
    relation = Relation(target, column, many=False, needs=needs)

    def resolve(root: Any, info: strawberry.Info) -> Any:
        return getattr(root, LOADED)[path_of(info)]

    return strawberry.field(resolver=resolve, description=description, metadata={RELATION: relation, NEEDS: needs})


First = Annotated[int, strawberry.argument(description="How many rows the page holds: 1 to 200.")]
After = Annotated[
    str | None, strawberry.argument(description="The endCursor of the page before; null for the first page.")
]


def to_many(
    target: Callable[[], Any],
    column: str,
    description: str,
    *,
    needs: str = "",
    among: Callable[[QuerySet[Any]], QuerySet[Any]] | None = None,
) -> Any:
    """A page of the rows whose key `column` points at this row, newest first; `among` leaves rows out."""
    relation = Relation(target, column, many=True, needs=needs, among=among)

    def resolve(root: Any, info: strawberry.Info, first: First = USUAL_ROWS, after: After = None) -> Any:
        return getattr(root, LOADED)[path_of(info)]

    return strawberry.field(resolver=resolve, description=description, metadata={RELATION: relation, NEEDS: needs})


@strawberry.type(description="Where a page stands among all rows.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether rows follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether rows stand before this page.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first row; null when the page is empty.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last row: the `after` of the next page.")


@strawberry.type(description="A row of a page with its cursor.")
class Edge(Generic[N]):
    cursor: str = strawberry.field(description="Stands for this row: rows after it are asked for with it.")
    node: N = strawberry.field(description="The row.")


@strawberry.type(description="A page of rows, newest first.")
class Connection(Generic[N]):
    nodes: list[N] = strawberry.field(description="The rows of the page.")
    edges: list[Edge[N]] = strawberry.field(description="The rows of the page, each with its cursor.")
    page_info: PageInfo = strawberry.field(description="Where the page stands among all rows.")


@dataclass(frozen=True)
class Page:
    """What a Connection is read from."""

    nodes: list[Any]
    has_next: bool
    has_previous: bool

    @property
    def edges(self) -> list[Any]:
        return [Edge(cursor=cursor_of(row), node=row) for row in self.nodes]

    @property
    def page_info(self) -> PageInfo:
        ends = [cursor_of(row) for row in (self.nodes[:1] + self.nodes[-1:])]
        return PageInfo(
            has_next_page=self.has_next,
            has_previous_page=self.has_previous,
            start_cursor=ends[0] if ends else None,
            end_cursor=ends[-1] if ends else None,
        )


def cursor_of(row: Any) -> str:
    """The place of a row in every list: its key, which rises with time (UUIDv7) and never changes."""
    key: UUID = row.pk
    return base64.urlsafe_b64encode(key.bytes).rstrip(b"=").decode()


def read_cursor(text: str | None) -> UUID | None:
    """The key behind a cursor. Raises CursorInvalid."""
    if text is None:
        return None
    try:
        return UUID(bytes=base64.b64decode(f"{text}==", altchars=b"-_", validate=True))
    except (ValueError, binascii.Error) as error:
        raise CursorInvalid(_("Take the cursor from the pageInfo of the page before."), pointer="/after") from error


def row_key(text: str, *, pointer: str) -> UUID:
    """The id of a row as a request names it. Raises InvalidInput that points at it."""
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidInput(_("An id is a UUID, such as those of answers."), pointer=pointer) from error
