"""The schema as a whole: it is not built when a type forgot whose rows it shows, and each field asks who may see it."""

from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_non_null_type,
)
from strawberry import Schema
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types.graphql import OperationType
from strawberry_django.utils.typing import get_django_definition

from kernel.graphql.cost import Cost
from kernel.graphql.limits import MOST_ROWS, QueryInvalid, Shape
from kernel.graphql.types import NEEDS, SCALARS, Node, TypeRefused

DEFINITION = "strawberry-definition"
Permissions = frozenset[str]
NONE: Permissions = frozenset()


class Bounds(SchemaExtension):
    """The limits round the library's own rules, and the scope round what reads."""

    def on_validate(self) -> Iterator[None]:
        document = self.execution_context.graphql_document
        if document is None:
            yield
            return
        shape = Shape(document)
        shape.check()
        if len(shape.operations) > 1 and not self.execution_context.context.operation:
            # The library would carry out the first.
            raise QueryInvalid(_("The text has several operations: operationName says which one is meant."))
        yield
        if not self.execution_context.pre_execution_errors:
            Cost(self.execution_context.schema._schema, shape, self.execution_context.variables or {}).check()

    def on_execute(self) -> Iterator[None]:
        request: Any = self.execution_context.context
        with request.watched():
            if self.execution_context.operation_type is OperationType.QUERY:
                request.read()
            yield


class TenantSchema(Schema):
    """A schema of rows of one organisation. Raises TypeRefused while it is built, never while it answers.

    `needs` says for each field by "Type.field" which permissions it asks for: its own, and those of the type that it
    leads to. Whoever lacks one gets null and an error for the field, and the rest of the answer.
    """

    def __init__(self, *, query: type, mutation: type | None = None) -> None:
        config = StrawberryConfig(relay_max_results=MOST_ROWS, scalar_map=SCALARS)
        super().__init__(query=query, mutation=mutation, extensions=[Bounds], config=config)
        self.needs: dict[str, Permissions] = {}
        roots = {self._schema.query_type, self._schema.mutation_type}
        for stated in _object_types(self._schema.type_map):
            own = permissions_of(stated)
            for name, field in stated.fields.items():
                needed = _declared(field) | permissions_of(get_named_type(field.type))
                self.needs[f"{stated.name}.{name}"] = needed | own
                _check(f"{stated.name}.{name}", field, extra=needed - own, is_root=stated in roots)
                if needed - own or not is_leaf_type(get_named_type(field.type)):
                    field.resolve = _asking(field.resolve, needed - own)

    def process_errors(self, errors: Any, execution_context: Any = None) -> None:
        """Errors are answered, and logged where they are made into an answer (kernel.graphql.errors)."""


def _object_types(types: dict[str, Any]) -> Iterator[GraphQLObjectType]:
    for name, stated in types.items():
        if isinstance(stated, GraphQLInterfaceType | GraphQLUnionType):
            raise TypeRefused(f"{name}: rows are read ahead by their exact type, so there are no interfaces and unions")
        if isinstance(stated, GraphQLObjectType) and not name.startswith("__"):
            yield stated


def permissions_of(stated: Any) -> Permissions:
    """What somebody needs for values of this type: for a Node its permission, for a page of rows that of the rows.

    Raises TypeRefused for a type over a model that was not registered with `tenant_type`.
    """
    definition: Any = (getattr(stated, "extensions", None) or {}).get(DEFINITION)
    origin = getattr(definition, "origin", None)
    if origin is None:
        return NONE
    model = getattr(get_django_definition(origin), "model", None)
    if model is not None and getattr(stated, "fields", None) is not None and not definition.is_input:
        if not (issubclass(origin, Node) and origin.permission and origin.__dict__.get("row_model") is model):
            raise TypeRefused(f"{stated.name} shows {model.__name__} without tenant_type: nothing keeps its rows apart")
        return frozenset({origin.permission})
    return NONE.union(*(_permission(one) for one in getattr(definition, "type_var_map", {}).values()))


def _permission(origin: Any) -> Permissions:
    return frozenset({origin.permission}) if isinstance(origin, type) and issubclass(origin, Node) else NONE


def _declared(field: GraphQLField) -> Permissions:
    """The permission that the field names itself."""
    definition = field.extensions.get(DEFINITION)
    named = definition.metadata.get(NEEDS, "") if definition is not None else ""
    return frozenset({named}) if named else NONE


def _check(name: str, field: GraphQLField, *, extra: Permissions, is_root: bool) -> None:
    if is_root and not extra:
        raise TypeRefused(f"{name} asks for no permission")
    if extra and is_non_null_type(field.type):
        raise TypeRefused(f"{name} may be refused and must be nullable, or its refusal takes the whole row away")


def _asking(resolve: Callable[..., Any] | None, needed: Permissions) -> Callable[..., Any]:
    """The resolver behind a question about permissions and time."""
    if resolve is None:
        raise TypeRefused("every field of the library has a resolver")
    inner, sorted_needs = resolve, sorted(needed)

    def asked(source: Any, info: Any, **arguments: Any) -> Any:
        request = info.context
        request.check_time()
        for permission in sorted_needs:
            request.principal.require(permission)
        return inner(source, info, **arguments)

    return asked
