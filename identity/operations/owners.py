"""An owner for an organisation that has none any more: what whoever runs the installation can do, and nobody else."""

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from identity.models import Account, Membership, Organization
from identity.operations.accounts import grant_membership
from identity.operations.memberships import change_roles
from identity.queries.members import heads, membership_of
from identity.queries.memberships import addresses_of_roles
from identity.rules.granting import head_role
from jobs.operations import enqueue
from kernel.errors import Conflict, InvalidInput
from kernel.trail import Personal, Trail


class OwnerReasonRequired(InvalidInput):
    """An owner is added with a reason, which stays on record."""

    code = "OWNER_REASON_REQUIRED"


class OwnersPresent(Conflict):
    """Somebody who may enter answers for the organisation, and can let others in."""

    code = "OWNERS_PRESENT"


class OwnerMayNotEnter(Conflict):
    """The account is closed, or the directory says that its person left: the role would open nothing."""

    code = "OWNER_MAY_NOT_ENTER"


def check_new_owner(
    *, organization: Organization, account: Account | None, reason: str, beside_others: bool
) -> Membership | None:
    """Refuses what add_owner would refuse, before anybody is asked for a password; `account` is None for one that does
    not exist yet. Returns the membership that the account has already. Raises OwnerReasonRequired, OwnersPresent and
    OwnerMayNotEnter."""
    if not reason.strip():
        raise OwnerReasonRequired(_("Say why the organisation needs an owner."), pointer="/reason")
    role, present = head_role(organization.kind), membership_of(account.id) if account is not None else None
    closed = account is not None and not account.is_active
    if closed or (present and present.person and not present.person.active):
        raise OwnerMayNotEnter(_("This account is closed, or its person left. Name another one."), pointer="/owner")
    answers_already = present is not None and role in present.roles
    if not answers_already and not beside_others and heads(role).exists():
        raise OwnersPresent(_("Somebody answers for this organisation already and can let others in."))
    return present


def add_owner(*, account: Account, reason: str, beside_others: bool, trail: Trail) -> Membership:
    """The account answers for the trail's organisation: a new membership, or the role added to the one that it has.
    All who answer for the organisation are told by e-mail. Who does already stays as it is.

    Raises OwnerReasonRequired, OwnersPresent unless `beside_others`, OwnerMayNotEnter, and CustomerStandsAlone for
    an account that is a customer there.
    """
    # Two calls at once: the second sees the owner that the first one added.
    organization = Organization.objects.select_for_update(no_key=True).get(id=trail.organization_id)
    role = head_role(organization.kind)
    present = check_new_owner(organization=organization, account=account, reason=reason, beside_others=beside_others)
    if present is not None and role in present.roles:
        return present
    if present is None:
        row = grant_membership(account=account, roles=[role], trail=trail)
    else:
        row = change_roles(
            membership=present,
            roles=[*present.roles, role],
            reason=reason,
            party_id=present.party_id,
            trail=trail,
        )
    trail.record(
        "organization.owner_added",
        subject=organization,
        details={"account": str(account.pseudonym), "role": role},
        personal={"reason": Personal(account.pseudonym, reason.strip())},
    )
    _tell(account, organization, role, trail)
    return row


def _tell(account: Account, organization: Organization, role: str, trail: Trail) -> None:
    now = trail.clock.now()
    words = _(
        "Whoever runs the installation at %(address)s made %(name)s answer for %(organization)s on %(when)s UTC. If "
        "none of you asked for it, look at the members of your organisation, and ask them about it."
    )
    enqueue(
        organization_id=organization.id,
        channel="email",
        payload={
            "to": addresses_of_roles([role], at=now),
            "subject": _("Seatledger: your organisation has a new owner"),
            "text": words
            % {
                "address": settings.BASE_URL,
                "name": str(account),
                "organization": organization.name,
                "when": date_format(now, "DATETIME_FORMAT"),
            },
        },
        dedupe_key=f"owner-added:{account.id}:{now.isoformat()}",
        order_key=f"account:{account.id}",
        now=now,
    )
