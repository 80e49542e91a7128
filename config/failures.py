"""What no view answered: pages for people, and for programs a body in the words of the interface that they asked.

None of this may fail itself: nothing here reads the database or a session.
"""

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views import defaults

from identity.scim.problems import Problem
from identity.scim.problems import json_response as scim_response
from kernel.errors import InvalidInput, NotFound, PermissionRefused, Refusal
from kernel.graphql.errors import InternalError, error_of
from kernel.rest.problems import PROBLEM, problem_body

REST = "/api/"
GRAPHQL = "/graphql/"
SCIM = "/scim/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    refusal = InvalidInput(_("The request cannot be read."))
    return _for_programs(request, refusal) or defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    refusal = PermissionRefused(_("Your roles do not allow this."))
    return _for_programs(request, refusal) or defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    refusal = NotFound(_("There is no such address."))
    return _for_programs(request, refusal) or defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """A mistake of the program; what it was stands in the log, under the id of the request, and nowhere else."""
    refusal = InternalError(_("Something went wrong on our side. The request id finds it in the log."))
    return _for_programs(request, refusal) or defaults.server_error(request)


def _for_programs(request: HttpRequest, refusal: Refusal) -> HttpResponse | None:
    """The refusal as REST, GraphQL or SCIM say it; None at addresses for people."""
    path = request.path_info
    if path.startswith(SCIM):
        return _kept_by_nobody(scim_response(Problem(refusal.status, "", refusal.message).body, status=refusal.status))
    if path.startswith(REST):
        return _json(problem_body(refusal), status=refusal.status, kind=PROBLEM)
    if path.startswith(GRAPHQL):
        return _json({"errors": [error_of(refusal)]}, status=refusal.status, kind="application/json")
    return None


def _json(body: dict[str, Any], *, status: int, kind: str) -> HttpResponse:
    return _kept_by_nobody(HttpResponse(orjson.dumps(body), status=status, content_type=kind))


def _kept_by_nobody(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
