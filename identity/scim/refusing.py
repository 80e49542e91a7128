"""What stands in the place of django_scim's own authentication."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from identity.scim.errors import Unauthorized, error_response


class RefuseBrowserSessions:
    """Refuses everything. Our views authenticate by bearer token and never reach it; a view of the library that was
    mounted by mistake would otherwise open to any signed-in browser."""

    def __init__(self, get_response: Any = None) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return error_response(Unauthorized("a bearer token is needed"))
