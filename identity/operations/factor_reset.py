"""Taking away the second factor of a colleague who lost the app and the recovery codes."""

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from identity.models import Account, Membership, Organization, SecondFactor
from identity.operations.memberships import locked_membership
from identity.operations.second_factor import FactorMissing
from identity.operations.sessions import end_other_sessions
from identity.queries.memberships import works_elsewhere
from identity.rules.factor_reset import FactorReset, ResetCode, may_reset
from identity.rules.granting import OPERATOR, head_role
from jobs.operations import enqueue
from kernel.errors import Conflict, InvalidInput, PermissionRefused, Refusal
from kernel.trail import Personal, Trail


class ResetReasonRequired(InvalidInput):
    """A second factor is taken away with a reason, which stays on record."""

    code = "SECOND_FACTOR_REASON_REQUIRED"


class OwnFactor(PermissionRefused):
    """Nobody takes the own second factor away by this path; a colleague has to."""

    code = "SECOND_FACTOR_OWN"


class FactorOfHead(PermissionRefused):
    """Only whoever holds the role that answers for the organisation takes the factor of another holder away."""

    code = "SECOND_FACTOR_HEAD_ONLY"


class FactorShared(Conflict):
    """The account works in other organisations too, which its second factor protects as well; the operator of the
    installation takes it away."""

    code = "SECOND_FACTOR_SHARED"


def reset_second_factor(*, membership: Membership, reason: str, trail: Trail) -> None:
    """The account behind the membership has no second factor, no recovery codes and no session any more, and is told so
    by e-mail; where its roles need a factor it enrols one at the next sign-in.

    Raises ResetReasonRequired, MembershipNotFound, MembershipOver, OwnFactor, FactorOfHead, FactorShared and
    FactorMissing.
    """
    if not reason.strip():
        raise ResetReasonRequired(_("Say why the second factor is removed."), pointer="/reason")
    row = locked_membership(membership.id)
    organization = Organization.objects.get(id=trail.organization_id)
    _refuse(row, organization, trail)
    factor = SecondFactor.objects.select_for_update(no_key=True).filter(account=row.account).first()
    if factor is None or factor.confirmed_at is None:
        raise FactorMissing(_("This account has no second factor."))
    factor_id = factor.id
    factor.delete()
    note_factor_reset(account=row.account, reason=reason, trail=trail)
    end_other_sessions(account=row.account, keep="", trail=trail)
    _tell(row.account, organization, str(factor_id), trail)


def note_factor_reset(*, account: Account, reason: str, trail: Trail) -> None:
    """Writes the reset into the ledger of the trail's organisation. The operator's command calls it for every further
    organisation in which the account works: each trusted the factor."""
    trail.record(
        "account.second_factor_reset",
        subject=account,
        details={"account": str(account.pseudonym)},
        personal={"reason": Personal(account.pseudonym, reason.strip())},
    )


def _refuse(row: Membership, organization: Organization, trail: Trail) -> None:
    head, actor = head_role(organization.kind), trail.actor
    code = may_reset(
        FactorReset(
            by_operator=actor.is_system,
            is_own=row.account_id == actor.account_id,
            of_head=head in row.roles,
            by_head=head in actor.roles,
            works_elsewhere=works_elsewhere(row.account_id, than=organization.id, at=trail.clock.now()),
        )
    )
    if code is not ResetCode.ALLOWED:
        raise _refusal(code, head)


def _refusal(code: ResetCode, head: str) -> Refusal:
    if code is ResetCode.OWN:
        return OwnFactor(
            _("Nobody removes the own second factor here. Use another app under “Second factor”, or ask a colleague.")
        )
    if code is ResetCode.HEAD_ONLY:
        return FactorOfHead(
            _("Only who holds the role %(role)s removes the second factor of another holder.") % {"role": head}
        )
    return FactorShared(
        _(
            "This account does not work for your organisation alone, and its second factor protects it everywhere. "
            "Whoever runs this installation can remove it: manage.py reset_second_factor."
        )
    )


def _tell(account: Account, organization: Organization, factor: str, trail: Trail) -> None:
    now = trail.clock.now()
    with translation.override(account.language):
        enqueue(
            organization_id=organization.id,
            channel="email",
            payload={
                "to": [account.email],
                "subject": _("Seatledger: your second factor was removed"),
                "text": _words(_who(organization, trail), date_format(now, "DATETIME_FORMAT")),
            },
            dedupe_key=f"factor-reset:{factor}",
            order_key=f"account:{account.id}",
            now=now,
        )


def _who(organization: Organization, trail: Trail) -> str:
    if trail.actor.is_system:
        return _("Whoever runs this installation")
    if OPERATOR in trail.actor.roles:
        return _("Another operator of this installation")
    return _("An owner of %(organization)s") % {"organization": organization.name}


def _words(who: str, when: str) -> str:
    return _(
        "%(who)s removed the second factor of your account at %(address)s on %(when)s UTC. The authenticator app and "
        "the recovery codes that you had are void, and you are signed out everywhere.\n\n"
        "Sign in with your password and set the app up again under “Second factor”. Where your role needs one, you are "
        "asked to at once.\n\n"
        "If you did not ask for this, somebody may be about to sign in as you: change your password now, and tell "
        "whoever answers for your organisation."
    ) % {"who": who, "address": settings.BASE_URL, "when": when}
