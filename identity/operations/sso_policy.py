"""Company sign-in only, and the two accounts that may break the glass."""

from datetime import timedelta
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from identity.models import Account, ConnectionState, Membership, SamlConnection, SsoPolicy
from identity.operations.sessions import end_sessions_by_password
from identity.queries.memberships import addresses_of_roles
from identity.queries.sign_in_security import has_second_factor
from jobs.operations import enqueue
from kernel.errors import Conflict, InvalidInput
from kernel.trail import Trail

BREAK_GLASS_FOR = timedelta(hours=4)


class BreakGlassInvalid(InvalidInput):
    """Company sign-in only needs two accounts of this organisation with a password and a second factor each."""

    code = "SSO_BREAK_GLASS_INVALID"


class NoActiveConnection(Conflict):
    """Nobody could sign in: no connection is active."""

    code = "SSO_NO_ACTIVE_CONNECTION"


def set_sso_policy(
    *, sso_only: bool, first_account: UUID | None, second_account: UUID | None, trail: Trail, keep: str = ""
) -> SsoPolicy:
    """Decides who may still use a password. With company sign-in only every session by password ends at once, those of
    the emergency accounts too: whoever begins anew breaks the glass, is told of and gets four hours. Only the session
    with the digest `keep`, in which somebody decides this, goes on; the caller shortens it (`sessions.shorten`).

    Raises BreakGlassInvalid and NoActiveConnection.
    """
    accounts = [
        _emergency_account(first_account, "/first_account"),
        _emergency_account(second_account, "/second_account"),
    ]
    if sso_only and (None in accounts or accounts[0] == accounts[1]):
        raise BreakGlassInvalid(_("Name two different accounts for the emergency."), pointer="/second_account")
    if accounts[0] is not None and accounts[0] == accounts[1]:
        raise BreakGlassInvalid(_("The two accounts must differ."), pointer="/second_account")
    if sso_only and not SamlConnection.objects.filter(state=ConnectionState.ACTIVE).exists():
        raise NoActiveConnection(_("Switch on a connection first, or nobody could sign in any more."))
    row, _created = SsoPolicy.objects.update_or_create(
        organization_id=trail.organization_id,
        defaults={
            "sso_only": sso_only,
            "first_account": accounts[0],
            "second_account": accounts[1],
            "updated_at": trail.clock.now(),
        },
    )
    named = [account for account in accounts if account is not None]
    ended = end_sessions_by_password(keep=keep, trail=trail) if sso_only else 0
    pseudonyms = [str(account.pseudonym) for account in named]
    trail.record(
        "sso_policy.changed",
        subject=row,
        details={"sso_only": sso_only, "break_glass": pseudonyms, "sessions_ended": ended},
    )
    return row


def _emergency_account(account_id: UUID | None, pointer: str) -> Account | None:
    if account_id is None:
        return None
    live = Membership.objects.select_related("account").filter(account_id=account_id, ended_at__isnull=True).first()
    if live is None or not live.account.is_active or not live.account.has_usable_password():
        raise BreakGlassInvalid(_("An account for the emergency works here and has a password."), pointer=pointer)
    if not has_second_factor(live.account_id):
        raise BreakGlassInvalid(
            _("An account for the emergency has a second factor. Its owner sets one up under “Second factor” first."),
            pointer=pointer,
        )
    return live.account


def record_broken_glass(*, account: Account, policy: SsoPolicy, trail: Trail) -> None:
    """Somebody signed in with a password although the company's sign-in is the only way: owners are told at once."""
    now = trail.clock.now()
    trail.record("sso_policy.glass_broken", subject=policy, details={"account": str(account.pseudonym)})
    enqueue(
        organization_id=trail.organization_id,
        channel="email",
        payload={
            "to": addresses_of_roles(["owner"], at=now),
            "subject": _("Seatledger: somebody broke the glass"),
            "text": _(
                "%(name)s signed in with a password on %(when)s, by the emergency account. The session ends after"
                " %(hours)d hours. If nobody of you did this, end the session and change the password."
            )
            % {
                "name": str(account),
                "when": date_format(now, "DATETIME_FORMAT"),
                "hours": BREAK_GLASS_FOR.seconds // 3600,
            },
        },
        dedupe_key=f"glass:{account.id}:{now.isoformat()}",
        order_key=f"glass:{account.id}",
        now=now,
    )
