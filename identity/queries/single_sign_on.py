"""Reads of single sign-on: who a public ID belongs to, where our addresses are, whether a password may be used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from identity.models import (
    Account,
    ConnectionState,
    CredentialRoute,
    GroupConflict,
    IdpCertificate,
    Membership,
    Organization,
    SamlConnection,
    SamlLink,
    SamlSession,
    SpKey,
    SsoPolicy,
    WithheldRole,
)
from identity.queries.credentials import credential_digest
from identity.rules.single_sign_on import domain_of
from kernel.errors import NotFound
from kernel.scope import scope


class ConnectionNotFound(NotFound):
    """There is no such connection in this organisation."""

    code = "SSO_CONNECTION_NOT_FOUND"


@dataclass(frozen=True)
class Addresses:
    """Ours, as an identity provider knows them; the entity ID is the address of the metadata."""

    entity_id: str
    acs_url: str
    slo_url: str
    sign_in_url: str


@dataclass(frozen=True)
class Expiry:
    """A certificate of one side of a connection that ends soon or has ended."""

    connection: SamlConnection
    is_ours: bool
    fingerprint: str
    not_after: datetime


def addresses_of(connection: SamlConnection) -> Addresses:
    """From the settings, never from the headers of a request."""

    def address(name: str) -> str:
        return settings.BASE_URL.rstrip("/") + reverse(f"saml:{name}", args=[connection.public_id])

    return Addresses(address("metadata"), address("acs"), address("slo"), address("sign-in"))


def organization_of_connection(public_id: str) -> UUID | None:
    """Before an organisation is known: whose connection this is."""
    return _routed("saml_connection", public_id)


def organization_of_domain(email: str) -> UUID | None:
    """Before an organisation is known: who has proved the domain of this address."""
    domain = domain_of(email)
    return _routed("email_domain", domain) if domain else None


def _routed(kind: str, text: str) -> UUID | None:
    routes = CredentialRoute.objects.filter(kind=kind, digest=credential_digest(text))
    return routes.filter(organization__closed_at__isnull=True).values_list("organization_id", flat=True).first()


def connections() -> QuerySet[SamlConnection]:
    return SamlConnection.objects.order_by("name")


def connection_named(connection_id: UUID) -> SamlConnection:
    """The connection of the open organisation with this ID. Raises ConnectionNotFound."""
    row = SamlConnection.objects.filter(id=connection_id).first()
    if row is None:
        raise ConnectionNotFound(_("There is no such connection in your organisation."))
    return row


def public_connection(public_id: str) -> SamlConnection | None:
    """The connection of the open organisation that is known outside by this ID."""
    return SamlConnection.objects.filter(public_id=public_id).first()


def provider_session_goes_on(row_id: UUID) -> bool:
    """A session of the open organisation that neither the provider nor a switched-off connection has ended."""
    return SamlSession.objects.filter(
        id=row_id, ended_at__isnull=True, link__connection__state=ConnectionState.ACTIVE
    ).exists()


def sign_in_choices(text: str) -> list[SamlConnection]:
    """The active connections for an e-mail address under a proved domain, or for an organisation's short name."""
    organization_id = organization_of_domain(text)
    if organization_id is None:
        found = Organization.objects.filter(slug=text.strip().lower(), closed_at__isnull=True)
        organization_id = found.values_list("id", flat=True).first()
    if organization_id is None:
        return []
    return active_connections(organization_id)


def active_connections(organization_id: UUID) -> list[SamlConnection]:
    with scope(organization_id):
        return list(connections().filter(state=ConnectionState.ACTIVE))


def policy() -> SsoPolicy | None:
    """The policy of the open organisation; None where nobody decided."""
    return SsoPolicy.objects.first()


def emergency_candidates() -> QuerySet[Account]:
    """Accounts that work in the open organisation at present."""
    live = Membership.objects.filter(ended_at__isnull=True).values("account_id")
    return Account.objects.filter(id__in=live, is_active=True).order_by("email_lower")


def is_break_glass(found: SsoPolicy | None, account_id: UUID) -> bool:
    """Company sign-in is the only way, and this account is one of the two exceptions."""
    return found is not None and found.sso_only and account_id in {found.first_account_id, found.second_account_id}


def password_allowed(account_id: UUID, organization_id: UUID, *, second_factor: bool) -> bool:
    """Whether a password opens this organisation for this account, asked when the organisation becomes known. With
    company sign-in only it opens it for the two exceptions alone, and with their second factor (`second_factor`)."""
    with scope(organization_id):
        found = policy()
    if found is None or not found.sso_only:
        return True
    return second_factor and is_break_glass(found, account_id)


@dataclass(frozen=True)
class DomainLinks:
    """What hangs on the proof of a domain alone: links, and how many of their accounts have no password to confirm
    the link with."""

    links: int
    without_password: int


def links_by_domain(domain: str) -> DomainLinks:
    """Of the open organisation, over all of its connections."""
    rows = SamlLink.objects.filter(domain=domain)
    unusable = rows.filter(account__password__startswith=UNUSABLE_PASSWORD_PREFIX)
    return DomainLinks(links=rows.count(), without_password=unusable.count())


def withheld_by_hand(connection: SamlConnection) -> QuerySet[WithheldRole]:
    """Roles that a group of this connection gives and that somebody withheld from a member who works here."""
    return (
        WithheldRole.objects.filter(role__in=connection.group_roles.values("role"), membership__ended_at__isnull=True)
        .select_related("membership__account")
        .order_by("-withheld_at", "id")
    )


def group_conflicts(connection: SamlConnection) -> QuerySet[GroupConflict]:
    """Members who work here and of whom the groups of this connection say what cannot hold."""
    return (
        connection.conflicts.filter(membership__ended_at__isnull=True)
        .select_related("membership__account")
        .order_by("-noticed_at", "id")
    )


def expiries(*, at: datetime, within: timedelta) -> list[Expiry]:
    """Certificates of connections in use that end within this time, soonest first."""
    live: Sequence[str] = (ConnectionState.ACTIVE, ConnectionState.DRAFT)
    found = [
        Expiry(row.connection, is_ours, row.fingerprint, row.not_after)
        for model, is_ours in ((IdpCertificate, False), (SpKey, True))
        for row in model.objects.select_related("connection").filter(
            not_after__lte=at + within, connection__state__in=live
        )
    ]
    return sorted(found, key=lambda one: one.not_after)
