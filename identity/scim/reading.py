"""Reads what a request carries: a JSON object of bounded size, the query, and the versions that a client has seen."""

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson
from django.http import HttpRequest
from scim2_models import InvalidSyntaxException, InvalidValueException, SearchRequest

from identity.queries.scim_filter import check_text
from identity.scim.errors import BodyNotJson, PayloadTooLarge
from identity.scim.resources import MOST_BYTES, MOST_RESULTS, USUAL_RESULTS

PARAMETERS: Final = {
    name.lower(): name
    for name in ("filter", "sortBy", "sortOrder", "startIndex", "count", "attributes", "excludedAttributes")
}
"""What a query may say; everything else in it is for other services, such as Entra's own switches."""
TAG = re.compile(r'(?:W/)?"?(\d{1,9})"?')
DEEPEST_BODY: Final = 32
FARTHEST: Final = 2**31 - 1


def read_body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of a body. Raises BodyNotJson, PayloadTooLarge and SCIM's own exceptions."""
    kind = request.content_type or ""
    if kind and "json" not in kind.lower():
        raise BodyNotJson("the body must be application/scim+json or application/json")
    length = request.META.get("CONTENT_LENGTH") or "0"
    body = b"" if length.isdigit() and int(length) > MOST_BYTES else request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES or (length.isdigit() and int(length) > MOST_BYTES):
        raise PayloadTooLarge(f"the body has more than {MOST_BYTES} bytes")
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidSyntaxException(detail="the body is not JSON in UTF-8") from error
    if not isinstance(data, dict):
        raise InvalidSyntaxException(detail="the body is not a JSON object")
    _check(data, 1)
    return data


def _check(value: Any, level: int) -> None:
    """No text with a NUL, which the database cannot store, and no endless nesting."""
    if level > DEEPEST_BODY:
        raise InvalidSyntaxException(detail=f"the body has more than {DEEPEST_BODY} levels")
    if isinstance(value, str) and "\0" in value:
        raise InvalidValueException(detail="a text contains the character NUL")
    if isinstance(value, dict):
        for key, item in value.items():
            _check(key, level)
            _check(item, level + 1)
    elif isinstance(value, list):
        for item in value:
            _check(item, level + 1)


def query_of(request: HttpRequest) -> dict[str, Any]:
    """The known parameters of the address."""
    return {PARAMETERS[name.lower()]: value for name, value in request.GET.items() if name.lower() in PARAMETERS}


def search_of(data: Mapping[str, Any], models: Any) -> SearchRequest[Any]:
    """A query against one type of resource or a union of them. Raises InvalidFilterException and ValidationError."""
    text = next((value for name, value in data.items() if name.lower() == "filter"), None)
    if isinstance(text, str):
        check_text(text)
    given = {name: value for name, value in data.items() if name.lower() != "schemas" and value not in (None, "")}
    found: SearchRequest[Any] = SearchRequest[models].model_validate(_bounded(given))
    if found.count is None:
        found.count = USUAL_RESULTS
    found.count = min(found.count, MOST_RESULTS)
    return found


def _bounded(given: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers beyond what any list has mean its end."""
    bounded = dict(given)
    for name, value in given.items():
        if name.lower() in {"startindex", "count"} and re.fullmatch(r"[+-]?\d{1,400}", str(value).strip()):
            bounded[name] = max(min(int(value), FARTHEST), -FARTHEST)
    return bounded


def versions_of(header: str | None) -> frozenset[int] | None:
    """The versions that an If-Match names; None where there is none, or `*`, which any version satisfies."""
    if header is None or header.strip() == "*":
        return None
    return frozenset(int(found.group(1)) for part in header.split(",") if (found := TAG.fullmatch(part.strip())))
