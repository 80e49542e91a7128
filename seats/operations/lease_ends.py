"""Floating seats that others end: an administrator, a departure, and hygiene."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from identity.models import Person
from kernel.errors import Conflict, InvalidInput
from kernel.trail import Trail
from licensing.operations.lease_certificates import end_lease_certificates
from seats.models import Lease
from seats.operations.lease_book import close_books, open_books
from seats.operations.releasing import LEFT
from seats.rules.leases import LeaseState


class LeaseEnded(Conflict):
    """The lease has ended already."""

    code = "LEASE_ENDED"


class LeaseReasonRequired(InvalidInput):
    """A seat is taken from a session with a reason, which stays on record."""

    code = "LEASE_REASON_REQUIRED"


def force_release(*, lease_id: UUID, reason: str, trail: Trail) -> Lease:
    """Takes a seat, or a place in the queue, from its holder; whoever is next is offered at once. The certificate of a
    borrowed seat is recalled. Raises LeaseReasonRequired, LeaseEnded, Lease.DoesNotExist and Busy."""
    if not reason.strip():
        raise LeaseReasonRequired(_("Say why the seat is taken away."), pointer="/reason")
    found = Lease.objects.get(id=lease_id)
    _recall([found], reason.strip(), trail)
    book = open_books(pool_ids=[found.pool_id], named=Q(id=lease_id), trail=trail)[found.pool_id]
    row = book.rows.get(lease_id)
    if row is None or not row.is_live:
        raise LeaseEnded(_("This lease has ended already."))
    book.end(row, state=LeaseState.REVOKED, by=str(trail.actor.pseudonym), reason=reason.strip())
    close_books(books=[book], trail=trail)
    return row


def end_leases_of_leaver(*, person: Person, trail: Trail) -> list[Lease]:
    """Ends every floating seat of somebody who leaves, certificates of borrowed ones included, in the same number of
    statements however many there are; called with the person's row locked."""
    found = list(Lease.objects.live().filter(person=person).order_by("id"))
    if not found:
        return []
    _recall(found, LEFT, trail)
    books = open_books(pool_ids={row.pool_id for row in found}, named=Q(person=person), trail=trail)
    ended = [(book, row) for book in books.values() for row in book.rows.values()]
    mine = [(book, row) for book, row in ended if row.person_id == person.id and row.is_live]
    for book, row in mine:
        book.end(row, state=LeaseState.RECLAIMED, by=str(trail.actor.pseudonym), reason=LEFT)
    close_books(books=list(books.values()), trail=trail)
    return [row for _book, row in mine]


def settle_pools(*, pool_ids: Collection[UUID], trail: Trail) -> None:
    """Ends what has expired and offers what is free. Hygiene: every other step does the same before it decides."""
    close_books(books=list(open_books(pool_ids=pool_ids, trail=trail).values()), trail=trail)


def _recall(rows: Collection[Lease], reason: str, trail: Trail) -> None:
    """Certificates go before the pool, as in every other step that ends one."""
    lent = [row.certificate_id for row in rows if row.certificate_id is not None]
    if lent:
        at: datetime = trail.clock.now()
        end_lease_certificates(ids=lent, reason=reason, at=at, trail=trail)
