"""Certificates that are out: who holds seats by them, and which of them are worth nothing any more."""

from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from licensing.models import Certificate, SigningKeyStatus
from licensing.rules.facts import LicenseStatus


def checked_out(*, at: datetime) -> QuerySet[Certificate]:
    """Every certificate that takes a seat at `at`: checked out, not ended, not returned."""
    return Certificate.objects.filter(holder__isnull=False, returned_at__isnull=True, expires_at__gt=at)


def holders_of(*, license_id: UUID, at: datetime) -> set[bytes]:
    """Who holds a seat of the licence by a certificate; a holder with several certificates stands there once."""
    rows = checked_out(at=at).filter(license_id=license_id).values_list("holder", flat=True)
    return {bytes(holder) for holder in rows if holder is not None}


def last_end_of_offline(*, license: str) -> Subquery:
    """When the last certificate that is out ends, for an annotation; `license` is the outer query's way to the licence.

    An end in the past is reported as well: who reads it compares it with its own clock.
    """
    rows = Certificate.objects.filter(license=OuterRef(license), holder__isnull=False, returned_at__isnull=True)
    return Subquery(rows.order_by("-expires_at").values("expires_at")[:1])


def revoked_certificates(*, at: datetime) -> list[tuple[UUID, datetime | None]]:
    """Certificates whose own end has not come and that hold no more: returned, recalled, of a revoked licence, or
    signed by a revoked key; each with that end (None: never), by their ids."""
    gone = (
        Q(returned_at__isnull=False)
        | Q(license__status=LicenseStatus.REVOKED)
        | Q(signing_key__status=SigningKeyStatus.REVOKED)
    )
    live = Q(expires_at__isnull=True) | Q(expires_at__gt=at)
    return list(Certificate.objects.filter(gone, live).order_by("jti").values_list("jti", "expires_at"))
