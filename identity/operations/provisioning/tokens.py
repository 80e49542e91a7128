"""Tokens of directory services: drawn once, kept as a digest, replaced with an overlap, revoked for good."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from identity.models import CredentialRoute, ScimToken
from identity.queries.credentials import credential_digest
from identity.queries.provisioning import CREDENTIAL, TOKEN_MARK
from kernel.errors import Conflict, InvalidInput, NotFound
from kernel.trail import Trail

DAYS = 365
MOST_DAYS = 1_095
OVERLAP = timedelta(hours=24)
MOST_OVERLAP = timedelta(days=14)
SHOWN = len(TOKEN_MARK) + 6
"""Signs of a token that stay readable: 36 of its 256 bits."""
LONGEST_NAME = 100
USED_EVERY = timedelta(minutes=1)


class TokenNameTaken(Conflict):
    """A token of this name is in use; replace that one, or choose another name."""

    code = "PROVISIONING_TOKEN_NAME_TAKEN"


class TokenUnknown(NotFound):
    """There is no such provisioning token in this organisation."""

    code = "PROVISIONING_TOKEN_NOT_FOUND"


class TokenInvalid(InvalidInput):
    """Name, lifetime or overlap of a provisioning token cannot be so."""

    code = "PROVISIONING_TOKEN_INVALID"


class TokenEnded(Conflict):
    """The token was revoked or replaced already; only one that is current can be replaced."""

    code = "PROVISIONING_TOKEN_ENDED"


@dataclass(frozen=True)
class IssuedToken:
    """A token's row and the token itself, which nobody can show again."""

    row: ScimToken
    token: str


def create_scim_token(*, name: str, trail: Trail, days: int = DAYS) -> IssuedToken:
    """Draws a token of 256 random bits. Raises TokenNameTaken and TokenInvalid."""
    issued = _draw(name=name, days=days, replaces=None, now=trail.clock.now(), trail=trail)
    trail.record(
        "scim_token.created", subject=issued.row, details={"prefix": issued.row.prefix, "expires": _text(issued.row)}
    )
    return issued


def rotate_scim_token(*, token_id: UUID, trail: Trail, days: int = DAYS, overlap: timedelta = OVERLAP) -> IssuedToken:
    """Draws a successor of the same name; the old token works on until the overlap ends.

    Raises TokenUnknown, TokenEnded and TokenInvalid.
    """
    old = _locked(token_id)
    if old.revoked_at is not None or old.superseded_at is not None:
        raise TokenEnded(_("This token was revoked or replaced already."))
    if not timedelta(0) <= overlap <= MOST_OVERLAP:
        raise TokenInvalid(_("The old token works on for at most 14 days."), pointer="/overlap_hours")
    now = trail.clock.now()
    old.superseded_at, old.expires_at = (
        now,
        max(old.created_at + timedelta(microseconds=1), min(old.expires_at, now + overlap)),
    )
    old.save(update_fields=["superseded_at", "expires_at"])
    issued = _draw(name=old.name, days=days, replaces=old, now=now, trail=trail)
    trail.record(
        "scim_token.rotated",
        subject=issued.row,
        details={"prefix": issued.row.prefix, "replaces": old.prefix, "works_until": _text(old)},
    )
    return issued


def revoke_scim_token(*, token_id: UUID, trail: Trail) -> ScimToken:
    """Ends a token at once; twice changes nothing. Raises TokenUnknown."""
    row = _locked(token_id)
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by = trail.clock.now(), str(trail.actor.pseudonym)
        row.save(update_fields=["revoked_at", "revoked_by"])
        trail.record("scim_token.revoked", subject=row, details={"prefix": row.prefix})
    return row


def note_use(*, token_id: UUID, at: datetime, trail: Trail) -> None:
    """Remembers that a token was used, at most once a minute: a moment of use is no change that the ledger tells of."""
    due = Q(last_used_at__isnull=True) | Q(last_used_at__lte=at - USED_EVERY)
    ScimToken.objects.filter(due, id=token_id).update(last_used_at=at)


def _draw(*, name: str, days: int, replaces: ScimToken | None, now: datetime, trail: Trail) -> IssuedToken:
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise TokenInvalid(
            _("A token needs a name of at most %(count)s signs.") % {"count": LONGEST_NAME}, pointer="/name"
        )
    if not 1 <= days <= MOST_DAYS:
        raise TokenInvalid(_("A token lives for 1 to %(count)s days.") % {"count": MOST_DAYS}, pointer="/days")
    token = TOKEN_MARK + secrets.token_urlsafe(32)
    row = ScimToken(
        organization_id=trail.organization_id,
        name=name,
        prefix=token[:SHOWN],
        digest=credential_digest(token),
        created_at=now,
        created_by=str(trail.actor.pseudonym),
        expires_at=now + timedelta(days=days),
        rotated_from=replaces,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise TokenNameTaken(
            _("A token of this name is in use; replace it, or choose another name."), pointer="/name"
        ) from error
    CredentialRoute.objects.create(kind=CREDENTIAL, digest=row.digest, organization_id=trail.organization_id)
    return IssuedToken(row, token)


def _locked(token_id: UUID) -> ScimToken:
    row = ScimToken.objects.select_for_update(no_key=True).filter(id=token_id).first()
    if row is None:
        raise TokenUnknown(_("There is no such provisioning token in your organisation."))
    return row


def _text(row: ScimToken) -> str:
    return row.expires_at.isoformat()
