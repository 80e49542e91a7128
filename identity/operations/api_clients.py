"""API clients: making one, a new secret, the end of one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from oauth2_provider.generators import generate_client_id, generate_client_secret
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from identity.hashers import DrawnSecretHasher
from identity.models import ApiClient, ClientKind, CredentialRoute, GrantKind
from identity.operations.accounts import RoleUnknown
from identity.queries.api_clients import ROUTE
from identity.queries.credentials import credential_digest
from identity.rules.roles import ROLES
from identity.rules.scopes import SCOPES, roles_beyond
from kernel.errors import Conflict, InvalidInput, NotFound, PermissionRefused
from kernel.principal import Principal
from kernel.trail import Trail


class ScopeUnknown(InvalidInput):
    """The scope is not one of docs/scopes.md."""

    code = "SCOPE_UNKNOWN"


class ClientNameTaken(Conflict):
    """Another API client of the organisation that is not revoked has this name."""

    code = "API_CLIENT_NAME_TAKEN"


class ClientNotFound(NotFound):
    """There is no such API client in the organisation."""

    code = "API_CLIENT_NOT_FOUND"


class ClientRevoked(Conflict):
    """The API client was revoked; a new one takes its place."""

    code = "API_CLIENT_REVOKED"


class ClientWithoutSecret(Conflict):
    """A program that cannot keep a secret has none."""

    code = "API_CLIENT_WITHOUT_SECRET"


class RoleBeyondOwn(PermissionRefused):
    """Nobody can make a program that may do more than its maker."""

    code = "ROLE_BEYOND_OWN"


class RedirectAddressInvalid(InvalidInput):
    """A redirect address is a complete https address without a fragment."""

    code = "REDIRECT_ADDRESS_INVALID"


class ClientGrantInvalid(InvalidInput):
    """What was given does not fit in whose name the client acts."""

    code = "API_CLIENT_GRANT_INVALID"


@dataclass(frozen=True)
class NewApiClient:
    """A client that acts in its own name has roles; one that acts for accounts has redirect addresses."""

    name: str
    scopes: Sequence[str]
    roles: Sequence[str] = ()
    grant: str = GrantKind.OWN_NAME
    client_type: str = ClientKind.CONFIDENTIAL
    redirect_uris: Sequence[str] = ()
    expires_at: datetime | None = None


@dataclass(frozen=True)
class IssuedClient:
    """`secret` is nowhere else and cannot be shown again; empty for a program that cannot keep one."""

    row: ApiClient
    secret: str


def create_api_client(*, client: NewApiClient, trail: Trail) -> IssuedClient:
    """Makes a client and draws its id and secret. Raises ScopeUnknown, RoleUnknown, RoleBeyondOwn, ClientGrantInvalid,
    RedirectAddressInvalid and ClientNameTaken."""
    _check(client, trail)
    now = trail.clock.now()
    secret = generate_client_secret() if client.client_type == ClientKind.CONFIDENTIAL else ""
    row = ApiClient(
        organization_id=trail.organization_id,
        name=client.name,
        client_id=generate_client_id(),
        client_secret=_digest(secret),
        client_type=client.client_type,
        authorization_grant_type=client.grant,
        redirect_uris=" ".join(client.redirect_uris),
        scopes=sorted(set(client.scopes)),
        roles=sorted(set(client.roles)),
        created_at=now,
        secret_drawn_at=now,
        expires_at=client.expires_at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise ClientNameTaken(_("Another API client has this name."), pointer="/name") from error
    CredentialRoute.objects.create(
        kind=ROUTE, digest=credential_digest(row.client_id), organization_id=trail.organization_id
    )
    trail.record(
        "api_client.created",
        subject=row,
        details={
            "client": str(row.pseudonym),
            "grant": row.authorization_grant_type,
            "scopes": row.scopes,
            "roles": row.roles,
        },
    )
    return IssuedClient(row, secret)


def rotate_client_secret(*, client_id: UUID, trail: Trail) -> IssuedClient:
    """A new secret in place of the old one, which opens nothing from now on; tokens live on to their end.

    Whoever holds the secret acts as the client, hence the same question as for making it. Raises ClientNotFound,
    ClientRevoked, ClientWithoutSecret and RoleBeyondOwn.
    """
    row = _locked(client_id)
    if row.revoked_at is not None:
        raise ClientRevoked(_("This API client was revoked; make a new one."))
    if row.client_type != ClientKind.CONFIDENTIAL:
        raise ClientWithoutSecret(_("This program cannot keep a secret and has none."))
    _require_within(row.roles, trail.actor)
    secret = generate_client_secret()
    row.client_secret, row.secret_drawn_at = _digest(secret), trail.clock.now()
    row.save(update_fields=["client_secret", "secret_drawn_at"])
    trail.record("api_client.secret_rotated", subject=row, details={"client": str(row.pseudonym)})
    return IssuedClient(row, secret)


def revoke_api_client(*, client_id: UUID, trail: Trail) -> ApiClient:
    """The client and all its tokens end now, for good; revoking twice changes nothing. Raises ClientNotFound."""
    row = _locked(client_id)
    if row.revoked_at is not None:
        return row
    row.revoked_at = trail.clock.now()
    row.save(update_fields=["revoked_at"])
    Grant.objects.filter(application=row).delete()
    RefreshToken.objects.filter(application=row).delete()
    ended, _each = AccessToken.objects.filter(application=row).delete()
    trail.record("api_client.revoked", subject=row, details={"client": str(row.pseudonym), "tokens": ended})
    return row


def note_use(*, client: ApiClient, trail: Trail) -> None:
    """When the client last got a token; part of issuing one, which is what stands in the ledger."""
    ApiClient.objects.filter(id=client.id).update(last_used_at=trail.clock.now())


def _locked(client_id: UUID) -> ApiClient:
    row = ApiClient.objects.select_for_update(no_key=True).filter(id=client_id).first()
    if row is None:
        raise ClientNotFound(_("There is no such API client in your organisation."))
    return row


def _digest(secret: str) -> str:
    return make_password(secret, hasher=DrawnSecretHasher.algorithm) if secret else ""


def _check(client: NewApiClient, trail: Trail) -> None:
    unknown = sorted(set(client.scopes) - set(SCOPES))
    if unknown or not client.scopes:
        named = ", ".join(unknown) or "''"
        raise ScopeUnknown(_("There is no scope called %(scope)s.") % {"scope": named}, pointer="/scopes")
    if client.expires_at is not None and client.expires_at <= trail.clock.now():
        raise InvalidInput(_("The client would have expired already."), pointer="/expires_at")
    if client.grant == GrantKind.OWN_NAME:
        _check_own_name(client, trail)
    elif client.roles:
        raise ClientGrantInvalid(
            _("A client that acts for accounts has no roles; the roles of each account hold."), pointer="/roles"
        )
    elif not client.redirect_uris:
        raise RedirectAddressInvalid(_("Name at least one redirect address."), pointer="/redirect_uris")
    for address in client.redirect_uris:
        _check_redirect(address)


def _check_own_name(client: NewApiClient, trail: Trail) -> None:
    unknown = sorted(set(client.roles) - set(ROLES))
    if unknown or not client.roles:
        named = ", ".join(unknown) or "''"
        raise RoleUnknown(_("There is no role called %(role)s.") % {"role": named}, pointer="/roles")
    if client.redirect_uris:
        raise ClientGrantInvalid(
            _("Redirect addresses are for clients that act for accounts."), pointer="/redirect_uris"
        )
    if client.client_type != ClientKind.CONFIDENTIAL:
        raise ClientGrantInvalid(_("A client that acts in its own name keeps a secret."), pointer="/client_type")
    _require_within(client.roles, trail.actor)


def _require_within(roles: Collection[str], actor: Principal) -> None:
    beyond = [] if actor.is_system else roles_beyond(roles=roles, permissions=actor.permissions)
    if beyond:
        raise RoleBeyondOwn(
            _("The role %(role)s may do more than you may; ask an owner.") % {"role": ", ".join(beyond)},
            pointer="/roles",
        )


def _check_redirect(address: str) -> None:
    """Complete, https, without fragment, user name or blanks: it is compared character by character later on."""
    try:
        parts: Any = urlsplit(address)
        named = bool(parts.hostname) and parts.username is None and (parts.port is None or parts.port > 0)
    except ValueError:
        named = False
    whole = named and parts.scheme == "https" and "#" not in address and not any(c.isspace() for c in address)
    if not whole or len(address) > 2000 or not address.isascii():
        raise RedirectAddressInvalid(
            _("%(address)s is no complete https address without a fragment.") % {"address": address[:200]},
            pointer="/redirect_uris",
        )
