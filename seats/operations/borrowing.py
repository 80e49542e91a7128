"""Floating seats that go along on a journey: lent with a certificate, given back with it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from kernel.errors import Conflict
from kernel.trail import Trail
from licensing.operations.certificates import IssuedCertificate
from licensing.operations.lease_certificates import end_lease_certificates, lend_certificate, presented_certificate
from licensing.operations.license_states import locked_license
from licensing.operations.offline import CertificateNotOut
from licensing.rules.facts import ValidationScope
from seats.models import Lease
from seats.operations.lease_book import LeaseBook, close_books, open_books
from seats.operations.leases import BY_CLIENT, LeaseAnswer, LeaseLost, decided
from seats.rules.capacity import ceiling_at
from seats.rules.leases import LeaseState, may_be_lent

SHORTEST = timedelta(minutes=5)
RENEWED = "renewed"


class BorrowingRefused(Conflict):
    """The pool lends no seats, or none for so long."""

    code = "BORROWING_REFUSED"


class LowWaterReached(Conflict):
    """What is left of the pool is never lent."""

    code = "BORROWING_LOW_WATER"


@dataclass(frozen=True)
class Borrowed:
    """The lease as it is lent, and its certificate, which is handed out and not kept; None with a decision against."""

    answer: LeaseAnswer
    certificate: IssuedCertificate | None


def borrow(
    *,
    license_id: UUID,
    digests: Collection[bytes],
    scope: ValidationScope,
    lease_id: UUID,
    trail: Trail,
    ttl: timedelta | None = None,
    fingerprint: str = "",
) -> Borrowed:
    """Lends an active seat for up to as many days as the pool allows; it counts as used until the certificate ends or
    is given back. `ttl` None: as long as may be. Borrowed again, the seat gets a new certificate and the old one is
    worth nothing. Raises LeaseLost, BorrowingRefused, LowWaterReached, CertificateRefused and Busy."""
    license = locked_license(license_id=license_id)
    found = Lease.objects.filter(id=lease_id, license_id=license_id).first()
    if found is None:
        raise LeaseLost(_("This lease has ended; check out again."))
    _read, decision = decided(license_id, digests, scope, trail.clock.now())
    book = open_books(pool_ids=[found.pool_id], named=Q(id=lease_id), trail=trail)[found.pool_id]
    row = book.rows.get(lease_id)
    if row is None or row.state != LeaseState.ACTIVE:
        raise LeaseLost(_("This lease has ended; check out again."))
    if not decision.valid:
        return Borrowed(LeaseAnswer(decision=decision, at=book.now, license=license), None)
    until = book.now + _ttl(book, ttl)
    _check_low_water(book, row)
    if row.certificate_id is not None:
        end_lease_certificates(ids=[row.certificate_id], reason=RENEWED, at=book.now, trail=trail)
    issued = lend_certificate(
        license=license,
        lease_id=row.id,
        holder=bytes.fromhex(row.holder_key),
        until=until,
        fingerprint=fingerprint,
        at=book.now,
        trail=trail,
    )
    row.certificate, row.borrowed_until = issued.row, issued.row.expires_at
    row.expires_at = issued.row.expires_at or until
    book.changed[row.id] = row
    close_books(books=[book], trail=trail)
    trail.record(
        "lease.borrowed",
        subject=row,
        details={"pool": str(row.pool_id), "certificate": str(issued.row.jti), "until": row.expires_at.isoformat()},
    )
    answered = LeaseAnswer(decision=decision, at=book.now, license=license, lease=row, terms=book.terms)
    return Borrowed(answered, issued)


def return_borrowed(*, token: str, trail: Trail) -> Lease:
    """Gives a borrowed seat back: the certificate itself is the proof. Raises a subclass of TokenRefused, NotFound,
    CertificateNotOut and Busy."""
    certificate = presented_certificate(token=token, trail=trail)
    found = Lease.objects.filter(certificate=certificate).first()
    if found is None:
        raise CertificateNotOut(_("This certificate was returned before."))
    locked_license(license_id=found.license_id)
    book = open_books(pool_ids=[found.pool_id], named=Q(id=found.id), trail=trail)[found.pool_id]
    row = book.rows.get(found.id)
    if row is None or not row.is_live or row.certificate_id != certificate.id:
        raise CertificateNotOut(_("This certificate was returned before."))
    end_lease_certificates(ids=[certificate.id], reason="", at=book.now, trail=trail)
    book.end(row, state=LeaseState.RELEASED, by=BY_CLIENT)
    close_books(books=[book], trail=trail)
    return row


def _ttl(book: LeaseBook, asked: timedelta | None) -> timedelta:
    longest = book.terms.longest_borrowing
    ttl = longest if asked is None else asked
    if not SHORTEST <= ttl <= longest:
        raise BorrowingRefused(
            _("This pool lends seats for five minutes to %(days)d days.") % {"days": book.terms.borrow_days}
            if book.terms.borrow_days
            else _("This pool lends no seats."),
            details={"longest_seconds": int(longest.total_seconds())},
        )
    return ttl


def _check_low_water(book: LeaseBook, row: Lease) -> None:
    most = may_be_lent(limit=ceiling_at(book.facts, book.now), low_water_percent=book.terms.low_water_percent)
    others = Lease.objects.held().filter(pool_id=book.pool.id, borrowed_until__gt=book.now).exclude(id=row.id)
    lent = others.aggregate(sum=Sum("quantity"))["sum"] or 0
    if most is not None and lent + row.quantity > most:
        raise LowWaterReached(
            _("%(most)d seats of this pool may be lent at once, and %(lent)d are.") % {"most": most, "lent": lent},
            details={"most": most, "lent": lent},
        )
