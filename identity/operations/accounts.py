"""Accounts, memberships, and the traces of signing in."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from identity.models import Account, Membership, Person
from identity.operations.granting import check_roles
from identity.operations.sessions import end_sessions_here
from identity.rules.roles import ROLES
from kernel.clock import Clock
from kernel.errors import Conflict, InvalidInput
from kernel.trail import Personal, Trail


class PasswordTooWeak(InvalidInput):
    """The password does not meet the rules of the settings."""

    code = "PASSWORD_TOO_WEAK"


class AddressTaken(Conflict):
    """Another account signs in with this address."""

    code = "ACCOUNT_ADDRESS_TAKEN"


class RoleUnknown(InvalidInput):
    """The role is not one of identity.rules.roles."""

    code = "ROLE_UNKNOWN"


class MembershipExists(Conflict):
    """The account works in this organisation already."""

    code = "MEMBERSHIP_EXISTS"


def change_profile(*, account: Account, display_name: str, language: str, trail: Trail) -> None:
    """Name and language as the account itself wants them; what stays the same leaves no entry."""
    wanted = {"display_name": display_name, "language": language}
    changed = sorted(name for name, value in wanted.items() if getattr(account, name) != value)
    if not changed:
        return
    Account.objects.filter(pk=account.pk).update(**wanted)
    trail.record("account.changed", subject=account, details={"account": str(account.pseudonym), "fields": changed})


def create_account(*, email: str, password: str, display_name: str, clock: Clock, language: str = "en") -> Account:
    """Creates a sign-in; it may enter nothing before a membership is granted, and that leaves the ledger entry.

    Raises PasswordTooWeak and AddressTaken.
    """
    account = Account(
        email=email, email_lower=email.lower(), display_name=display_name, language=language, created_at=clock.now()
    )
    _take_password(account, password)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as error:
        raise _address_taken() from error
    return account


def refuse_taken_address(email: str) -> None:
    """Raises AddressTaken where an account signs in with this address."""
    if Account.objects.filter(email_lower=email.lower()).exists():
        raise _address_taken()


def _address_taken() -> AddressTaken:
    return AddressTaken(_("Another account signs in with this address."), pointer="/email")


def set_password(*, account: Account, password: str) -> None:
    """Gives an account another password; the caller records it. Raises PasswordTooWeak."""
    _take_password(account, password)
    account.save(update_fields=["password"])


def _take_password(account: Account, password: str) -> None:
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise PasswordTooWeak(" ".join(error.messages), pointer="/password") from error
    account.set_password(password)


def grant_membership(
    *,
    account: Account,
    roles: Sequence[str],
    trail: Trail,
    person: Person | None = None,
    party_id: UUID | None = None,
) -> Membership:
    """Lets an account work in the trail's organisation. Raises RoleUnknown, MembershipExists and what check_roles
    raises."""
    refuse_unknown(roles)
    check_roles(trail=trail, before=(), after=roles, account_id=account.id, party_id=party_id)
    try:
        with transaction.atomic():
            row = Membership.objects.create(
                organization_id=trail.organization_id,
                account=account,
                person=person,
                party_id=party_id,
                roles=sorted(set(roles)),
                started_at=trail.clock.now(),
            )
    except IntegrityError as error:
        raise MembershipExists(_("This account works in the organisation already."), pointer="/account") from error
    trail.record(
        "membership.granted",
        subject=row,
        details={"account": str(account.pseudonym), "roles": list(row.roles)},
        personal={"email": Personal(account.pseudonym, account.email)},
    )
    return row


def refuse_unknown(roles: Sequence[str]) -> None:
    """Raises RoleUnknown for a role that does not exist, and for no role at all."""
    unknown = sorted(set(roles) - set(ROLES))
    if unknown or not roles:
        raise RoleUnknown(
            _("There is no role called %(role)s.") % {"role": ", ".join(unknown) or "''"}, pointer="/roles"
        )


def end_membership(*, membership: Membership, trail: Trail, reason: str = "") -> None:
    """The account may no longer enter, and what it has open here ends; ending twice changes nothing.

    Raises LastOwner and HeadOnly.
    """
    row = (
        Membership.objects.select_for_update(no_key=True, of=("self",)).select_related("account").get(id=membership.id)
    )
    if row.ended_at is not None:
        return
    check_roles(trail=trail, before=row.roles, after=(), membership=row, account_id=row.account_id)
    row.ended_at = trail.clock.now()
    row.save(update_fields=["ended_at"])
    trail.record(
        "membership.ended",
        subject=row,
        details={"account": str(row.account.pseudonym), "roles": list(row.roles)},
        personal={"reason": Personal(row.account.pseudonym, reason.strip())} if reason.strip() else None,
    )
    end_sessions_here(account=row.account, trail=trail)


def record_sign_in(*, account: Account, method: str, second_factor: bool, trail: Trail) -> None:
    trail.record(
        "account.signed_in",
        subject=account,
        details={"account": str(account.pseudonym), "method": method, "second_factor": second_factor},
    )


def record_sign_out(*, account: Account, trail: Trail) -> None:
    trail.record("account.signed_out", subject=account, details={"account": str(account.pseudonym)})
