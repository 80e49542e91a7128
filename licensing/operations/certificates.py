"""Licence certificates: signed statements of what a licence grants, for machines without a connection."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from kernel.errors import Conflict
from kernel.ids import new_id
from kernel.trail import Trail
from licensing.armour import armour
from licensing.keyring import signer_of
from licensing.models import Activation, Certificate, CertificateKind, License
from licensing.operations.license_states import locked_license, start_term
from licensing.operations.signing_keys import ensure_signing_key
from licensing.queries.carried import carried_by
from licensing.queries.license_facts import facts_of, limits_of
from licensing.rules.certificate import CertificateClaims, certificate_claims
from licensing.rules.decision import decide
from licensing.rules.expiry import expiry_of
from licensing.rules.facts import LicenseFacts, ValidationScope
from licensing.signing import TokenKind

TOKEN_KINDS = {
    CertificateKind.LICENSE: TokenKind.LICENSE,
    CertificateKind.ACTIVATION: TokenKind.ACTIVATION,
    CertificateKind.LEASE: TokenKind.LEASE,
}


class CertificateRefused(Conflict):
    """The licence is not valid now, or its term has not begun: nothing could be certified that holds."""

    code = "CERTIFICATE_REFUSED"


@dataclass(frozen=True)
class IssuedCertificate:
    """The stored row, and the token with its `.lic` file, which are handed out and not kept."""

    row: Certificate
    token: str = field(repr=False)

    @property
    def file(self) -> str:
        return armour(self.token)


def issue_certificate(*, license_id: UUID, trail: Trail) -> IssuedCertificate:
    """Signs what the licence grants now. A term that counts from the first validation begins here as well, and each
    certificate of a licence has a higher sequence than the one before. Raises CertificateRefused.
    """
    license = locked_license(license_id=license_id)
    now = trail.clock.now()
    check_valid(facts_of(license, carried=carried_by(license, at=now)), now)
    return signed_certificate(license=license, at=now, trail=trail)


def signed_certificate(
    *,
    license: License,
    at: datetime,
    trail: Trail,
    until: datetime | None = None,
    holder: bytes | None = None,
    fingerprint: str | None = None,
    activation: Activation | None = None,
    lease_id: UUID | None = None,
) -> IssuedCertificate:
    """Signs and stores a certificate of a licence that the caller holds locked and has found valid at `at`.

    With a `holder` it is checked out: it ends at `until` at the latest. `fingerprint` is the digest for the claim `fp`.
    With an `activation` or a `lease_id` (of a borrowed seat) it is of that kind, and names it.
    Raises CertificateRefused when the licence ends within this second.
    """
    token_id, key = new_id(), ensure_signing_key(trail=trail)
    start_term(license=license, at=at, trail=trail)
    claims = certificate_claims(
        facts=facts_of(license, carried=carried_by(license, at=at)),
        at=at,
        issuer=license.organization.slug,
        audience=license.product.code or str(license.product_id),
        subject=str(license.id),
        token_id=str(token_id),
        sequence=_next_sequence(license),
        limits=limits_of(license),
        until=until,
        fingerprint=fingerprint,
        activation=None if activation is None else str(activation.id),
        lease=None if lease_id is None else str(lease_id),
    )
    kind = _kind(activation, lease_id)
    token = signer_of(key).sign(kind=TOKEN_KINDS[kind], claims=claims)
    row = Certificate.objects.create(
        organization_id=trail.organization_id,
        jti=token_id,
        kind=kind,
        license=license,
        activation=activation,
        signing_key=key,
        sequence=claims["seq"],
        token_digest=token_digest(token),
        holder=holder,
        is_bound=fingerprint is not None,
        issued_at=at,
        expires_at=_end(claims, at),
    )
    trail.record(
        "certificate.issued" if holder is None else "certificate.checked_out",
        subject=row,
        details={
            "license": str(license.id),
            "jti": str(token_id),
            "kid": key.kid,
            "sequence": row.sequence,
            **({} if row.expires_at is None else {"expires_at": row.expires_at.isoformat()}),
        },
    )
    return IssuedCertificate(row=row, token=token)


def _kind(activation: Activation | None, lease_id: UUID | None) -> CertificateKind:
    if lease_id is not None:
        return CertificateKind.LEASE
    return CertificateKind.LICENSE if activation is None else CertificateKind.ACTIVATION


def token_digest(token: str) -> bytes:
    """What is kept of a token: enough to recognise it, too little to use it."""
    return hashlib.sha256(token.encode()).digest()


def check_valid(facts: LicenseFacts, now: datetime) -> None:
    """Raises CertificateRefused for a licence that is not valid, or whose end cannot be known yet."""
    decision = decide(facts, ValidationScope(), now)
    if not decision.valid:
        raise CertificateRefused(
            _("The licence is not valid now (%(code)s).") % {"code": decision.code.value},
            details={"validation_code": decision.code.value},
        )
    if facts.duration is not None and expiry_of(facts, now) is None:
        raise CertificateRefused(_("The term of this licence has not begun, so its end cannot be certified."))


def _next_sequence(license: License) -> int:
    """The licence's own for the first certificate; one more for each that follows."""
    if license.certificates.exists():
        license.sequence += 1
        license.save(update_fields=["sequence"])
    return license.sequence


def _end(claims: CertificateClaims, now: datetime) -> datetime | None:
    ends = claims.get("exp")
    if ends is None:
        return None
    if ends <= now.timestamp():
        raise CertificateRefused(_("The licence ends within this second."))
    return datetime.fromtimestamp(ends, UTC)
