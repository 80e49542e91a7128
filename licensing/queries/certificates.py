"""Certificates that are out: who holds seats by them, and which of them are worth nothing any more."""

from datetime import datetime
from uuid import UUID

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now

from licensing.models import Certificate, CertificateKind, SigningKeyStatus
from licensing.rules.facts import LicenseStatus


def checked_out(*, at: datetime | Now) -> QuerySet[Certificate]:
    """Every certificate that takes a seat at `at`: checked out, not ended, not returned."""
    return Certificate.objects.filter(holder__isnull=False, returned_at__isnull=True, expires_at__gt=at)


# A live activation has a place of its own; one that has ended leaves it to its certificate, until that ends as well.
# A borrowed seat is counted where it is lent.
TAKES_A_SEAT = (Q(activation__isnull=True) | Q(activation__released_at__isnull=False)) & ~Q(kind=CertificateKind.LEASE)


def holders_of(*, license_id: UUID, at: datetime) -> dict[bytes, bool]:
    """Who holds a seat of the licence by a certificate alone → whether it is a machine. A holder with several
    certificates stands there once."""
    rows = checked_out(at=at).filter(TAKES_A_SEAT, license_id=license_id).values_list("holder", "is_bound")
    return {bytes(holder): is_bound for holder, is_bound in rows if holder is not None}


def number_of_holders(license: OuterRef) -> Coalesce:
    """How many machines hold a seat of an outer query's licence, by the clock of the database's statement."""
    rows = checked_out(at=Now()).filter(TAKES_A_SEAT, license=license, is_bound=True).order_by().values("license")
    number = Subquery(rows.annotate(number=Count("holder", distinct=True)).values("number"))
    return Coalesce(number, 0, output_field=IntegerField())


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
