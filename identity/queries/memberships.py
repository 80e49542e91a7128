"""Who may work where, read also before an organisation is known, and in whose name a task works."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q

from identity.models import Account, Membership
from identity.ports import bindings
from identity.rules.granting import CUSTOMER
from identity.rules.roles import permissions_of
from kernel.principal import Principal, system


@dataclass(frozen=True)
class LiveMembership:
    """A membership that holds at the moment asked about."""

    id: UUID
    organization_id: UUID
    person_id: UUID | None
    roles: tuple[str, ...]


def memberships_of(account_id: UUID, *, at: datetime) -> list[LiveMembership]:
    """Where this account may work. Read before an organisation is known: on PostgreSQL through a SECURITY DEFINER
    function that returns this account's rows and nothing else, on SQLite without the manager's filter.

    A closed organisation lets nobody in, and nobody gets in who left (whose person in the directory is inactive)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, organization_id, person_id, roles::text FROM identity_memberships_of(%s, %s)",
                [account_id, at],
            )
            rows = cursor.fetchall()
        return [LiveMembership(row[0], row[1], row[2], tuple(_roles(row[3]))) for row in rows]
    found = Membership.objects.unscoped(reason="sign-in: which organisations may this account enter").filter(
        Q(person__isnull=True) | Q(person__active=True),
        Q(organization__closed_at__isnull=True) | Q(organization__closed_at__gt=at),
        account_id=account_id,
        started_at__lte=at,
    )
    return [
        LiveMembership(row.id, row.organization_id, row.person_id, tuple(row.roles))
        for row in found
        if row.ended_at is None or row.ended_at > at
    ]


def works_elsewhere(account_id: UUID, *, than: UUID, at: datetime) -> bool:
    """Whether the account has a membership of another organisation that is open: one that has not ended, whether it
    has begun or not, and whatever the directory there says of the person.

    Read inside one organisation about the others, and hence the one bit that is told: on PostgreSQL by a SECURITY
    DEFINER function, on SQLite without the manager's filter.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT identity_works_elsewhere(%s, %s, %s)", [account_id, than, at])
            return bool(cursor.fetchone()[0])
    return (
        Membership.objects.unscoped(reason="second factor: whether it protects the account elsewhere too")
        .filter(
            Q(ended_at__isnull=True) | Q(ended_at__gt=at),
            Q(organization__closed_at__isnull=True) | Q(organization__closed_at__gt=at),
            account_id=account_id,
        )
        .exclude(organization_id=than)
        .exists()
    )


def _roles(text: str) -> list[str]:
    return [str(role) for role in json.loads(text)]


def parties_of(membership: LiveMembership) -> frozenset[UUID] | None:
    """The partners to which this membership is limited; None for whoever is no customer, without a query."""
    if CUSTOMER not in membership.roles:
        return None
    return bindings.parties_of_member(organization_id=membership.organization_id, membership_id=membership.id)


def principal_for(account: Account, membership: LiveMembership) -> Principal:
    return Principal(
        organization_id=membership.organization_id,
        account_id=account.id,
        pseudonym=account.pseudonym,
        roles=frozenset(membership.roles),
        permissions=permissions_of(membership.roles),
        label=str(account),
        parties=parties_of(membership),
    )


def addresses_of_roles(roles: Iterable[str], *, at: datetime) -> list[str]:
    """E-mail addresses of the accounts that hold one of these roles in the open scope at `at`, sorted."""
    wanted = set(roles)
    rows = Membership.objects.select_related("account").filter(started_at__lte=at)
    live = (row for row in rows if row.ended_at is None or row.ended_at > at)
    return sorted({row.account.email for row in live if wanted & set(row.roles) and row.account.is_active})


def actor_of(account_id: UUID | None, *, organization_id: UUID, task: str) -> Principal:
    """The principal in whose name a background task works: the account that asked for it, else the system's task."""
    account = Account.objects.filter(id=account_id).first() if account_id is not None else None
    if account is None:
        return system(organization_id, task)
    return Principal(
        organization_id=organization_id,
        account_id=account.id,
        pseudonym=account.pseudonym,
        label=str(account),
        is_system=True,
    )
