"""What a browser session knows, and the one place where one begins.

Keys: ORGANIZATION is where it works; STARTED and LAST_SEEN, in seconds since 1970, serve the absolute and the idle
limit; METHOD is how the account proved itself; CONNECTION is the SAML connection that vouched for it until ENDS.
"""

from datetime import datetime
from uuid import UUID

from django.contrib.auth import login
from django.http import HttpRequest

from audit.operations import trail
from identity import operations, queries
from identity.backends import PasswordBackend
from identity.models import Account
from kernel.clock import SystemClock
from kernel.rest import request_id_of

ORGANIZATION = "organization_id"
STARTED = "started"
LAST_SEEN = "last_seen"
METHOD = "method"
CONNECTION = "connection_id"
ENDS = "ends"
PASSWORD = "password"  # noqa: S105  # the name of a method
SAML = "saml"


def begin(
    request: HttpRequest,
    *,
    account: Account,
    method: str,
    connection_id: UUID | None = None,
    ends_at: datetime | None = None,
) -> None:
    """Signs the account in with a fresh session key. It works nowhere before `work_in`.

    A session that a connection vouches for (`connection_id`) works in the organisation of that connection alone, and
    no longer than `ends_at`.
    """
    login(request, account, backend=f"{PasswordBackend.__module__}.{PasswordBackend.__qualname__}")
    now = int(SystemClock().now().timestamp())
    request.session[STARTED] = request.session[LAST_SEEN] = now
    request.session[METHOD] = method
    if connection_id is not None:
        request.session[CONNECTION] = str(connection_id)
    if ends_at is not None:
        request.session[ENDS] = int(ends_at.timestamp())


def work_in(request: HttpRequest, *, account: Account, membership: queries.LiveMembership) -> None:
    """The session works in the organisation of this membership from now on; the sign-in stands in its ledger."""
    actor = queries.principal_for(account, membership)
    with trail(organization_id=actor.organization_id, actor=actor, request_id=request_id_of(request)) as opened:
        operations.record_sign_in(account=account, trail=opened)
    request.session[ORGANIZATION] = str(membership.organization_id)


def is_bound(request: HttpRequest) -> bool:
    """A connection vouches for this session: it may not be taken to another organisation."""
    return CONNECTION in request.session
