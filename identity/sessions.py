"""What a browser session knows, and the one place where one begins.

Keys: ORGANIZATION is where it works; STARTED and LAST_SEEN, in seconds since 1970, serve the absolute and the idle
limit, which IDLE and ABSOLUTE may tighten; METHOD is how the account proved itself, PROVED when it last did;
CONNECTION is the SAML connection that vouched for it until ENDS, PROVIDER_SESSION the row that says whether it still
does; FACTOR is when the second factor was given, ENROLLED says that the account has one, DEMANDED names the roles of
which the organisation asks it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import login
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.operations import trail
from identity import operations, queries
from identity.backends import PasswordBackend
from identity.models import Account
from identity.operations.sso_policy import BREAK_GLASS_FOR, record_broken_glass
from identity.privacy import truncated_address
from identity.queries import single_sign_on
from identity.rules.browsers import browser_family
from identity.rules.second_factor import Step, demanded, missing
from identity.session_store import stored_key
from kernel.clock import SystemClock
from kernel.pages import PROVED
from kernel.principal import system
from kernel.rest import request_id_of
from kernel.scope import scope

ORGANIZATION = "organization_id"
STARTED = "started"
LAST_SEEN = "last_seen"
METHOD = "method"
CONNECTION = "connection_id"
PROVIDER_SESSION = "saml_session_id"
ENDS = "ends"
IDLE = "idle_seconds"
ABSOLUTE = "absolute_seconds"
FACTOR = "second_factor_at"
ENROLLED = "second_factor_enrolled"
DEMANDED = "second_factor_roles"
BEGINS_WITHOUT = (FACTOR, ENROLLED, DEMANDED, CONNECTION, PROVIDER_SESSION, ENDS, ORGANIZATION, IDLE, ABSOLUTE)
PASSWORD = "password"  # noqa: S105  # the name of a method
SAML = "saml"
METHODS = {PASSWORD: _("Password"), SAML: _("Identity provider")}


@dataclass(frozen=True)
class Visitor:
    """Who is behind a session: the account, its membership where an organisation is chosen, and what it still lacks
    before it may work there."""

    account: Account
    membership: queries.LiveMembership | None
    step: Step | None


def begin(
    request: HttpRequest,
    *,
    account: Account,
    method: str,
    connection_id: UUID | None = None,
    ends_at: datetime | None = None,
) -> None:
    """Signs the account in with a fresh session key. It works nowhere before `work_in`, and with a second factor not
    before `pass_factor` either.

    A session that a connection vouches for (`connection_id`) works in the organisation of that connection alone, and
    no longer than `ends_at`.
    """
    for key in BEGINS_WITHOUT:
        request.session.pop(key, None)
    before = request.session.session_key
    login(request, account, backend=f"{PasswordBackend.__module__}.{PasswordBackend.__qualname__}")
    if request.session.session_key in (None, before):
        # Django keeps the key of whoever signs in again, and has none yet after somebody else was signed in.
        request.session.cycle_key()
    at = SystemClock().now()
    request.session[STARTED] = request.session[LAST_SEEN] = request.session[PROVED] = int(at.timestamp())
    request.session[METHOD] = method
    request.session[ENROLLED] = queries.has_second_factor(account.pk)
    if connection_id is not None:
        request.session[CONNECTION] = str(connection_id)
    if ends_at is not None:
        request.session[ENDS] = int(ends_at.timestamp())
    operations.start_session(
        digest=digest_of(request),
        account=account,
        method=method,
        browser=browser_family(request.headers.get("User-Agent", "")),
        network=truncated_address(request),
        at=at,
    )


def work_in(request: HttpRequest, *, account: Account, membership: queries.LiveMembership) -> None:
    """The session works in the organisation of this membership from now on, as soon as it has what that demands; the
    sign-in stands in its ledger from that moment."""
    actor = queries.principal_for(account, membership)
    session: Any = request.session
    with trail(organization_id=actor.organization_id, actor=actor, request_id=request_id_of(request)) as opened:
        demands = queries.sign_in_demands()
        vouched = demands.provider_vouches and session.get(METHOD) == SAML
        session[DEMANDED] = [] if vouched else list(demands.second_factor_roles)
        session[IDLE], session[ABSOLUTE] = demands.idle_minutes * 60, demands.absolute_hours * 3600
        if step_of(session, membership.roles) is None:
            _record(session, account, opened)
    session[ORGANIZATION] = str(membership.organization_id)
    operations.session_works_in(digest=digest_of(request), organization_id=membership.organization_id)


def pass_factor(request: HttpRequest, visitor: Visitor) -> None:
    """The second factor was given: the session gets a fresh key and may work where it was about to."""
    request.session.cycle_key()
    at = SystemClock().now()
    request.session[FACTOR] = request.session[PROVED] = int(at.timestamp())
    request.session[ENROLLED] = True
    operations.session_passed_factor(digest=digest_of(request), at=at)
    if visitor.membership is not None and visitor.step is not None:
        actor = queries.principal_for(visitor.account, visitor.membership)
        with trail(organization_id=actor.organization_id, actor=actor, request_id=request_id_of(request)) as opened:
            _record(request.session, visitor.account, opened)


def give_up_factor(request: HttpRequest) -> None:
    """The account has no second factor any more, and this session is judged without one."""
    request.session.pop(FACTOR, None)
    request.session[ENROLLED] = False


def step_of(session: Any, roles: Any) -> Step | None:
    """What the session lacks before somebody with these roles may work in it. Asks no database: policy and enrolment
    were read at the sign-in, and whatever changes them ends the sessions that it concerns."""
    return missing(
        proved=FACTOR in session,
        enrolled=bool(session.get(ENROLLED)),
        demanded=demanded(roles, session.get(DEMANDED, ())),
    )


def visitor_of(request: HttpRequest) -> Visitor | None:
    """Who is behind the session, with or without the right to work already; None for visitors."""
    user: Any = request.user
    if not user.is_authenticated:
        return None
    account = Account.objects.get(pk=user.pk)
    membership = membership_of(request, account.pk)
    return Visitor(account, membership, step_of(request.session, membership.roles if membership else ()))


def membership_of(request: HttpRequest, account_id: UUID) -> queries.LiveMembership | None:
    """The membership of the organisation that the session chose, while it holds."""
    chosen = request.session.get(ORGANIZATION)
    if chosen is None:
        return None
    found = queries.memberships_of(account_id, at=SystemClock().now())
    return next((one for one in found if str(one.organization_id) == chosen), None)


def prove(request: HttpRequest) -> None:
    """The account has just given its password or a code once more."""
    request.session[PROVED] = int(SystemClock().now().timestamp())


def digest_of(request: HttpRequest) -> str:
    """Under which the session rests in the database."""
    return stored_key(str(request.session.session_key))


def is_bound(request: HttpRequest) -> bool:
    """A connection vouches for this session: it may not be taken to another organisation."""
    return CONNECTION in request.session


def break_glass(request: HttpRequest, *, account: Account, organization_id: UUID) -> None:
    """After a sign-in by password where the company's sign-in is the only way: the owners are told, the session is
    short. Nothing happens for everybody else."""
    with scope(organization_id):
        policy = single_sign_on.policy()
    if policy is None or not single_sign_on.is_break_glass(policy, account.id):
        return
    actor = system(organization_id, "sign-in")
    with trail(organization_id=organization_id, actor=actor, request_id=request_id_of(request)) as opened:
        record_broken_glass(account=account, policy=policy, trail=opened)
    request.session[ENDS] = int((SystemClock().now() + BREAK_GLASS_FOR).timestamp())


def shorten(request: HttpRequest) -> None:
    """Company sign-in became the only way: a session by password, in which somebody decided that, is as short from now
    on as one that breaks the glass. One that an identity provider vouches for stays as it is."""
    session = request.session
    if session.get(METHOD) != PASSWORD:
        return
    end = int((SystemClock().now() + BREAK_GLASS_FOR).timestamp())
    session[ENDS] = min(end, session.get(ENDS, end))


def _record(session: Any, account: Account, opened: Any) -> None:
    operations.record_sign_in(
        account=account, method=str(session.get(METHOD, "")), second_factor=FACTOR in session, trail=opened
    )
