"""Connections to identity providers: made, described, switched on and off."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from identity.models import Binding, ConnectionState, CredentialRoute, GroupRole, IdpCertificate, SamlConnection
from identity.operations.saml_keys import draw_sp_key
from identity.operations.saml_sessions import end_sessions_of
from identity.ports import bindings
from identity.rules.roles import ROLES
from identity.rules.single_sign_on import CLAIMS
from kernel.errors import Conflict, InvalidInput, PermissionRefused
from kernel.trail import Trail

ROUTE = "saml_connection"
LONGEST_ADDRESS = 1000
MOST_CERTIFICATES = 5
MOST_GROUP_ROLES = 200
LEAST_KEY_BITS = 2048


class ConnectionNameTaken(Conflict):
    """Another connection of the organisation has this name."""

    code = "SSO_NAME_TAKEN"


class ConnectionInvalid(InvalidInput):
    """Something about the identity provider cannot be right: an address, a certificate, a role."""

    code = "SSO_CONNECTION_INVALID"


class ConnectionIncomplete(Conflict):
    """A connection without address, name or certificate of the provider cannot be switched on."""

    code = "SSO_CONNECTION_INCOMPLETE"


class NotInPlan(PermissionRefused):
    """The organisation's plan does not include single sign-on."""

    code = "SSO_NOT_IN_PLAN"


@dataclass(frozen=True)
class Provider:
    """How to reach an identity provider and what it signs with; certificates are in PEM. It takes messages about
    signing out by `slo_binding`."""

    entity_id: str
    sso_url: str
    slo_url: str
    certificates: tuple[str, ...]
    slo_binding: str = Binding.REDIRECT


@dataclass(frozen=True)
class Treatment:
    """How people who come through a connection are treated."""

    attribute_map: Mapping[str, str]
    default_role: str
    creates_people: bool
    allows_idp_initiated: bool


def create_connection(*, name: str, trail: Trail) -> SamlConnection:
    """A draft with its public ID and first key; nobody can sign in by it yet. Raises ConnectionNameTaken, NotInPlan."""
    if not bindings.plan(organization_id=trail.organization_id, feature="sso"):
        raise NotInPlan(_("Your plan does not include single sign-on."))
    now = trail.clock.now()
    row = SamlConnection(
        organization_id=trail.organization_id,
        public_id=secrets.token_hex(12),
        name=name,
        created_at=now,
        updated_at=now,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise ConnectionNameTaken(_("Another connection has this name already."), pointer="/name") from error
    CredentialRoute.objects.create(
        kind=ROUTE, digest=connection_digest(row.public_id), organization_id=trail.organization_id
    )
    trail.record("sso_connection.created", subject=row, details={"connection": str(row.id)})
    draw_sp_key(connection=row, trail=trail)
    return row


def connection_digest(public_id: str) -> bytes:
    """What stands in the route: a digest like that of every other credential, though this one is no secret."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(public_id.encode())
    return digest.finalize()


def describe_provider(*, connection: SamlConnection, provider: Provider, trail: Trail) -> None:
    """Sets the provider's name and addresses and replaces its certificates. Raises ConnectionInvalid.

    What was checked before is checked again: none of it may be a script, an address without encryption, a weak key.
    """
    certificates = [_certificate(pem) for pem in provider.certificates]
    if not certificates or len(certificates) > MOST_CERTIFICATES:
        raise ConnectionInvalid(
            _("Give between one and %(most)d certificates.") % {"most": MOST_CERTIFICATES}, pointer="/certificates"
        )
    if provider.slo_binding not in Binding.values:
        raise ConnectionInvalid(_("There is no such way of signing out."), pointer="/slo_binding")
    row = _locked(connection)
    row.idp_entity_id = _entity_id(provider.entity_id)
    row.sso_url = _address(provider.sso_url, "/sso_url")
    row.slo_url = _address(provider.slo_url, "/slo_url") if provider.slo_url else ""
    row.slo_binding = provider.slo_binding
    _save(row, trail, "idp_entity_id", "sso_url", "slo_url", "slo_binding")
    wanted = {certificate.fingerprint(hashes.SHA256()).hex(): certificate for certificate in certificates}
    IdpCertificate.objects.filter(connection=row).exclude(fingerprint__in=wanted).delete()
    present = set(IdpCertificate.objects.filter(connection=row).values_list("fingerprint", flat=True))
    IdpCertificate.objects.bulk_create(
        IdpCertificate(
            organization_id=trail.organization_id,
            connection=row,
            pem=certificate.public_bytes(serialization.Encoding.PEM).decode(),
            fingerprint=fingerprint,
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
            created_at=trail.clock.now(),
        )
        for fingerprint, certificate in wanted.items()
        if fingerprint not in present
    )
    trail.record(
        "sso_connection.provider_changed",
        subject=row,
        details={"entity_id": row.idp_entity_id, "sso_url": row.sso_url, "certificates": sorted(wanted)},
    )


def change_treatment(*, connection: SamlConnection, treatment: Treatment, trail: Trail) -> None:
    """Sets what is read from assertions and what follows from it. Raises ConnectionInvalid."""
    unknown = set(treatment.attribute_map) - set(CLAIMS)
    if unknown or treatment.default_role not in grantable_roles():
        raise ConnectionInvalid(_("There is no such attribute or role."), pointer="/default_role")
    row = _locked(connection)
    row.attribute_map = {claim: name for claim, name in treatment.attribute_map.items() if name}
    row.default_role = treatment.default_role
    row.creates_people = treatment.creates_people
    row.allows_idp_initiated = treatment.allows_idp_initiated
    fields = ("attribute_map", "default_role", "creates_people", "allows_idp_initiated")
    _save(row, trail, *fields)
    trail.record("sso_connection.changed", subject=row, details={name: getattr(row, name) for name in fields})


def set_group_roles(*, connection: SamlConnection, table: Sequence[tuple[str, str]], trail: Trail) -> None:
    """Replaces the table of groups and the roles that they give, from each person's next sign-in. Raises
    ConnectionInvalid. The caller has asked for the right to grant memberships: whoever fills the table grants roles."""
    wanted = sorted({(group.strip(), role) for group, role in table})
    if len(wanted) > MOST_GROUP_ROLES or any(not group or role not in grantable_roles() for group, role in wanted):
        raise ConnectionInvalid(_("Each line names a group and a role that exists."), pointer="/group_roles")
    row = _locked(connection)
    GroupRole.objects.filter(connection=row).delete()
    GroupRole.objects.bulk_create(
        GroupRole(organization_id=trail.organization_id, connection=row, group=group, role=role)
        for group, role in wanted
    )
    _save(row, trail)
    trail.record("sso_connection.group_roles_changed", subject=row, details={"table": [list(one) for one in wanted]})


def grantable_roles() -> frozenset[str]:
    """Roles that an identity provider may give: not the operator's, who answers for the whole installation."""
    return frozenset(ROLES) - {"platform_operator"}


def activate_connection(*, connection: SamlConnection, trail: Trail) -> None:
    """People may sign in by it from now on; twice changes nothing. Raises ConnectionIncomplete, NotInPlan."""
    if not bindings.plan(organization_id=trail.organization_id, feature="sso"):
        raise NotInPlan(_("Your plan does not include single sign-on."))
    row = _locked(connection)
    if row.state == ConnectionState.ACTIVE:
        return
    if not (row.idp_entity_id and row.sso_url and row.certificates.exists()):
        raise ConnectionIncomplete(
            _("Upload the metadata of your identity provider first, or enter its address and certificate.")
        )
    row.state = ConnectionState.ACTIVE
    _save(row, trail, "state")
    trail.record("sso_connection.activated", subject=row, details={})


def disable_connection(*, connection: SamlConnection, trail: Trail) -> None:
    """Nobody signs in by it any more, and whoever did is signed out; twice changes nothing."""
    row = _locked(connection)
    if row.state == ConnectionState.DISABLED:
        return
    row.state = ConnectionState.DISABLED
    _save(row, trail, "state")
    ended = end_sessions_of(connection=row, trail=trail)
    trail.record("sso_connection.disabled", subject=row, details={"sessions": ended})


def _locked(connection: SamlConnection) -> SamlConnection:
    return SamlConnection.objects.select_for_update(no_key=True).get(id=connection.id)


def _save(row: SamlConnection, trail: Trail, *fields: str) -> None:
    row.version += 1
    row.updated_at = trail.clock.now()
    row.save(update_fields=[*fields, "version", "updated_at"])


def _entity_id(text: str) -> str:
    text = text.strip()
    if not text or len(text) > LONGEST_ADDRESS or not text.isprintable():
        raise ConnectionInvalid(_("The entity ID of the provider is missing or too long."), pointer="/entity_id")
    return text


def _address(text: str, pointer: str) -> str:
    """https, or http on this machine where the installation itself is served so, for trying out."""
    text = text.strip()
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    local = not settings.HTTPS and host in {"127.0.0.1", "localhost"}
    allowed = {"https", "http"} if local else {"https"}
    if not host or port == 0 or parts.scheme not in allowed or len(text) > LONGEST_ADDRESS or not _is_plain(text):
        raise ConnectionInvalid(_("This is no https address: %(text)s") % {"text": text[:100]}, pointer=pointer)
    if parts.username or parts.fragment:
        raise ConnectionInvalid(_("An address has neither a user name nor a #."), pointer=pointer)
    return text


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and not set(text) & set(" <>\"'\\")


def _certificate(pem: str) -> x509.Certificate:
    """A certificate with an RSA key of at least 2048 bits: what our signature methods need."""
    try:
        certificate = x509.load_pem_x509_certificate(pem.strip().encode())
        key = certificate.public_key()
    except (ValueError, TypeError) as error:
        raise ConnectionInvalid(_("This is no certificate in PEM."), pointer="/certificates") from error
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < LEAST_KEY_BITS:
        raise ConnectionInvalid(
            _("The certificate needs an RSA key of at least %(bits)d bits.") % {"bits": LEAST_KEY_BITS},
            pointer="/certificates",
        )
    return certificate
