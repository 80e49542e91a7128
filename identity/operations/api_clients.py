"""API clients: making one, a new secret beside the old one, the end of one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
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
from identity.rules.redirects import is_complete_https, is_loopback
from identity.rules.roles import ROLES
from identity.rules.scopes import SCOPES, roles_beyond
from kernel.errors import Conflict, InvalidInput, NotFound, PermissionRefused
from kernel.principal import Principal
from kernel.trail import Trail

OVERLAP: Final = timedelta(hours=24)
MOST_OVERLAP: Final = timedelta(days=14)


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
    """A redirect address is a complete https address without a fragment, or, of a program that cannot keep a secret,
    http://127.0.0.1 or http://[::1] with a path."""

    code = "REDIRECT_ADDRESS_INVALID"


class ClientGrantInvalid(InvalidInput):
    """What was given does not fit in whose name the client acts."""

    code = "API_CLIENT_GRANT_INVALID"


class OverlapInvalid(InvalidInput):
    """The old secret works on for no time at all, or for at most fourteen days."""

    code = "API_CLIENT_OVERLAP_INVALID"


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
        scopes=known_scopes(client.scopes),
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


def rotate_client_secret(*, client_id: UUID, overlap: timedelta = OVERLAP, trail: Trail) -> IssuedClient:
    """A new secret; the old one works on until the overlap ends, so that the program has time to be told.

    Never more than two are live: a secret that is still there from an earlier rotation ends now. With an overlap of
    nothing only the new one is live, which is what a secret that was seen by somebody needs. Tokens live on to their
    end. Whoever holds the secret acts as the client, hence the same question as for making it. Raises ClientNotFound,
    ClientRevoked, ClientWithoutSecret, OverlapInvalid and RoleBeyondOwn.
    """
    row = locked_client(client_id)
    if row.client_type != ClientKind.CONFIDENTIAL:
        raise ClientWithoutSecret(_("This program cannot keep a secret and has none."))
    if not timedelta(0) <= overlap <= MOST_OVERLAP:
        raise OverlapInvalid(_("The old secret works on for at most 14 days."), pointer="/overlap_hours")
    require_within(row.roles, trail.actor)
    now, secret = trail.clock.now(), generate_client_secret()
    row.former_secret, row.former_secret_until = (row.client_secret, now + overlap) if overlap else ("", None)
    row.client_secret, row.secret_drawn_at = _digest(secret), now
    row.save(update_fields=["client_secret", "secret_drawn_at", "former_secret", "former_secret_until"])
    trail.record(
        "api_client.secret_rotated",
        subject=row,
        details={
            "client": str(row.pseudonym),
            "works_until": row.former_secret_until.isoformat() if row.former_secret_until is not None else None,
        },
    )
    return IssuedClient(row, secret)


def revoke_api_client(*, client_id: UUID, trail: Trail) -> ApiClient:
    """The client and all its tokens end now, for good; revoking twice changes nothing. Raises ClientNotFound."""
    row = locked_client(client_id, revoked=True)
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


def locked_client(client_id: UUID, *, revoked: bool = False) -> ApiClient:
    """The client, its row locked. Raises ClientNotFound, and ClientRevoked unless `revoked` ones will do."""
    row = ApiClient.objects.select_for_update(no_key=True).filter(id=client_id).first()
    if row is None:
        raise ClientNotFound(_("There is no such API client in your organisation."))
    if row.revoked_at is not None and not revoked:
        raise ClientRevoked(_("This API client was revoked; make a new one."))
    return row


def known_scopes(scopes: Collection[str]) -> list[str]:
    """The scopes, each once and in order. Raises ScopeUnknown, also for none at all."""
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        named = ", ".join(unknown) or "''"
        raise ScopeUnknown(_("There is no scope called %(scope)s.") % {"scope": named}, pointer="/scopes")
    return sorted(set(scopes))


def require_within(roles: Collection[str], actor: Principal) -> None:
    """Raises RoleBeyondOwn when a program with these roles may do more than the actor."""
    beyond = [] if actor.is_system else roles_beyond(roles=roles, permissions=actor.permissions)
    if beyond:
        raise RoleBeyondOwn(
            _("The role %(role)s may do more than you may; ask an owner.") % {"role": ", ".join(beyond)},
            pointer="/roles",
        )


def _digest(secret: str) -> str:
    return make_password(secret, hasher=DrawnSecretHasher.algorithm) if secret else ""


def _check(client: NewApiClient, trail: Trail) -> None:
    known_scopes(client.scopes)
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
        _check_redirect(address, native=client.client_type == ClientKind.PUBLIC)


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
    require_within(client.roles, trail.actor)


def _check_redirect(address: str, *, native: bool) -> None:
    if is_complete_https(address) or (native and is_loopback(address)):
        return
    if is_loopback(address):
        raise RedirectAddressInvalid(
            _("%(address)s is for programs that run on the machine of whoever uses them and cannot keep a secret.")
            % {"address": address[:200]},
            pointer="/redirect_uris",
        )
    raise RedirectAddressInvalid(
        _("%(address)s is no complete https address without a fragment.") % {"address": address[:200]},
        pointer="/redirect_uris",
    )
