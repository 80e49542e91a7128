"""The operations of a group's PATCH that speak of members, as changes; the others stay for the library."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from scim2_models import Context, InvalidPathException, InvalidValueException, MutabilityException, PatchOp, Path
from scim2_models.path import CompareOperator, Comparison, FilterNode, LogicalExpr, LogicalOperator

from identity.rules.provisioning import MemberChanges
from identity.scim import resources
from identity.scim.adapters import person_id

JsonObject = dict[str, Any]


def member_changes(data: Mapping[str, Any]) -> tuple[Any, MemberChanges]:
    """The PatchOp of everything else, or None where nothing is left, and what happens to the members.

    The whole body is validated first. Raises ValidationError and SCIM's own exceptions.
    """
    whole: Any = PatchOp[resources.Group].model_validate(data, scim_ctx=Context.RESOURCE_PATCH_REQUEST)
    changes, others = MemberChanges(), []
    for operation in whole.operations:
        rest = _take_members(operation, changes)
        if rest is not None:
            others.append(rest)
    if not others:
        return None, changes
    left = {"schemas": [str(PatchOp.__schema__)], "Operations": others}
    return PatchOp[resources.Group].model_validate(left, scim_ctx=Context.RESOURCE_PATCH_REQUEST), changes


def _take_members(operation: Any, changes: MemberChanges) -> JsonObject | None:
    """Notes what the operation does to members; returns what is left of it."""
    kind, path, value = operation.op.value, operation.path, operation.value
    if path is not None and _about_members(path):
        _apply(kind, path, value, changes)
        return None
    if path is None and isinstance(value, dict):
        kept = {name: item for name, item in value.items() if name.lower() != "members"}
        for name in value.keys() - kept.keys():
            _apply(kind, Path[resources.Group]("members"), value[name], changes)
        if not kept:
            return None
        value = kept
    given = {"op": kind, "path": str(path) if path is not None else None, "value": value}
    return {name: item for name, item in given.items() if item is not None or (name == "value" and kind == "replace")}


def _about_members(path: Path[Any]) -> bool:
    binding = path.resolve(resources.Group)
    return binding is not None and binding.field_name == "members"


def _apply(kind: str, path: Path[Any], value: Any, changes: MemberChanges) -> None:
    selected = path.value_filter
    if selected is not None:
        if kind != "remove" or path._as_value_path().sub_attr:  # type: ignore[union-attr]  # a filter stands in a value path
            raise MutabilityException(detail="members are added and removed, not changed")
        changes.remove(_selected(selected))
    elif str(path).rpartition(":")[2].lower() != "members":
        raise MutabilityException(detail="members are added and removed, not changed")
    elif kind == "remove":
        changes.clear() if value is None else changes.remove(_named(value))
    elif kind == "add":
        changes.add(_named(value))
    else:
        changes.replace(_named(value))


def _named(value: Any) -> Iterator[UUID]:
    for one in value if isinstance(value, list) else [] if value is None else [value]:
        given = (
            next((item for key, item in one.items() if key.lower() == "value"), None) if isinstance(one, dict) else None
        )
        if not isinstance(given, str):
            raise InvalidValueException(detail="a member is an object with the id of a person as its value")
        yield person_id(given)


def _selected(node: FilterNode) -> Iterator[UUID]:
    """Ids in `value eq "…"`, alone or joined by `or`: what can be removed without loading the group."""
    if isinstance(node, LogicalExpr) and node.op == LogicalOperator.or_:
        for term in node.terms:
            yield from _selected(term)
    elif isinstance(node, Comparison) and node.op == CompareOperator.eq and str(node.attr_path).lower() == "value":
        yield person_id(str(node.value))
    else:
        raise InvalidPathException(detail='members are selected by value eq "id"')
