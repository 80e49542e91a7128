"""Invitations: sent by e-mail with a link that works once, accepted with a password, or withdrawn."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from identity.channels import MARK, SECRET_EMAIL, sealed
from identity.models import Account, CredentialRoute, Invitation, Membership, Organization, Person
from identity.operations.accounts import (
    MembershipExists,
    create_account,
    grant_membership,
    refuse_unknown,
    set_password,
)
from identity.operations.granting import check_roles
from identity.queries.credentials import credential_digest
from jobs.operations import enqueue
from kernel.errors import Conflict, NotFound
from kernel.trail import Personal, Trail

ROUTE_KIND = "invitation"
VALID = timedelta(hours=72)
TOKEN_BYTES = 32


class InvitationNotFound(NotFound):
    """There is no such invitation: never sent, used, withdrawn or out of date. Which of these is not told."""

    code = "INVITATION_NOT_FOUND"


class InvitationForAnother(Conflict):
    """The account is not the one of the invited address."""

    code = "INVITATION_FOR_ANOTHER"


@dataclass(frozen=True, kw_only=True)
class NewInvitation:
    """Who is to join with which roles. `address` is the page that the link leads to; the secret is put behind it."""

    email: str
    roles: Sequence[str]
    address: str
    person: Person | None = None
    party_id: UUID | None = None


def invite_member(*, invitation: NewInvitation, trail: Trail) -> Invitation:
    """Sends a link that is good for 72 hours and for once; an earlier one to the same address is withdrawn.

    Raises RoleUnknown, MembershipExists and what check_roles raises.
    """
    refuse_unknown(invitation.roles)
    check_roles(trail=trail, before=(), after=invitation.roles, party_id=invitation.party_id)
    lower = invitation.email.lower()
    if Membership.objects.filter(account__email_lower=lower, ended_at__isnull=True).exists():
        raise MembershipExists(_("Somebody with this address works in the organisation already."), pointer="/email")
    for earlier in _open_ones().filter(email_lower=lower):
        withdraw_invitation(invitation=earlier, trail=trail)
    secret, now = secrets.token_urlsafe(TOKEN_BYTES), trail.clock.now()
    row = Invitation.objects.create(
        organization_id=trail.organization_id,
        email=invitation.email,
        email_lower=lower,
        roles=sorted(set(invitation.roles)),
        person=invitation.person,
        party_id=invitation.party_id,
        digest=credential_digest(secret),
        invited_at=now,
        invited_by=str(trail.actor.pseudonym),
        expires_at=now + VALID,
    )
    CredentialRoute.objects.create(kind=ROUTE_KIND, digest=row.digest, organization_id=trail.organization_id)
    _send(row, secret, invitation.address, trail)
    trail.record(
        "invitation.sent",
        subject=row,
        details={"roles": list(row.roles), "expires_at": row.expires_at.isoformat()},
        personal={"email": Personal(row.id, row.email)},
    )
    return row


def accept_invitation(
    *,
    secret: str,
    trail: Trail,
    account: Account | None = None,
    password: str = "",
    display_name: str = "",
    language: str = "en",
) -> Membership:
    """Grants what was promised to `account`, which has proved itself, or to a new one with this password.

    Raises InvitationNotFound, InvitationForAnother, PasswordTooWeak, AddressTaken and what grant_membership raises. The
    trail is one of the organisation that `issuer_of_credential` named.
    """
    row = open_invitation(secret=secret, trail=trail)
    if account is None:
        account = _new_account(row.email, password, display_name, language, trail)
    elif account.email_lower != row.email_lower:
        raise InvitationForAnother(_("This invitation is for another address."), pointer="/password")
    membership = grant_membership(
        account=account, roles=row.roles, person=row.person, party_id=row.party_id, trail=trail
    )
    row.accepted_at, row.account = trail.clock.now(), account
    row.save(update_fields=["accepted_at", "account"])
    _close_route(row)
    trail.record(
        "invitation.accepted",
        subject=row,
        details={"account": str(account.pseudonym), "membership": str(membership.id), "invited_by": row.invited_by},
    )
    return membership


def _new_account(email: str, password: str, name: str, language: str, trail: Trail) -> Account:
    """A sign-in for the address; one that never had a password (it came through single sign-on) gets its first."""
    known = Account.objects.filter(email_lower=email.lower(), is_active=True).first()
    if known is None or known.has_usable_password():
        return create_account(email=email, password=password, display_name=name, language=language, clock=trail.clock)
    set_password(account=known, password=password)
    trail.record("account.password_changed", subject=known, details={"account": str(known.pseudonym)})
    return known


def withdraw_invitation(*, invitation: Invitation, trail: Trail) -> None:
    """The link opens nothing any more; withdrawing what is used or withdrawn changes nothing."""
    row = _open_ones().select_for_update(no_key=True, of=("self",)).filter(id=invitation.id).first()
    if row is None:
        return
    row.withdrawn_at = trail.clock.now()
    row.save(update_fields=["withdrawn_at"])
    _close_route(row)
    trail.record("invitation.withdrawn", subject=row, details={"roles": list(row.roles)})


def open_invitation(*, secret: str, trail: Trail) -> Invitation:
    """The invitation behind the secret of a link, its row locked. Raises InvitationNotFound."""
    rows = _open_ones().filter(digest=credential_digest(secret), expires_at__gt=trail.clock.now())
    row = rows.select_for_update(no_key=True, of=("self",)).select_related("person").first()
    if row is None:
        raise InvitationNotFound(_("This link is used up or out of date. Ask for another invitation."))
    return row


def _open_ones() -> QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at__isnull=True, withdrawn_at__isnull=True)


def _close_route(row: Invitation) -> None:
    CredentialRoute.objects.filter(kind=ROUTE_KIND, digest=bytes(row.digest)).delete()


def _send(row: Invitation, secret: str, address: str, trail: Trail) -> None:
    organization = Organization.objects.get(id=trail.organization_id)
    place = f"{trail.organization_id}:{row.id}"
    text = _(
        "You are invited to work in %(organization)s with Seatledger.\n\n"
        "Open this link to join. It works once, until %(until)s UTC:\n%(link)s\n\n"
        "If you did not expect this message, ignore it: nothing happens without you.\n"
    ) % {
        "organization": organization.name,
        "until": date_format(row.expires_at, "DATETIME_FORMAT"),
        "link": f"{address}?token={MARK}",
    }
    enqueue(
        organization_id=trail.organization_id,
        channel=SECRET_EMAIL,
        payload={
            "to": [row.email],
            "subject": _("Your invitation to %(organization)s") % {"organization": organization.name},
            "text": text,
            "sealed": sealed(secret, place=place),
            "place": place,
        },
        dedupe_key=f"invitation:{row.id}",
        order_key=f"invitation:{row.id}",
        now=row.invited_at,
    )
