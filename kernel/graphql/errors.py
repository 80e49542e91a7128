"""Errors of a GraphQL answer: the refusals of all other interfaces, with the same codes, in `extensions`."""

from collections.abc import Iterable
from typing import Any

import structlog
from django.utils.translation import gettext as _
from graphql import GraphQLError

from kernel.errors import Refusal
from kernel.graphql.limits import QueryInvalid
from kernel.rest.problems import as_refusal

log = structlog.get_logger(__name__)

CLASSES = {
    401: "AUTHENTICATION",
    403: "AUTHORIZATION",
    404: "NOT_FOUND",
    409: "CONFLICT",
    429: "RATE_LIMITED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
"""HTTP status of a refusal → `errorClass`; what is missing here is VALIDATION."""
RESERVED = frozenset({"code", "errorClass", "status", "pointer", "errors"})


class InternalError(Refusal):
    """A mistake of the program; the log has it under the request's id."""

    code = "INTERNAL_ERROR"
    status = 500


def error_of(refusal: Refusal) -> dict[str, Any]:
    """A refusal as a member of `errors`."""
    extensions: dict[str, Any] = {
        "code": refusal.code,
        "errorClass": CLASSES.get(refusal.status, "VALIDATION"),
        "status": refusal.status,
        **{name: value for name, value in refusal.details.items() if name not in RESERVED},
    }
    if refusal.errors:
        extensions["pointer"] = refusal.errors[0].pointer
        extensions["errors"] = [{"pointer": one.pointer, "detail": one.message} for one in refusal.errors]
    return {"message": refusal.message, "extensions": extensions}


def errors_of(found: Iterable[GraphQLError]) -> list[dict[str, Any]]:
    """The errors of an answer; one that many rows share is told once, with the path of the first."""
    told: dict[tuple[Any, ...], dict[str, Any]] = {}
    for error in found:
        body = _told(error)
        names = tuple(step for step in error.path or () if isinstance(step, str))
        told.setdefault((body["extensions"]["code"], body["message"], names), body)
    return list(told.values())


def _told(error: GraphQLError) -> dict[str, Any]:
    refusal = _refusal(error)
    body = error_of(refusal) if refusal is not None else _unexpected(error)
    if error.path is not None:
        body["path"] = error.path
    if error.locations:
        body["locations"] = [{"line": one.line, "column": one.column} for one in error.locations]
    return body


def _refusal(error: GraphQLError) -> Refusal | None:
    cause: Any = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if cause is None or isinstance(cause, GraphQLError):
        # The library's own words: the document did not fit the schema, or a value did not fit its type.
        return QueryInvalid(error.message)
    return as_refusal(cause)


def _unexpected(error: GraphQLError) -> dict[str, Any]:
    """A mistake of the program: nothing of it leaves the house but that it happened."""
    log.error("graphql field failed", path=error.path, exc_info=error.original_error)
    return error_of(InternalError(_("Something went wrong on our side. The request id finds it in the log.")))
