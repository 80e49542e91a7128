"""The short way for the call that shipped software makes by the million: `POST /api/v1/validate`.

It needs no session, account, language, form token or page, and half of a request's time would go into preparing them.
What a validation answers is the same on both ways (tests/config/test_client_calls.py); here it comes without the log's
two lines and without the request's own metrics: answers are counted by `seatledger_answers_total`.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse, HttpResponseBase
from django.middleware.security import SecurityMiddleware
from django.utils import translation

from config.null_bytes import RefuseNullBytes
from config.request_log import REQUEST_ID, name_request

SHORT = frozenset({"/api/v1/validate"})

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class ClientCallHandler(WSGIHandler):
    """Django's handler with the two of our middlewares that concern such a call."""

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        handler: Any = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]  # missing in stubs
        for middleware in (RefuseNullBytes, SecurityMiddleware):
            handler = convert_exception_to_response(middleware(handler))
        self._middleware_chain = handler

    def get_response(self, request: Any) -> HttpResponseBase:
        # Whatever language the thread's last visitor reads.
        translation.deactivate()
        name_request(request)
        response = super().get_response(request)
        response[REQUEST_ID] = request.id
        # Without it gunicorn sends chunks, and no connection is kept for the next question as cheaply.
        if isinstance(response, HttpResponse):
            response["Content-Length"] = str(len(response.content))
        return response


def routed(pages: Application, calls: Application) -> Application:
    """Such calls to `calls`, everything else to `pages`."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        way = calls if environ.get("PATH_INFO") in SHORT else pages
        return way(environ, start_response)

    return application
