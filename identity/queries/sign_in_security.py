"""Reads about second factors, sessions, links for new passwords, and what an organisation demands of a sign-in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db.models import Count, Exists, OuterRef, Q

from identity.models import AccountSession, PasswordReset, SecondFactor, SignInPolicy
from identity.models.sign_in_policy import ABSOLUTE_HOURS, IDLE_MINUTES
from identity.queries.credentials import credential_digest


@dataclass(frozen=True)
class FactorState:
    """Whether an account has a second factor, since when, and how many recovery codes are left."""

    enrolled: bool
    since: datetime | None
    codes_left: int


def second_factor_of(account_id: UUID) -> FactorState:
    row = (
        SecondFactor.objects.filter(account_id=account_id, confirmed_at__isnull=False)
        .annotate(left=Count("recovery_codes", filter=Q(recovery_codes__used_at=None)))
        .first()
    )
    if row is None:
        return FactorState(enrolled=False, since=None, codes_left=0)
    return FactorState(enrolled=True, since=row.confirmed_at, codes_left=row.left)


def has_second_factor(account_id: UUID) -> bool:
    return SecondFactor.objects.filter(account_id=account_id, confirmed_at__isnull=False).exists()


def second_factor_is_locked(account_id: UUID, *, at: datetime) -> bool:
    return SecondFactor.objects.filter(account_id=account_id, locked_until__gt=at).exists()


@dataclass(frozen=True)
class Demands:
    """What the organisation of the open scope demands; the house's own limits where it decided nothing."""

    second_factor_roles: tuple[str, ...] = ()
    provider_vouches: bool = False
    idle_minutes: int = IDLE_MINUTES
    absolute_hours: int = ABSOLUTE_HOURS


def sign_in_demands() -> Demands:
    row = SignInPolicy.objects.first()
    if row is None:
        return Demands()
    return Demands(tuple(row.second_factor_roles), row.provider_vouches, row.idle_minutes, row.absolute_hours)


def sessions_of(account_id: UUID, *, at: datetime) -> Sequence[AccountSession]:
    """Where the account is signed in, the latest use first."""
    living = Session.objects.filter(session_key=OuterRef("digest"), expire_date__gt=at)
    rows = AccountSession.objects.filter(Exists(living), account_id=account_id)
    return list(rows.select_related("organization").order_by("-last_seen_at", "id"))


def password_reset_for(token: str, *, at: datetime) -> PasswordReset | None:
    """The link that is still good, read before any organisation is known."""
    rows = PasswordReset.objects.select_related("account")
    return rows.filter(
        digest=credential_digest(token), used_at=None, expires_at__gt=at, account__is_active=True
    ).first()
