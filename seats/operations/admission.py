"""Who may have a seat: the facts read after the locks, and one verdict for each request."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from kernel.errors import Conflict, InvalidInput, Refusal
from seats.models import Assignment, SeatPool
from seats.operations.holders import HolderKey, Holders, SeatRequest, mistake_in
from seats.operations.standing_of_holders import Standing
from seats.queries import DIRECT_SOURCES, IDLE_DAYS, idle_seats, planned_ends
from seats.rules.capacity import AdmissionCode, PlannedEnd, PoolFacts, admits
from seats.rules.shares import Promise, drawn, undrawn_for_others


class CapacityExceeded(Conflict):
    """The pool has no seat left for this; `next_free_at` says when the quantity is expected to fit, null: unknown."""

    code = "CAPACITY_EXCEEDED"
    event = "seat.refused"


class ReasonRequired(InvalidInput):
    """A seat given without an approved request needs a reason, and so does one beyond the limit of a soft pool."""

    code = "REASON_REQUIRED"


class NotEligible(Conflict):
    """The pool is for some people alone, and the holder is none of them."""

    code = "NOT_ELIGIBLE"
    event = "seat.refused"


class QuantityDiffers(Conflict):
    """The holder has a seat of this pool with another quantity; release that one first."""

    code = "ASSIGNMENT_QUANTITY_DIFFERS"


@dataclass(frozen=True)
class Book:
    """What the decision rests on, read after the locks."""

    pool: SeatPool
    facts: PoolFacts
    holders: Holders
    held: dict[HolderKey, Assignment]
    now: datetime
    standing: Standing = field(default_factory=Standing)

    @property
    def promises(self) -> tuple[Promise, ...]:
        return self.standing.promises.get(self.pool.id, ())

    @cached_property
    def planned_ends(self) -> tuple[PlannedEnd, ...]:
        """Read only when somebody is refused: they tell when to come back."""
        return planned_ends(self.pool.id, at=self.now)

    @cached_property
    def idle(self) -> int:
        """As the planned ends: it tells where a seat could come from."""
        return idle_seats(self.pool, at=self.now)


@dataclass(frozen=True)
class Verdict:
    """`is_held`: the holder has the seat already, or gets it by an earlier request of the same call."""

    request: SeatRequest
    refusal: Refusal | None = None
    is_held: bool = False
    over_limit: bool = False


def read_book(
    pool: SeatPool,
    facts: PoolFacts,
    requests: Sequence[SeatRequest],
    holders: Holders,
    now: datetime,
    standing: Standing,
) -> Book:
    """The facts of the pool at `now`, and the seats of it that the named holders have."""
    mine = (
        Q(person__in=[one.person.id for one in requests if one.person])
        | Q(device__in=[one.device.id for one in requests if one.device])
        | Q(external_holder_lower__in=[one.key[1] for one in requests if one.key[0] == "external" and one.key[1]])
    )
    held = Assignment.objects.live().filter(mine, pool=pool)
    return Book(pool, facts, holders, {key_of(row): row for row in held}, now, standing)


def key_of(row: Assignment) -> HolderKey:
    """Who holds the seat, as a request names whoever asks."""
    if row.person_id is not None:
        return "person", str(row.person_id)
    if row.device_id is not None:
        return "device", str(row.device_id)
    return "external", row.external_holder_lower


def judge(book: Book, requests: Sequence[SeatRequest], *, source: str, request_id: UUID | None) -> list[Verdict]:
    """One verdict for each request, each seeing the seats that the ones before it take."""
    facts, promises = book.facts, book.promises
    held = {key: row.quantity for key, row in book.held.items()}
    needs_reason = request_id is None and source in DIRECT_SOURCES
    verdicts: list[Verdict] = []
    for wanted in requests:
        refusal = _refusal_before_capacity(book, wanted, held=held.get(wanted.key), needs_reason=needs_reason)
        if refusal is not None or wanted.key in held:
            verdicts.append(Verdict(wanted, refusal=refusal, is_held=wanted.key in held))
            continue
        mine = book.standing.drawn_by(wanted.key)
        facts = replace(facts, reserved=undrawn_for_others(promises, mine=mine))
        verdict = _by_capacity(book, facts, wanted)
        if verdict.refusal is None:
            facts, held[wanted.key] = replace(facts, used=facts.used + wanted.quantity), wanted.quantity
            promises = drawn(promises, mine=mine, quantity=wanted.quantity)
        verdicts.append(verdict)
    return verdicts


def _refusal_before_capacity(
    book: Book, wanted: SeatRequest, *, held: int | None, needs_reason: bool
) -> Refusal | None:
    """Why the request fails however many seats are free, or None."""
    if mistake := mistake_in(wanted, at=book.now):
        return mistake
    if refusal := book.holders.refusal(wanted):
        refusal.subject = book.pool
        return refusal
    if held is None and not book.standing.may_use(book.pool, wanted.key):
        return NotEligible(
            _("%(pool)s is for some people alone, and this holder is none of them.") % {"pool": book.pool.name},
            pointer="/person",
            subject=book.pool,
        )
    if held is None and needs_reason and not wanted.reason.strip():
        return ReasonRequired(_("Say why this seat is given without a request."), pointer="/reason")
    if held is not None and held != wanted.quantity:
        return QuantityDiffers(
            _("The holder has %(held)d of this pool. Release that seat before assigning another quantity.")
            % {"held": held},
            pointer="/quantity",
            details={"held": held},
        )
    return None


def _by_capacity(book: Book, facts: PoolFacts, wanted: SeatRequest) -> Verdict:
    admission = admits(facts, quantity=wanted.quantity, at=book.now, has_reason=bool(wanted.reason.strip()))
    if admission.allowed:
        return Verdict(wanted, over_limit=admission.over_limit)
    return Verdict(wanted, refusal=_no_seat(book, facts, wanted.quantity))


def _no_seat(book: Book, facts: PoolFacts, quantity: int) -> Refusal:
    admission = admits(replace(facts, planned_ends=book.planned_ends), quantity=quantity, at=book.now)
    if admission.code == AdmissionCode.REASON_REQUIRED:
        return ReasonRequired(
            _("%(pool)s is full. Its limit is soft: say why a seat beyond it is needed.") % {"pool": book.pool.name},
            pointer="/reason",
        )
    return full(
        book.pool,
        capacity=admission.capacity,
        used=admission.used,
        free=admission.free,
        requested=quantity,
        next_free_at=admission.next_free_at,
        idle=book.idle,
        reserved=facts.reserved,
    )


def full(
    pool: SeatPool,
    *,
    capacity: int | None,
    used: int,
    free: int | None,
    requested: int,
    next_free_at: datetime | None,
    idle: int,
    reserved: int,
) -> CapacityExceeded:
    """The refusal of a full pool, the same on every surface: figures, and where a seat could come from."""
    said = [
        _("%(pool)s is full: %(used)d of %(capacity)d seats are in use.")
        % {"pool": pool.name, "used": used, "capacity": capacity or 0}
    ]
    if reserved:
        said.append(_("%(reserved)d are kept for others.") % {"reserved": reserved})
    if idle:
        said.append(_("%(idle)d of them have not been used for %(days)d days.") % {"idle": idle, "days": IDLE_DAYS})
    return CapacityExceeded(
        " ".join(said),
        subject=pool,
        details={
            "capacity": capacity,
            "used": used,
            "free": free,
            "requested": requested,
            "next_free_at": next_free_at.isoformat() if next_free_at else None,
            "idle": idle,
            "reserved": reserved,
            "reclaim_at": reverse("seats:pool", args=[pool.id]),
        },
    )


def refusal_of_all(book: Book, verdicts: Sequence[Verdict]) -> Refusal:
    """The refusal of the whole: the first one, and for a lack of seats the figures of all that were asked for."""
    first = next(verdict.refusal for verdict in verdicts if verdict.refusal is not None)
    if len(verdicts) == 1 or not isinstance(first, CapacityExceeded):
        return first
    mine = frozenset[UUID]().union(*(book.standing.drawn_by(verdict.request.key) for verdict in verdicts))
    facts = replace(book.facts, reserved=undrawn_for_others(book.promises, mine=mine))
    return _no_seat(book, facts, sum(verdict.request.quantity for verdict in verdicts if not verdict.is_held))
