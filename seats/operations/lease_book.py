"""The book of a pool's floating seats, read under the pool's lock: whatever changes them settles it first.

Order of locks: person, licence, pool, leases, ledger head. The clock is asked after the pool's lock. Everything that
settling and the step itself change is written in one statement each, whatever the number of leases and pools.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Case, F, Max, Q, Value, When

from kernel.database import wait_at_most
from kernel.trail import Personal, Trail
from seats.models import Lease, LeasePolicy, SeatPool
from seats.operations.pools import locked_pools
from seats.queries import facts_of
from seats.rules.capacity import PoolFacts, ceiling_at
from seats.rules.leases import USUAL, LeaseState, LeaseTerms, Seats, Wish, in_order, promote

LOCK_SECONDS = 2
NOBODY = "system"
"""Who ended a lease that ended by itself."""
CHANGED = (
    "state", "seen_at", "expires_at", "offered_at", "acquired_at", "released_at", "ended_by", "end_reason",
    "borrowed_until", "certificate",
)  # fmt: skip


@dataclass
class LeaseBook:
    """A pool under its lock, with the leases that matter to the step: those that have expired, the queue, and those
    that were asked for. `facts.used` follows each change; `close_books` writes it all, and enters what is `noted`."""

    pool: SeatPool
    facts: PoolFacts
    terms: LeaseTerms
    now: datetime
    rows: dict[UUID, Lease]
    changed: dict[UUID, Lease] = field(default_factory=dict)
    made: list[Lease] = field(default_factory=list)
    noted: dict[UUID, Lease] = field(default_factory=dict)
    taken: int = 0

    @property
    def limit(self) -> int | None:
        """Seats that may be held now; None where there is no number, and in a soft pool, which admits more."""
        return ceiling_at(self.facts, self.now) if self.facts.hard_limit else None

    @property
    def seats(self) -> Seats:
        kept = {"": self.facts.reserved} if self.facts.reserved else {}
        return Seats(None if self.limit is None else self.limit - self.facts.used, kept)

    @property
    def queue(self) -> list[Lease]:
        """Those who wait, in order."""
        return sorted(
            (row for row in (*self.rows.values(), *self.made) if row.state == LeaseState.WAITING),
            key=lambda row: (row.priority, row.ticket or 0),
        )

    def use(self, quantity: int) -> None:
        """So many seats more (negative: fewer) are held."""
        self.taken += quantity
        self.facts = replace(self.facts, used=self.facts.used + quantity)

    def end(self, row: Lease, *, state: LeaseState, by: str, reason: str = "") -> None:
        """Ends a live lease; its seat is free at once."""
        if row.is_held:
            self.use(-row.quantity)
        row.state, row.released_at, row.ended_by, row.end_reason = state.value, self.now, by, reason
        self.changed[row.id] = self.noted[row.id] = row

    def settle(self) -> None:
        """Ends what has expired, and offers what is free to the queue in its order."""
        for row in list(self.rows.values()):
            if row.is_live and row.expires_at <= self.now:
                self.end(row, state=LeaseState.EXPIRED, by=NOBODY)
        waiting = {row.id: row for row in self.queue}
        for wish in promote(self.seats, [wish_of(row) for row in waiting.values()])[0]:
            if wish.id is not None:
                self._offer(waiting[wish.id])

    def _offer(self, row: Lease) -> None:
        row.state, row.offered_at, row.expires_at = LeaseState.OFFERED.value, self.now, self.now + self.terms.offer
        self.use(row.quantity)
        self.changed[row.id] = self.noted[row.id] = row

    def next_ticket(self) -> int:
        """One more than any that was ever given for this pool; read under its lock."""
        last = Lease.objects.filter(pool_id=self.pool.id).aggregate(last=Max("ticket"))["last"]
        return (last or 0) + 1


def wish_of(row: Lease) -> Wish:
    return Wish(id=row.id, priority=row.priority, ticket=row.ticket, quantity=row.quantity)


def waiting_wishes(book: LeaseBook) -> list[Wish]:
    return in_order(wish_of(row) for row in book.queue)


def open_books(
    *, pool_ids: Collection[UUID], trail: Trail, named: Q | None = None, keys: Sequence[str] = ()
) -> dict[UUID, LeaseBook]:
    """Locks the pools by ascending id and settles each. `named` and `keys` (of holders) say which leases are read
    beside those that settling needs. Raises PoolNotFound, and Busy where a lock is not free within two seconds."""
    wait_at_most(LOCK_SECONDS)
    pools = locked_pools(pool_ids)
    now = trail.clock.now()
    terms = {row.pool_id: row.terms for row in LeasePolicy.objects.filter(pool_id__in=pool_ids)}
    wanted = Q(expires_at__lte=now) | Q(state=LeaseState.WAITING) | Q(holder_key__in=list(keys))
    rows = Lease.objects.live().filter(wanted if named is None else wanted | named, pool_id__in=pool_ids)
    # A heartbeat that holds one of them is waited for, and what it wrote is read.
    found = list(rows.select_for_update(no_key=True, of=("self",)).select_related("person").order_by("id"))
    books = {
        pool.id: LeaseBook(
            pool=pool,
            facts=facts,
            terms=terms.get(pool.id, USUAL),
            now=now,
            rows={row.id: row for row in found if row.pool_id == pool.id},
        )
        for pool, facts in facts_of(pools, at=now)
    }
    for book in books.values():
        book.settle()
    return books


def close_books(*, books: Collection[LeaseBook], trail: Trail) -> None:
    """Offers what the step has set free, writes what has changed, and enters it in the ledger."""
    for book in books:
        book.settle()
    changed = [row for book in books for row in book.changed.values()]
    made = [row for book in books for row in book.made]
    if changed:
        Lease.objects.bulk_update(changed, CHANGED)
    if made:
        Lease.objects.bulk_create(made)
    taken = {book.pool.id: book.taken for book in books if book.taken}
    if taken:
        amounts = Case(*(When(id=key, then=Value(number)) for key, number in sorted(taken.items())), default=Value(0))
        # Counted by the database: were the lock ever missing, the constraint would see the true sum and raise.
        SeatPool.objects.filter(id__in=taken).update(used=F("used") + amounts)
    for book in books:
        for row in book.noted.values():
            record_lease(row=row, trail=trail)


KINDS = {
    LeaseState.WAITING.value: "lease.queued",
    LeaseState.OFFERED.value: "lease.offered",
    LeaseState.ACTIVE.value: "lease.started",
}


def record_lease(*, row: Lease, trail: Trail) -> None:
    """One entry for what became of a lease; renewals are not noted."""
    # A holder outside the directory has no pseudonym there; the lease's own id stands for the name.
    about = row.person.pseudonym if row.person else row.id
    words = {"user": row.user, "reason": row.end_reason} if row.state not in KINDS else {"user": row.user}
    trail.record(
        KINDS.get(row.state, "lease.ended"),
        subject=row,
        details={
            "pool": str(row.pool_id),
            "license": str(row.license_id),
            "person": str(row.person.pseudonym) if row.person else None,
            "quantity": row.quantity,
            "state": row.state,
            "priority": row.priority,
            "ticket": row.ticket,
        },
        personal={name: Personal(about, value) for name, value in words.items() if value},
    )
