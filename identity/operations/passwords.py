"""Changing a password, and the link that sets a new one for whoever lost it."""

import secrets
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from identity.models import Account, Membership, PasswordReset
from identity.operations.accounts import PasswordTooWeak
from identity.operations.memberships import MembershipOver
from identity.operations.sessions import end_other_sessions
from identity.queries.credentials import credential_digest
from jobs.operations import enqueue
from kernel.errors import InvalidInput, NotFound
from kernel.ids import new_id
from kernel.trail import Trail
from kernel.vault import vault

RESET_CHANNEL = "email.password_reset"
RESET_FOR = timedelta(hours=1)


class PasswordWrong(InvalidInput):
    """The present password was not given."""

    code = "PASSWORD_WRONG"


class ResetLinkInvalid(NotFound):
    """The link was used, is older than an hour, or was never sent."""

    code = "PASSWORD_RESET_INVALID"


def change_password(*, account: Account, present: str, new: str, keep: str, trail: Trail) -> None:
    """Sets a new password and ends all sessions but the one with the digest `keep`.

    Raises PasswordWrong and PasswordTooWeak.
    """
    if not account.check_password(present):
        raise PasswordWrong(_("This is not your present password."), pointer="/present")
    _set(account, new)
    end_other_sessions(account=account, keep=keep, trail=trail)
    trail.record("account.password_changed", subject=account, details={"account": str(account.pseudonym)})


def send_password_reset(*, account: Account, trail: Trail) -> PasswordReset:
    """Sends the account a link by which it sets a new password once, within an hour; earlier links are worth nothing.

    The outbox holds the number of the row and not the link: no copy of the database opens an account.
    """
    now, token, row_id = trail.clock.now(), secrets.token_urlsafe(32), new_id()
    PasswordReset.objects.filter(account=account, used_at=None).update(used_at=now, sealed_token=b"")
    row = PasswordReset.objects.create(
        id=row_id,
        account=account,
        digest=credential_digest(token),
        sealed_token=vault().encrypt(token.encode(), aad=reset_sealing_place(row_id)),
        created_at=now,
        expires_at=now + RESET_FOR,
    )
    enqueue(
        organization_id=trail.organization_id,
        channel=RESET_CHANNEL,
        payload={"reset": str(row.id)},
        dedupe_key=f"password-reset:{row.id}",
        order_key=f"account:{account.id}",
        now=now,
    )
    trail.record("account.password_reset_sent", subject=account, details={"account": str(account.pseudonym)})
    return row


def send_member_password_reset(*, membership: Membership, trail: Trail) -> PasswordReset:
    """The same for a member of the organisation. Raises MembershipOver for one who left."""
    if membership.ended_at is not None:
        raise MembershipOver(_("This membership has ended. Invite the account again."))
    return send_password_reset(account=membership.account, trail=trail)


def forget_reset_token(*, reset: PasswordReset) -> None:
    """The link was sent: from now on only its digest is kept."""
    reset.sealed_token = b""
    reset.save(update_fields=["sealed_token"])


def reset_password(*, reset_id: UUID, new: str, trail: Trail) -> Account:
    """Sets the password that the link asks for; the link is used up and all sessions of the account end.

    Raises ResetLinkInvalid and PasswordTooWeak.
    """
    now = trail.clock.now()
    row = PasswordReset.objects.select_for_update(no_key=True).select_related("account").get(id=reset_id)
    if row.used_at is not None or row.expires_at <= now or not row.account.is_active:
        raise ResetLinkInvalid(_("This link was used already or is older than an hour."))
    _set(row.account, new)
    row.used_at = now
    row.save(update_fields=["used_at"])
    end_other_sessions(account=row.account, keep="", trail=trail)
    trail.record("account.password_changed", subject=row.account, details={"account": str(row.account.pseudonym)})
    return row.account


def reset_sealing_place(reset_id: UUID) -> str:
    """The associated data of a token: it opens in its own row only."""
    return f"identity_password_reset.sealed_token:{reset_id}"


def _set(account: Account, new: str) -> None:
    try:
        validate_password(new, account)
    except ValidationError as error:
        raise PasswordTooWeak(" ".join(error.messages), pointer="/new") from error
    account.set_password(new)
    account.save(update_fields=["password"])
