"""Requests that nobody sends by mistake: every address of the project, and bodies made from the OpenAPI document."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from tests.architecture.documented import openapi_document

NOBODY = "01900000-0000-7000-8000-000000000000"
TEXTS = ("9" * 40, "-1", "x" * 5000, "([{\\'\"", "0001-01-01", "\u0663\ufffd\U0001f4a9\u202e")
"""For queries and paths: numbers beyond every column, patterns, dates at the edge, odd digits and letters."""
ALONE: tuple[Any, ...] = ("\ud800", "0001-01-01T00:00:00+14:00", 2**31, 2**70, [[["x"]]])
"""For one member of a body that is good otherwise."""
TOGETHER: tuple[Any, ...] = (
    "a\x00b",
    "x" * 20_000,
    "\u0663" * 50,
    -1,
    1e308,
    [],
    {"\x00": "\x00"},
    {"a": 2**70},
    NOBODY,
)
"""For all members of a body at once."""
BODIES = (
    b"",
    b"null",
    b"[1]",
    b"[" * 50_000,
    b'{"a":' * 50_000,
    b'{"a":"\xff"}',
    b'{"a":1e999}',
    b'{"\\u0000":"\\ud800"}',
)
PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
FILTERS = (
    "page per_page sort q search state status kind cursor limit after before subject organization next within pool "
    "person device product o p e all _to_field _popup _changelist_filters term app_label model_name field_name id__in "
    "publisher parent"
).split()
"""What pages and the admin read from a query; those of REST stand in the OpenAPI document."""


T = TypeVar("T")
OF_SEVEN: dict[bool, frozenset[int]] = {True: frozenset({0}), False: frozenset({1, 3, 5})}
"""Embedded or not → which of each seven questions are asked."""


def chosen(asked: Iterable[T]) -> list[T]:
    """Three of seven on PostgreSQL, which minds most (SQLite takes texts and numbers that its columns refuse), and
    another one of seven on SQLite. Seven is prime to the numbers of texts, so that the addresses together meet each."""
    return [one for number, one in enumerate(asked) if number % 7 in OF_SEVEN[settings.EMBEDDED]]


def routes(patterns: list[Any] | None = None, prefix: str = "/") -> Iterator[str]:
    """Every address as it is written in the patterns."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(entry.pattern).removeprefix("^").removesuffix("$").removesuffix(r"\Z")
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, route)
        elif isinstance(entry, URLPattern):
            yield route


def filled(route: str, value: str) -> str:
    """The address with every parameter of it put in; a whole number where the pattern takes nothing else."""
    return PARAMETER.sub(lambda found: "1" if found[1] == "int" else value, route)


class Operation:
    """One operation of the OpenAPI document."""

    def __init__(self, document: Mapping[str, Any], path: str, method: str, stated: Mapping[str, Any]) -> None:
        self.document, self.path, self.method = document, path, method.upper()
        self.queries = [one["name"] for one in stated.get("parameters", ()) if one["in"] == "query"]
        content = stated.get("requestBody", {}).get("content", {})
        self.schema = self._resolved(content.get("application/json", {}).get("schema", {}))

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema behind references, the first where several are allowed."""
        for key in ("allOf", "oneOf", "anyOf"):
            if key in schema:
                return self._resolved(schema[key][0])
        if "$ref" not in schema:
            return schema
        return self._resolved(self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])

    def body(self, rows: Mapping[str, str]) -> dict[str, Any]:
        """A body that could be meant; `rows` are ids of existing rows by the name of the member that refers to them."""
        return {name: self._value(name, schema, rows) for name, schema in self.schema.get("properties", {}).items()}

    def _value(self, name: str, schema: Mapping[str, Any], rows: Mapping[str, str]) -> Any:
        schema = self._resolved(schema)
        if "enum" in schema:
            return schema["enum"][0]
        kind = schema.get("type")
        if kind == "array":
            return [self._value(name, schema["items"], rows)]
        if kind == "object":
            return {key: self._value(key, inner, rows) for key, inner in schema.get("properties", {}).items()}
        samples: dict[tuple[Any, Any], Any] = {
            ("string", "uuid"): rows.get(name, NOBODY),
            ("string", "date-time"): "2027-01-01T00:00:00Z",
            ("string", "date"): "2026-01-01",
            ("string", "decimal"): "10.00",
        }
        words = {"currency": "EUR", "territory": "NO", "email": "kim@example.org", "code": "code"}
        plain = {"string": words.get(name, "Words"), "integer": 1, "number": 1, "boolean": False}
        return samples.get((kind, schema.get("format")), plain.get(str(kind)))


def operations() -> list[Operation]:
    """Every operation of the REST interface."""
    document = json.loads(openapi_document())
    return [
        Operation(document, path, method, stated)
        for path, methods in document["paths"].items()
        for method, stated in methods.items()
    ]
