"""Reads of memberships for lists: who works here, who is invited, how many hold each role."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from identity.models import Invitation, Membership


def members() -> QuerySet[Membership]:
    """All memberships with their accounts and people; those that hold have no end."""
    return Membership.objects.select_related("account", "person")


def live_members() -> QuerySet[Membership]:
    return members().filter(ended_at__isnull=True)


def with_role(rows: QuerySet[Membership], role: str) -> QuerySet[Membership]:
    """Those that hold the role. SQLite cannot look into the list and compares its text, where codes stand quoted."""
    if connection.vendor == "postgresql":
        return rows.filter(roles__contains=[role])
    return rows.annotate(roles_text=Cast("roles", TextField())).filter(roles_text__contains=f'"{role}"')


def named(rows: QuerySet[Membership], text: str) -> QuerySet[Membership]:
    """Those whose address, name or person's name contains the text."""
    wanted = text.strip()
    return rows.filter(
        Q(account__email_lower__contains=wanted.lower())
        | Q(account__display_name__icontains=wanted)
        | Q(person__display_name__icontains=wanted)
    )


def heads(role: str) -> QuerySet[Membership]:
    """Live memberships with the role that answers for the organisation whose accounts may enter: neither closed nor of
    a person who left."""
    may_enter = Q(person__isnull=True) | Q(person__active=True)
    return with_role(live_members(), role).filter(may_enter, account__is_active=True)


def holders_of_roles() -> Counter[str]:
    """How many live memberships hold each role. One query."""
    held = Membership.objects.filter(ended_at__isnull=True).values_list("roles", flat=True)
    return Counter(role for roles in held for role in roles)


def membership_of(account_id: UUID | None) -> Membership | None:
    """The live membership of an account in the open organisation."""
    if account_id is None:
        return None
    return live_members().filter(account_id=account_id).first()


def memberships_named(ids: Iterable[UUID]) -> list[Membership]:
    return list(live_members().filter(id__in=list(ids)).order_by("id"))


def open_invitations() -> QuerySet[Invitation]:
    """Sent, not used, not withdrawn, newest first; those out of date too, so that somebody can send another."""
    return Invitation.objects.filter(accepted_at__isnull=True, withdrawn_at__isnull=True).order_by("-invited_at")


def invitation_by(digest: bytes, *, at: datetime) -> Invitation | None:
    """The invitation that a link with this digest still opens at `at`."""
    return open_invitations().filter(digest=digest, expires_at__gt=at).first()
