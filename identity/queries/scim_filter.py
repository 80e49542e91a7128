"""From a SCIM filter and a SCIM order to conditions of the database: rows that do not match are never loaded."""

import re
from dataclasses import dataclass
from typing import Any, Final

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import NullIf
from scim2_models import InvalidFilterException, InvalidPathException, Path, ScimFilter
from scim2_models.path import (
    AttributeBinding,
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)
from scim2_models.path.resolution import coerce_value

from identity.queries.scim_columns import EVERYTHING, GROUP, GROUP_ROWS, NOTHING, PERSON, PERSON_ROWS, Column, Key, Rows

DEEPEST: Final = 20
LONGEST: Final = 2_048
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


@dataclass(frozen=True)
class Layout:
    """Where one type of resource is stored."""

    columns: dict[Key, Column]
    rows: dict[str, Rows]


PEOPLE: Final = Layout(PERSON, PERSON_ROWS)
GROUPS: Final = Layout(GROUP, GROUP_ROWS)


def matching(found: ScimFilter[Any], layout: Layout) -> Q:
    """The condition for a filter that is bound to one type of resource; what the type does not declare matches nothing.

    Raises InvalidFilterException for what the database cannot answer, and for more than DEEPEST levels.
    """
    check_depth(found.ast)
    return _ToQ(found, layout).visit(found.ast)


def check_text(text: str) -> None:
    """Raises InvalidFilterException for a text that is too long, or has more than DEEPEST brackets in each other; asked
    before it is parsed."""
    if len(text.encode(errors="replace")) > LONGEST:
        raise InvalidFilterException(detail=f"a filter has at most {LONGEST} bytes")
    level = 0
    for sign in QUOTED.sub("", text):
        level += (sign in "([") - (sign in ")]")
        if level > DEEPEST:
            raise InvalidFilterException(detail=f"a filter has at most {DEEPEST} levels")


def check_depth(node: FilterNode, level: int = 1) -> None:
    if level > DEEPEST:
        raise InvalidFilterException(detail=f"a filter has at most {DEEPEST} levels")
    for inner in _inside(node):
        check_depth(inner, level + 1)


def _inside(node: FilterNode) -> tuple[FilterNode, ...]:
    if isinstance(node, LogicalExpr):
        return node.terms
    if isinstance(node, Not):
        return (node.expr,)
    return (node.val_filter,) if isinstance(node, ValuePath) else ()


class _ToQ(FilterVisitor[Q]):
    """One method per kind of node; a condition on values of a table of their own becomes a subquery."""

    def __init__(self, found: ScimFilter[Any], layout: Layout) -> None:
        self.found, self.layout = found, layout

    def visit_not(self, node: Not) -> Q:
        return ~self.visit(node.expr)

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        terms = [self.visit(term) for term in node.terms]
        joined = terms[0]
        for term in terms[1:]:
            joined = joined & term if node.op == LogicalOperator.and_ else joined | term
        return joined

    def visit_comparison(self, node: Comparison) -> Q:
        binding = self.found.resolve_comparison(node.attr_path, strict=False)
        if binding is None:
            return NOTHING
        if binding.field_name == "schemas":
            return self._schemas(node)
        value = coerce_value(binding, node.value, node.op)
        if node.op == CompareOperator.ne:
            return ~self._where(binding, CompareOperator.eq, value, node.attr_path)
        return self._where(binding, node.op, value, node.attr_path)

    def visit_present(self, node: Present) -> Q:
        binding = self.found.resolve(node.attr_path, strict=False)
        if binding is None:
            return NOTHING
        if rows := self.layout.rows.get(binding.field_name):
            column = rows.columns.get(binding.sub_field_name or "value")
            return _owners(rows, _known(column, node.attr_path).present())
        if binding.field_name in {"schemas", "meta"}:
            return EVERYTHING
        return self._any_present(binding, node.attr_path)

    def visit_value_path(self, node: ValuePath) -> Q:
        binding = self.found.resolve(node.attr_path, strict=False)
        rows = self.layout.rows.get(binding.field_name) if binding is not None else None
        if binding is None:
            return NOTHING
        if rows is None or node.sub_attr:
            raise InvalidFilterException(detail=f"values of {node.attr_path} cannot be selected")
        return _owners(rows, _OfValues(rows, binding).visit(node.val_filter))

    def _where(self, binding: AttributeBinding, op: CompareOperator, value: Any, path: AttrPath) -> Q:
        if rows := self.layout.rows.get(binding.field_name):
            return _owners(rows, _known(rows.columns.get(binding.sub_field_name), path).matching(op, value))
        return _known(self.layout.columns.get((binding.field_name, binding.sub_field_name)), path).matching(op, value)

    def _any_present(self, binding: AttributeBinding, path: AttrPath) -> Q:
        """A complex attribute is there when one of its parts is."""
        parts = [
            column
            for (name, sub), column in self.layout.columns.items()
            if name == binding.field_name and (binding.sub_field_name is None or sub == binding.sub_field_name)
        ]
        found = _known(parts[0] if parts else None, path).present()
        for column in parts[1:]:
            found |= column.present()
        return found

    def _schemas(self, node: Comparison) -> Q:
        """Every resource of a type has the same core schema; extensions do not tell rows apart."""
        if node.op not in {CompareOperator.eq, CompareOperator.ne} or self.found.model is None:
            raise InvalidFilterException(detail="schemas can be compared with eq and ne alone")
        same = str(node.value).lower() == str(getattr(self.found.model, "__schema__", "")).lower()
        return EVERYTHING if same == (node.op == CompareOperator.eq) else NOTHING


class _OfValues(FilterVisitor[Q]):
    """The filter inside brackets, on the rows of one multi-valued attribute."""

    def __init__(self, rows: Rows, binding: AttributeBinding) -> None:
        self.rows, self.binding = rows, binding

    visit_logical_expr = _ToQ.visit_logical_expr

    def visit_not(self, node: Not) -> Q:
        return ~self.visit(node.expr)

    def visit_present(self, node: Present) -> Q:
        return self._column(node.attr_path).present()

    def visit_comparison(self, node: Comparison) -> Q:
        column = self._column(node.attr_path)
        value = _flag(node.value) if column.kind == "flag" else node.value
        found = column.matching(CompareOperator.eq if node.op == CompareOperator.ne else node.op, value)
        return ~found if node.op == CompareOperator.ne else found

    def visit_value_path(self, node: ValuePath) -> Q:
        raise InvalidFilterException(detail="brackets do not stand inside brackets")

    def _column(self, path: AttrPath) -> Column:
        name = next((key for key in self.rows.columns if key and key.lower() == path.attr.lower()), None)
        return _known(self.rows.columns.get(name) if name and not path.sub_attr else None, path)


def _flag(value: Any) -> bool:
    """Providers write `primary eq "True"` as well."""
    if isinstance(value, bool):
        return value
    if str(value).lower() in {"true", "false"}:
        return str(value).lower() == "true"
    raise InvalidFilterException(detail="the attribute is true or false")


def _known(column: Column | None, path: AttrPath) -> Column:
    if column is None:
        raise InvalidFilterException(detail=f"{path} cannot be used in a filter")
    return column


def _owners(rows: Rows, condition: Q) -> Q:
    """Those who have such a value: a subquery that stands for itself, so that it can be answered once."""
    return Q(pk__in=rows.model._default_manager.filter(condition).values(rows.owner))


def sorted_by(
    rows: models.QuerySet[Any], path: Path[Any], model: type[Any], layout: Layout, *, descending: bool
) -> Any:
    """Rows in the order asked for, and by id among equals, so that pages do not overlap.

    Rows without a value come last, first when descending. Raises InvalidPathException for what cannot be sorted by.
    """
    binding = path.resolve(model)
    if binding is None:
        return rows.order_by("id")
    expression = _ordering(binding, layout, path)
    order = expression.desc(nulls_first=True) if descending else expression.asc(nulls_last=True)
    return rows.order_by(order, "id")


def _ordering(binding: AttributeBinding, layout: Layout, path: Path[Any]) -> Any:
    if binding.field_name == "emails":
        column = layout.rows["emails"].columns.get(binding.sub_field_name or "value")
        if column is not None:
            own = layout.rows["emails"].model._default_manager.filter(person=OuterRef("pk"))
            return Subquery(own.order_by("-primary", "id").values(column.twin or column.path)[:1])
    found = layout.columns.get((binding.field_name, binding.sub_field_name))
    if found is None or found.kind == "constant":
        raise InvalidPathException(path=str(path), detail=f"results cannot be sorted by {path}")
    if found.kind in {"text", "exact"}:
        return NullIf(found.ordering(), Value("", output_field=models.TextField()))
    return F(found.path)
