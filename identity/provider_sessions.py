"""Sessions that an identity provider vouches for go on as long as it does.

The session names a row of the connection's organisation; whoever ends the row (the provider's log-out, a connection
that is switched off) ends the session with its next request, wherever it is stored and whatever its key is by then.
"""

from collections.abc import Callable
from uuid import UUID

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from identity.queries.single_sign_on import provider_session_goes_on
from identity.sessions import CONNECTION, ORGANIZATION, PROVIDER_SESSION
from kernel.scope import scope


class ProviderSessionMiddleware:
    """Signs out whoever's provider no longer vouches. Sessions by password cost nothing; others one query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if CONNECTION in request.session and not goes_on(request):
            logout(request)
        return self.get_response(request)


def row_of(request: HttpRequest) -> UUID | None:
    found = request.session.get(PROVIDER_SESSION)
    return UUID(found) if found else None


def goes_on(request: HttpRequest) -> bool:
    """The provider has not ended this session, and its connection is still switched on."""
    row_id, organization_id = row_of(request), request.session.get(ORGANIZATION)
    if row_id is None or organization_id is None:
        return False
    with scope(UUID(organization_id)):
        return provider_session_goes_on(row_id)
