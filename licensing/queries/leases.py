"""Whether a token proves a floating seat: verified by its signature alone, without asking who keeps the leases."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from licensing.models import Certificate, SigningKey
from licensing.queries.license_facts import KeyedLicense
from licensing.queries.signing_keys import VERIFIES
from licensing.rules.facts import LicenseModel
from licensing.signing import TokenKind, TokenRefused, verify


def with_lease(known: KeyedLicense, *, lease: str | None, at: datetime) -> KeyedLicense:
    """The facts with what a floating licence demands: a seat that was checked out, which the token proves."""
    if known.facts.model is not LicenseModel.FLOATING:
        return known
    live = lease is not None and lease_holds(lease, license_id=known.license_id, at=at)
    return replace(known, facts=replace(known.facts, lease_required=True, lease_live=live))


def lease_holds(token: str, *, license_id: UUID, at: datetime) -> bool:
    """Whether the token is a lease of this licence that we signed and that has not ended at `at`; a borrowed seat that
    was returned or recalled has."""
    keys = {row.kid: bytes(row.public) for row in SigningKey.objects.filter(status__in=VERIFIES)}
    try:
        claims = verify(token, kind=TokenKind.LEASE, keys=keys, at=at, expect={"sub": str(license_id)}).claims
    except TokenRefused:
        return False
    if "lse" not in claims:
        return True
    return Certificate.objects.filter(jti=claims["jti"], returned_at__isnull=True).exists()
