"""Payloads as providers send them, put into the words of the standard before they are read.

Microsoft Entra ID names a manager by a bare string, and members and managers with `$ref: null`; Okta puts the id of the
resource into the value of a PATCH. Names of attributes compare in any case.
"""

from collections.abc import Mapping
from typing import Any

from identity.scim.resources import ENTERPRISE_SCHEMA

JsonObject = dict[str, Any]
SERVICE_SIDE = frozenset({"id", "meta", "groups"})
"""What the service alone decides; a value that repeats it asks for nothing."""


def tidy_resource(data: Mapping[str, Any]) -> JsonObject:
    """A resource of a POST or PUT."""
    tidied = {name: _without_null_refs(value) for name, value in data.items() if name.lower() not in SERVICE_SIDE}
    for name, value in tidied.items():
        if name.lower() == ENTERPRISE_SCHEMA.lower() and isinstance(value, dict):
            tidied[name] = {key: _manager(item) if key.lower() == "manager" else item for key, item in value.items()}
        if name.lower() == "members":
            tidied[name] = _entries(value)
    return tidied


def tidy_patch(data: Mapping[str, Any]) -> JsonObject:
    """The body of a PATCH."""
    return {
        name: [_operation(one) for one in value] if name.lower() == "operations" and isinstance(value, list) else value
        for name, value in data.items()
    }


def _operation(given: Any) -> Any:
    if not isinstance(given, dict):
        return given
    operation = {name.lower(): value for name, value in given.items()}
    path, value = operation.get("path"), _without_null_refs(operation.get("value"))
    if path == "":
        operation.pop("path")
    if isinstance(path, str) and path.lower() in {"manager", f"{ENTERPRISE_SCHEMA}:manager".lower()}:
        operation["path"], value = f"{ENTERPRISE_SCHEMA}:manager", _manager(value)
    elif isinstance(path, str) and path.lower() == "members":
        value = _entries(value)
    elif not path and isinstance(value, dict):
        value = tidy_resource({name: item for name, item in value.items() if name.lower() != "schemas"})
    if "value" in operation:
        operation["value"] = value
    return operation


def _manager(value: Any) -> Any:
    """Always an object; nobody where it is empty."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, str):
        value = {"value": value}
    if isinstance(value, dict) and not value.get("value"):
        return None
    return value


def _entries(value: Any) -> Any:
    """Members are objects; some send ids alone, or one object where a list belongs."""
    entries = value if isinstance(value, list) else [] if value is None else [value]
    return [{"value": one} if isinstance(one, str) else one for one in entries]


def _without_null_refs(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_null_refs(one) for one in value]
    if isinstance(value, dict):
        return {key: item for key, item in value.items() if not (key.lower() == "$ref" and item is None)}
    return value
