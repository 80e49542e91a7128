"""Certificates of borrowed seats: the offline form of a lease. seats/ lends, counts and takes back; here they are
signed, and put on the revocation list when they end early."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from kernel.errors import NotFound
from kernel.trail import Personal, Trail
from licensing.models import Certificate, CertificateKind, License, SigningKey
from licensing.operations.certificates import IssuedCertificate, signed_certificate, token_digest
from licensing.operations.offline import HOLDER, CertificateNotOut
from licensing.queries.signing_keys import VERIFIES
from licensing.rules.offline import fingerprint_digest
from licensing.signing import TokenKind, verify


def lend_certificate(
    *, license: License, lease_id: UUID, holder: bytes, until: datetime, fingerprint: str, at: datetime, trail: Trail
) -> IssuedCertificate:
    """Signs a borrowed seat of a licence that the caller holds locked and has found valid at `at`. With a fingerprint
    it is good on that machine alone. Raises CertificateRefused."""
    return signed_certificate(
        license=license,
        at=at,
        trail=trail,
        until=until,
        holder=holder,
        fingerprint=fingerprint_digest(fingerprint) if fingerprint else None,
        lease_id=lease_id,
    )


def presented_certificate(*, token: str, trail: Trail) -> Certificate:
    """The borrowed seat that the token proves. Raises a subclass of TokenRefused, NotFound and CertificateNotOut."""
    keys = {row.kid: bytes(row.public) for row in SigningKey.objects.filter(status__in=VERIFIES)}
    claims = verify(token, kind=TokenKind.LEASE, keys=keys, at=trail.clock.now()).claims
    row = Certificate.objects.filter(token_digest=token_digest(token), kind=CertificateKind.LEASE).first()
    if row is None or str(row.jti) != claims["jti"]:
        raise NotFound(_("No certificate of this kind was issued here."))
    if row.returned_at is not None:
        raise CertificateNotOut(_("This certificate was returned before."))
    return row


def end_lease_certificates(*, ids: Collection[UUID], reason: str, at: datetime, trail: Trail) -> list[Certificate]:
    """Ends those of these certificates that are out, before their time: they stand on the revocation list from now on.
    An empty reason says that the holder gave them back, another one that somebody recalled them."""
    out = Certificate.objects.select_for_update(no_key=True, of=("self",)).filter(
        id__in=ids, kind=CertificateKind.LEASE, returned_at__isnull=True, expires_at__gt=at
    )
    rows = list(out.order_by("id"))
    by = str(trail.actor.pseudonym) if reason else HOLDER
    Certificate.objects.filter(id__in=[row.id for row in rows]).update(
        returned_at=at, returned_by=by, return_reason=reason
    )
    for row in rows:
        trail.record(
            "certificate.recalled" if reason else "certificate.returned",
            subject=row,
            details={"license": str(row.license_id), "jti": str(row.jti), "sequence": row.sequence},
            personal={"reason": Personal(trail.actor.pseudonym, reason)} if reason else {},
        )
    return rows
