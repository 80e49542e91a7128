"""The log lines of a request: its id and its path, never its query."""

import re
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware

FROM_OUTSIDE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""An id that a proxy may give. The ledger keeps it for ever, so it is no place for anybody's words."""


REQUEST_ID = "X-Request-ID"


def name_request(request: HttpRequest) -> None:
    """Gives the request its id: the one that a proxy gave, or a new one."""
    given = request.META.get("HTTP_X_REQUEST_ID", "")
    named: Any = request
    named.id = given if FROM_OUTSIDE.fullmatch(given) else str(uuid4())
    # What asks for the header later reads the id, not what a client wrote there.
    request.META["HTTP_X_REQUEST_ID"] = named.id


class PathOnlyRequestMiddleware(RequestMiddleware):
    """Gives each request an id, which its log lines, its ledger entries and its answer (X-Request-ID) carry.

    What people search for is in the query, names of people among it; names do not belong into logs.
    """

    def prepare(self, request: HttpRequest) -> None:
        name_request(request)
        # The library reads the header, of which Django may have kept a copy.
        vars(request).pop("headers", None)
        super().prepare(request)

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        super().handle_response(request, response)
        response[REQUEST_ID] = request.META["HTTP_X_REQUEST_ID"]

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"
