"""Puts the principal of the session on the request. Opens neither scope nor trail: those belong in views."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from identity import queries
from identity.models import Account
from identity.operations import session_seen
from identity.sessions import ABSOLUTE, ENDS, IDLE, LAST_SEEN, STARTED, digest_of, membership_of, step_of
from kernel.clock import SystemClock
from kernel.principal import Principal


class PrincipalMiddleware:
    """`request.principal` is the Principal of the signed-in account in the session's organisation, or None.

    Read from the database once per request and only when asked for, so that an ended membership ends at once. A session
    that lacks a second factor which its roles or its organisation demand has no principal.
    A session that was idle for 30 minutes is over, every session 12 hours after the sign-in, or as much earlier as the
    organisation decided, and one that an identity provider vouched for when it said so.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.clock = SystemClock()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self._end_if_due(request)
        request.principal = SimpleLazyObject(lambda: self._principal(request))  # type: ignore[attr-defined]  # HttpRequest is open by design
        return self.get_response(request)

    def _end_if_due(self, request: HttpRequest) -> None:
        """The cookie's own age does not do: each write to a session begins it anew."""
        seen = request.session.get(LAST_SEEN)
        if seen is None:
            return
        at = self.clock.now()
        now = int(at.timestamp())
        idle = min(settings.IDLE_SECONDS, request.session.get(IDLE, settings.IDLE_SECONDS))
        absolute = min(settings.SESSION_COOKIE_AGE, request.session.get(ABSOLUTE, settings.SESSION_COOKIE_AGE))
        started = request.session.get(STARTED, 0)
        ends = request.session.get(ENDS, now)
        if now - seen > idle or now - started > absolute or now > ends:
            logout(request)
        elif now - seen >= 60:
            # Once a minute is exact enough and spares a session write on every request.
            request.session[LAST_SEEN] = now
            session_seen(digest=digest_of(request), at=at)

    def _principal(self, request: HttpRequest) -> Principal | None:
        account: Any = request.user
        if not isinstance(account, Account) and not getattr(account, "is_authenticated", False):
            return None
        membership = membership_of(request, account.pk)
        if membership is None or step_of(request.session, membership.roles) is not None:
            return None
        return queries.principal_for(account, membership)
