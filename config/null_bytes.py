"""No address takes a NUL: neither in its path, nor in its query, nor in a cookie."""

from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse


class RefuseNullBytes:
    """Answers 400 before anything else looks at the request.

    PostgreSQL cannot even be asked for a text with a NUL, and forms refuse it in what is typed; what libraries put
    into queries unasked (filters and history of the admin, the session's key) would be an error of the server.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        written = (request.path_info, *request.COOKIES.values())
        if "%00" in request.META.get("QUERY_STRING", "") or any("\0" in text for text in written):
            raise SuspiciousOperation("NUL in an address or cookie")
        return self.get_response(request)
