"""What the answer to a GraphQL request can hold at most, counted before it is made."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_object_type,
)
from graphql.language import OperationType

from kernel.errors import InvalidInput
from kernel.graphql.limits import (
    FEW_VALUES,
    MOST_COST,
    MOST_INTROSPECTIONS,
    MOST_MUTATION_ROOTS,
    MOST_QUERY_ROOTS,
    MOST_ROWS,
    USUAL_ROWS,
    QueryTooWide,
    Shape,
)


class QueryTooCostly(InvalidInput):
    """The answer could hold more values than are given at once; ask for smaller pages or fewer fields."""

    code = "QUERY_TOO_COSTLY"


class PageTooLarge(InvalidInput):
    """A page holds between one row and two hundred."""

    code = "PAGE_TOO_LARGE"


class Cost:
    """How many values the answer to a valid document can hold at most: a page counts as many rows as it asks for."""

    def __init__(self, schema: GraphQLSchema, shape: Shape, variables: Mapping[str, Any]) -> None:
        self.schema, self.shape, self.variables = schema, shape, variables
        self._fragments: dict[str, int] = {}
        self._defaults: dict[str, Any] = {}

    def check(self) -> None:
        """Raises QueryTooCostly, QueryTooWide or PageTooLarge."""
        total = 0
        for operation in self.shape.operations:
            root = self.schema.get_root_type(operation.operation)
            if root is not None:
                self._defaults = {
                    one.variable.name.value: one.default_value for one in operation.variable_definitions or ()
                }
                self._check_roots(operation)
                total += self._of(operation.selection_set, root, rows=1)
        if total > MOST_COST:
            raise QueryTooCostly(
                _("The answer could hold %(cost)d values; at most %(most)d are given at once.")
                % {"cost": total, "most": MOST_COST},
                details={"cost": total, "most": MOST_COST},
            )

    def _check_roots(self, operation: OperationDefinitionNode) -> None:
        names = self._root_names(operation.selection_set)
        most = MOST_MUTATION_ROOTS if operation.operation is OperationType.MUTATION else MOST_QUERY_ROOTS
        introspections = sum(name in {"__schema", "__type"} for name in names)
        if len(names) > most or introspections > MOST_INTROSPECTIONS:
            raise QueryTooWide(_("An operation has at most %(most)d root fields.") % {"most": most})

    def _root_names(self, selections: SelectionSetNode) -> list[str]:
        found: list[str] = []
        for one in selections.selections:
            if isinstance(one, FieldNode):
                found.append(one.name.value)
            elif len(found) <= MOST_QUERY_ROOTS:
                found += self._root_names(self._inner(one))
        return found

    def _inner(self, one: Any) -> SelectionSetNode:
        spread = isinstance(one, FragmentSpreadNode)
        inner: SelectionSetNode = (self.shape.fragments[one.name.value] if spread else one).selection_set
        return inner

    def _of(self, selections: SelectionSetNode, parent: Any, *, rows: int) -> int:
        """`rows`: how many rows the lists of a page hold."""
        return sum(self._of_one(one, parent, rows) for one in selections.selections)

    def _of_one(self, one: Any, parent: Any, rows: int) -> int:
        if isinstance(one, FragmentSpreadNode):
            # A fragment on a page holds as many rows as the page that spreads it.
            key = f"{one.name.value} {rows}"
            if key not in self._fragments:
                self._fragments[key] = self._of(self._inner(one), parent, rows=rows)
            return self._fragments[key]
        if isinstance(one, InlineFragmentNode):
            return self._of(one.selection_set, parent, rows=rows)
        stated = parent.fields.get(one.name.value) if is_object_type(parent) else None
        if stated is None:
            return 1  # __typename and introspection, which the library bounds
        inner: GraphQLObjectType = get_named_type(stated.type)
        asked = self._page(one) if "first" in stated.args else FEW_VALUES
        below = self._of(one.selection_set, inner, rows=asked) if one.selection_set else 0
        return (1 + below) * (rows if is_list_type(get_nullable_type(stated.type)) else 1)

    def _page(self, field: FieldNode) -> int:
        given: Any = next((one.value for one in field.arguments or () if one.name.value == "first"), None)
        if given is None:
            return USUAL_ROWS
        if isinstance(given, VariableNode):
            name = given.name.value
            value = self.variables[name] if name in self.variables else self._defaults.get(name)
            given = value if value is not None else USUAL_ROWS
        return checked_rows(int(given.value) if isinstance(given, IntValueNode) else given)


def checked_rows(first: Any) -> int:
    """The size of a page as it was asked for. Raises PageTooLarge."""
    if not isinstance(first, int) or not 1 <= first <= MOST_ROWS:
        raise PageTooLarge(_("Ask for 1 to %(most)d rows at once.") % {"most": MOST_ROWS}, pointer="/first")
    return first
