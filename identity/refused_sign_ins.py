"""How django-axes stores refused sign-ins here: without what a browser says of itself."""

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.http import HttpRequest


class WithoutBrowsers(AxesDatabaseHandler):  # type: ignore[misc]  # the library has no types
    """The library's own, except that User-Agent and Accept are stored empty: the count is of a name from a network, a
    browser's words add nothing to it and tell people apart. No setting of the library leaves them out."""

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **more: Any
    ) -> None:
        if request is not None:
            told: Any = request
            told.axes_user_agent = told.axes_http_accept = ""
        super().user_login_failed(sender, credentials, request, **more)
