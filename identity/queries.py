"""Reads of identity/, among them the few that happen before an organisation is known."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from identity.models import Account, CredentialRoute, Membership, Organization
from identity.rules.roles import permissions_of
from kernel.errors import NotFound
from kernel.principal import Principal, system


class OrganizationUnknown(NotFound):
    """A command named an organisation that does not exist."""

    code = "ORGANIZATION_UNKNOWN"


@dataclass(frozen=True)
class LiveMembership:
    """A membership that holds at the moment asked about."""

    id: UUID
    organization_id: UUID
    person_id: UUID | None
    roles: tuple[str, ...]


def memberships_of(account_id: UUID, *, at: datetime) -> list[LiveMembership]:
    """Where this account may work. Read before an organisation is known: on PostgreSQL through a SECURITY DEFINER
    function that returns this account's rows and nothing else, on SQLite without the manager's filter."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, organization_id, person_id, roles::text FROM identity_memberships_of(%s, %s)",
                [account_id, at],
            )
            rows = cursor.fetchall()
        return [LiveMembership(row[0], row[1], row[2], tuple(_roles(row[3]))) for row in rows]
    found = Membership.objects.unscoped(reason="sign-in: which organisations may this account enter").filter(
        account_id=account_id, started_at__lte=at
    )
    return [
        LiveMembership(row.id, row.organization_id, row.person_id, tuple(row.roles))
        for row in found
        if row.ended_at is None or row.ended_at > at
    ]


def _roles(text: str) -> list[str]:
    return [str(role) for role in json.loads(text)]


def principal_for(account: Account, membership: LiveMembership) -> Principal:
    return Principal(
        organization_id=membership.organization_id,
        account_id=account.id,
        pseudonym=account.pseudonym,
        roles=frozenset(membership.roles),
        permissions=permissions_of(membership.roles),
        label=str(account),
    )


def issuer_of_credential(kind: str, *digests: bytes) -> Organization | None:
    """The organisation that issued a credential; for one that nobody issued the platform's, which answers instead.

    Several digests are those of one credential under several peppers. One query either way, so that an answer's time
    does not tell whether the credential exists. None where no platform organisation was created.
    """
    issued = CredentialRoute.objects.filter(kind=kind, digest__in=digests, organization=OuterRef("id"))
    rows = Organization.objects.annotate(issued=Exists(issued)).filter(Q(issued=True) | Q(kind="platform"))
    return rows.order_by("-issued").first()


def credential_digest(secret: str) -> bytes:
    """For credentials of full entropy (tokens); licence keys have a keyed digest of their own."""
    return hashlib.sha256(secret.encode()).digest()


def organization_ids() -> Iterable[UUID]:
    """All organisations that are open, for tasks that visit each in its own scope."""
    return list(Organization.objects.filter(closed_at__isnull=True).order_by("id").values_list("id", flat=True))


def platform_organization() -> Organization | None:
    return Organization.objects.filter(kind="platform").first()


def published_organization(named: str) -> Organization | None:
    """The open organisation whose public keys somebody asks for, by short name or id; the platform's for no name."""
    if not named:
        return platform_organization()
    if "\0" in named:
        return None  # PostgreSQL cannot even be asked for it
    try:
        wanted = Q(id=UUID(named)) | Q(slug=named)
    except ValueError:
        wanted = Q(slug=named)
    return Organization.objects.filter(wanted, closed_at__isnull=True).first()


def chosen_organizations(slug: str) -> list[Organization]:
    """The open organisation with this short name, or all of them when it is empty. Raises OrganizationUnknown."""
    rows = Organization.objects.filter(closed_at__isnull=True).order_by("slug")
    found = list(rows.filter(slug=slug) if slug else rows)
    if slug and not found:
        known = ", ".join(rows.values_list("slug", flat=True)) or "none"
        raise OrganizationUnknown(
            _("No organisation is called %(slug)s; there are: %(known)s.") % {"slug": slug, "known": known}
        )
    return found


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
