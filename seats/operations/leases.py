"""Floating seats over their lives: checked out, kept by heartbeats, given back."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from identity.models import Person
from kernel.errors import Conflict, InvalidInput, Refusal
from kernel.trail import Trail
from licensing.keyring import peppers
from licensing.models import License
from licensing.operations.license_states import locked_license, start_term
from licensing.queries.license_facts import RELATED, license_behind
from licensing.rules.codes import ObligationCode
from licensing.rules.decision import NOT_FOUND, decide
from licensing.rules.digests import subject_digest
from licensing.rules.facts import ValidationScope
from licensing.rules.outcome import Decision
from seats.models import Lease, LeaseDenial
from seats.operations.admission import CapacityExceeded, NotEligible
from seats.operations.holders import PersonInactive
from seats.operations.lease_book import LeaseBook, close_books, open_books, waiting_wishes, wish_of
from seats.operations.lease_pools import pool_of_license, priority_of
from seats.queries import planned_ends
from seats.queries.leases import holds_of, person_behind
from seats.queries.shares import eligible_of
from seats.rules.capacity import admits
from seats.rules.leases import (
    Holding,
    LeaseState,
    LeaseTerms,
    Wish,
    estimated_wait,
    fits,
    is_behind,
    position_of,
    usual_hold,
)

BY_CLIENT = "client"


class LeaseLost(Refusal):
    """The lease has ended, or never was: its seat may be somebody else's by now. Check out again."""

    code = "LEASE_LOST"
    status = 410


class LeaseQuantityDiffers(Conflict):
    """The holder has, or waits for, another number of seats; give those back first."""

    code = "LEASE_QUANTITY_DIFFERS"


class LeaseBorrowed(Conflict):
    """The seat is borrowed: it comes back with its certificate."""

    code = "LEASE_BORROWED"


class LeaseHolderUnclear(InvalidInput):
    """Nothing that was stated tells whose seat it is."""

    code = "LEASE_HOLDER_UNCLEAR"


@dataclass(frozen=True, kw_only=True)
class StatedHolder:
    """Who asks for a seat, in the client's own words: user, machine (its fingerprint) and session tell holders apart,
    department and label are for people."""

    user: str = ""
    machine: str = ""
    session: str = ""
    department: str = ""
    label: str = ""

    def keys(self, holding: Holding) -> list[str]:
        """The keyed digests of the holder, the newest pepper's first. Raises LeaseHolderUnclear."""
        kind, value = "fingerprint", "\n".join((self.user, self.machine, self.session))
        if holding is Holding.USER:
            kind, value = "user", self.user.lower()
        if not value.strip():
            raise LeaseHolderUnclear(
                _("Say who takes the seat: the user, or the machine or session."), pointer="/holder/user"
            )
        return [subject_digest(kind=kind, value=value, pepper=pepper) for pepper in peppers()]


@dataclass(frozen=True, kw_only=True)
class LeaseAnswer:
    """What a client is told: the decision about the licence, the lease or place in the queue that it has, and the
    refusal where it has neither. `wait` is an estimate."""

    decision: Decision
    at: datetime
    license: License
    lease: Lease | None = None
    terms: LeaseTerms | None = None
    position: int | None = None
    wait: timedelta | None = None
    refusal: Refusal | None = None


def check_out(
    *,
    license_id: UUID,
    digests: Collection[bytes],
    scope: ValidationScope,
    holder: StatedHolder,
    trail: Trail,
    quantity: int = 1,
) -> LeaseAnswer:
    """Takes a seat of the licence's pool, or a place in its queue; who has either keeps it, and takes up an offer.

    A denial (`refusal`) is no exception: it settles the pool and is counted. Raises LeaseHolderUnclear, PersonInactive,
    LeaseQuantityDiffers, NotEligible and Busy.
    """
    person = _present(holder)
    now = trail.clock.now()
    license, decision = decided(license_id, digests, scope, now)
    if not decision.valid:
        return LeaseAnswer(decision=decision, at=now, license=license)
    if any(duty.code is ObligationCode.START_TERM for duty in decision.obligations):
        start_term(license=locked_license(license_id=license_id), at=now, trail=trail)
    pool_id = pool_of_license(license=license, trail=trail)
    keys = {holding: holder.keys(holding) for holding in Holding if holding is Holding.HOLDER or holder.user}
    book = open_books(pool_ids=[pool_id], keys=[key for found in keys.values() for key in found], trail=trail)[pool_id]
    mine = keys.get(book.terms.holding) or holder.keys(book.terms.holding)
    row = next((one for one in book.rows.values() if one.holder_key in mine and one.is_live), None)
    if row is not None:
        _again(book, row, quantity)
    else:
        _must_be_eligible(book, person)
        row = _admit(book, _new(book, license, person, holder, mine[0], quantity))
    close_books(books=[book], trail=trail)
    if row is None:
        return _denied(book, decision, license, holder, quantity)
    return answer(book, row, decision, license)


def _must_be_eligible(book: LeaseBook, person: Person | None) -> None:
    """A restricted pool is for those alone whom it names; who the directory does not know is none of them."""
    if not book.pool.restricted or (person is not None and person.id in eligible_of(book.pool.id, [person.id])):
        return
    raise NotEligible(
        _("%(pool)s is for some people alone, and this holder is none of them.") % {"pool": book.pool.name},
        pointer="/holder/user",
        subject=book.pool,
    )


def heartbeat(
    *, license_id: UUID, digests: Collection[bytes], scope: ValidationScope, lease_id: UUID, trail: Trail
) -> LeaseAnswer:
    """A session is still there: one UPDATE, without the pool's lock. Nothing that has ended comes back.

    Under a licence that is not valid now the lease is not prolonged, and the answer says why. Raises LeaseLost. Leaves
    no entry in the ledger.
    """
    now = trail.clock.now()
    license, decision = decided(license_id, digests, scope, now)
    mine = Lease.objects.filter(id=lease_id, license_id=license_id)
    found = mine.select_related("pool__lease_policy").first()
    terms = terms_of(found)
    # Whoever ends the lease at this moment holds its row: the condition is then looked at again, and finds it ended.
    alive = mine.filter(state=LeaseState.ACTIVE, expires_at__gt=now)
    until = now + terms.silence if decision.valid else now
    if not alive.update(seen_at=now, expires_at=Greatest(F("expires_at"), until)):
        raise LeaseLost(_("This lease has ended; check out again."))
    return LeaseAnswer(decision=decision, at=now, license=license, lease=mine.get(), terms=terms)


def check_in(
    *, license_id: UUID, digests: Collection[bytes], scope: ValidationScope, lease_id: UUID, trail: Trail
) -> LeaseAnswer:
    """Gives the seat back, or leaves the queue; whoever is next is offered at once. What has ended stays as it was.
    Raises LeaseLost for a lease that never was, LeaseBorrowed and Busy."""
    found = Lease.objects.filter(id=lease_id, license_id=license_id).select_related("pool").first()
    if found is None:
        raise LeaseLost(_("This lease has ended; check out again."))
    book = open_books(pool_ids=[found.pool_id], named=Q(id=lease_id), trail=trail)[found.pool_id]
    row = book.rows.get(lease_id)
    if row is not None and row.is_live and row.borrowed_until is not None:
        raise LeaseBorrowed(_("This seat is borrowed: give it back with its certificate."))
    if row is not None and row.is_live:
        book.end(row, state=LeaseState.RELEASED, by=BY_CLIENT)
    close_books(books=[book], trail=trail)
    license, decision = decided(license_id, digests, scope, book.now)
    ended = row or Lease.objects.get(id=lease_id)
    return LeaseAnswer(decision=decision, at=book.now, license=license, lease=ended, terms=book.terms)


def terms_of(lease: Lease | None) -> LeaseTerms:
    """The terms of a lease that was read with its pool's policy; the usual ones where there is none."""
    policy = getattr(lease.pool, "lease_policy", None) if lease is not None else None
    return LeaseTerms() if policy is None else policy.terms


def answer(book: LeaseBook, row: Lease, decision: Decision, license: License) -> LeaseAnswer:
    """The lease with, for who waits, position and estimate."""
    if row.state != LeaseState.WAITING:
        return LeaseAnswer(decision=decision, at=book.now, license=license, lease=row, terms=book.terms)
    position = position_of(wish_of(row), waiting_wishes(book))
    wait = estimated_wait(position=position, seats=book.limit or 0, usual_hold=usual_hold(holds_of(book.pool.id)))
    return LeaseAnswer(
        decision=decision, at=book.now, license=license, lease=row, terms=book.terms, position=position, wait=wait
    )


def decided(
    license_id: UUID, digests: Collection[bytes], scope: ValidationScope, at: datetime
) -> tuple[License, Decision]:
    """The decision about the licence, as it would be with a seat."""
    license = License.objects.select_related(*RELATED, "organization", "edition").get(id=license_id)
    known = license_behind(digests=digests, version=scope.version, at=at)
    if known is None:
        return license, NOT_FOUND
    return license, decide(known.facts, scope, at)


def _present(holder: StatedHolder) -> Person | None:
    """The person of our directory behind the stated user, locked, so that nobody leaves meanwhile."""
    person = person_behind(holder.user)
    if person is not None and not person.active:
        raise PersonInactive(
            _("%(person)s is not active and gets no seat.") % {"person": person}, pointer="/holder/user"
        )
    return person


def _new(
    book: LeaseBook, license: License, person: Person | None, holder: StatedHolder, key: str, quantity: int
) -> Lease:
    department = holder.department.strip() or (person.department if person is not None else "")
    return Lease(
        organization_id=book.pool.organization_id,
        pool=book.pool,
        license=license,
        person=person,
        holder_key=key,
        user=holder.user,
        user_lower=holder.user.lower(),
        department=department,
        label=holder.label,
        quantity=quantity,
        priority=priority_of(pool_id=book.pool.id, department=department, person=person),
        asked_at=book.now,
        seen_at=book.now,
    )


def _again(book: LeaseBook, row: Lease, quantity: int) -> None:
    if row.quantity != quantity:
        raise LeaseQuantityDiffers(
            _("This holder has asked for %(held)d seats before; give those back first.") % {"held": row.quantity},
            pointer="/quantity",
            details={"held": row.quantity},
        )
    row.seen_at = book.now
    if row.state == LeaseState.WAITING:
        row.expires_at = book.now + book.terms.patience
    else:
        row.expires_at = max(row.expires_at, book.now + book.terms.silence)
        if row.state == LeaseState.OFFERED:
            row.acquired_at, row.state = book.now, LeaseState.ACTIVE.value
            book.noted[row.id] = row
    book.changed[row.id] = row


def _admit(book: LeaseBook, row: Lease) -> Lease | None:
    """The new lease with a seat, or with a ticket; None where it gets neither."""
    wish, queue = Wish(priority=row.priority, quantity=row.quantity), waiting_wishes(book)
    if fits(book.seats, wish, ahead=is_behind(wish, queue)):
        true_limit = admits(book.facts, quantity=row.quantity, at=book.now, has_reason=True)
        row.state, row.acquired_at, row.over_limit = LeaseState.ACTIVE.value, book.now, true_limit.over_limit
        row.expires_at = book.now + book.terms.silence
        book.use(row.quantity)
    elif book.terms.queues and (book.limit is None or row.quantity <= book.limit):
        row.state, row.ticket = LeaseState.WAITING.value, book.next_ticket()
        row.expires_at = book.now + book.terms.patience
    else:
        return None
    book.made.append(row)
    book.noted[row.id] = row
    return row


def _denied(book: LeaseBook, decision: Decision, license: License, holder: StatedHolder, quantity: int) -> LeaseAnswer:
    """Counted, and told when to come back."""
    LeaseDenial.objects.create(
        organization_id=book.pool.organization_id,
        pool_id=book.pool.id,
        license_id=license.id,
        user=holder.user,
        department=holder.department.strip(),
        quantity=quantity,
        used=book.facts.used,
        at=book.now,
    )
    facts = replace(book.facts, planned_ends=planned_ends(book.pool.id, at=book.now))
    told = admits(facts, quantity=quantity, at=book.now)
    refusal = CapacityExceeded(
        _("%(pool)s is full: %(used)d of %(capacity)d seats are in use.")
        % {"pool": book.pool.name, "used": told.used, "capacity": told.capacity or 0},
        details={
            "capacity": told.capacity,
            "used": told.used,
            "free": told.free,
            "requested": quantity,
            "next_free_at": told.next_free_at.isoformat() if told.next_free_at else None,
        },
    )
    return LeaseAnswer(decision=decision, at=book.now, license=license, terms=book.terms, refusal=refusal)
