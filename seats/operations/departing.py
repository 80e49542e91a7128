"""People who leave and people who are back: what becomes of their seats.

Implements identity.ports.Departure and identity.ports.Return. Called with the person's row locked; the policy's row is
locked next, so that leavers are counted one after the other. Pools follow, then seats (docs/architecture.md).
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from identity.models import Person
from kernel.errors import InvalidInput, JsonValue, NotFound
from kernel.trail import Personal, Trail
from seats.leaving_mail import tell_deciders
from seats.models import (
    OPEN_DEPARTURES,
    Assignment,
    ClaimKind,
    Departure,
    DepartureState,
    LeavingPolicy,
    SeatClaim,
)
from seats.models.departures import MOST_DAYS
from seats.operations.claims import forget_seats, settle
from seats.operations.lease_ends import end_leases_of_leaver
from seats.operations.releasing import LEFT, release_many
from seats.rules.leaving import WINDOW, Fate, LeavingFacts, Verdict, fate_of

UNDECIDED = ("stopped", "grace", "kept")


class DepartureNotFound(NotFound):
    """There is no such departure in this organisation, or none that waits for a decision."""

    code = "DEPARTURE_NOT_FOUND"


class DepartureReasonRequired(InvalidInput):
    """Deciding about the seats of leavers needs a reason, which stays on record."""

    code = "DEPARTURE_REASON_REQUIRED"


class LeavingPolicyInvalid(InvalidInput):
    """Days are whole numbers up to 365, the return no shorter than the grace, and a limit at least 1."""

    code = "LEAVING_POLICY_INVALID"


def depart(*, person: Person, trail: Trail) -> Departure | None:
    """Ends the leases of somebody who leaves, and releases the seats or lets them wait: under legal hold, when unusual
    numbers leave, or for the organisation's grace. One entry for each. Somebody who holds no seat leaves nothing; twice
    changes nothing."""
    # Whoever has no access needs no session: nothing else of a departure waits for them.
    end_leases_of_leaver(person=person, trail=trail)
    held = list(Assignment.objects.live().filter(person=person).order_by("id"))
    if not held or Departure.objects.filter(person=person, state__in=OPEN_DEPARTURES).exists():
        return None
    policy = locked_policy(trail=trail)
    now = trail.clock.now()
    left_at = person.left_at or now
    verdict = fate_of(_facts(person, left_at, policy, now), at=now)
    row = Departure.objects.create(
        organization_id=trail.organization_id,
        person=person,
        left_at=left_at,
        state=verdict.fate.value,
        seats=[str(seat.id) for seat in held],
        due_at=verdict.due_at,
        return_until=left_at + timedelta(days=policy.return_days),
        updated_at=now,
    )
    Person.objects.filter(id=person.id).update(left_behind=True)
    if verdict.fate == Fate.RELEASED:
        release_many(assignments=held, reason=LEFT, trail=trail)
        forget_seats(person_ids=[person.id])
    else:
        _record_waiting(held, person, verdict, trail)
    return row


def come_back(*, person: Person, trail: Trail) -> None:
    """Somebody is back: seats that are still held stay, those released since are given again where they are free, and
    for the others a claim waits."""
    now = trail.clock.now()
    row = Departure.objects.filter(person=person).order_by("-left_at", "-id").first()
    if row is None or row.state == DepartureState.RETURNED:
        return
    if row.state == DepartureState.RELEASED and now >= row.return_until:
        return
    row.state, row.due_at, row.updated_at = DepartureState.RETURNED.value, None, now
    row.save(update_fields=["state", "due_at", "updated_at"])
    claims = [*_claims_of_returned(row, person, now), *_waiting_of(person)]
    settle(claims=claims, trail=trail)
    trail.record(
        "departure.returned",
        subject=row,
        details={
            "person": str(person.pseudonym),
            "seats": len(row.seats),
            "waiting": sum(c.is_waiting for c in claims),
        },
    )


def confirm_departures(*, departure_ids: Collection[UUID], reason: str, trail: Trail) -> list[Departure]:
    """A person says that these leavers are real: their seats go as the policy says, at once or after the grace.

    Whoever is under legal hold stays frozen, whoever is back keeps the seats. Raises DepartureReasonRequired and
    DepartureNotFound.
    """
    rows = _decidable(departure_ids, reason)
    policy = locked_policy(trail=trail)
    _decide(rows, reason, trail)
    for row in rows:
        trail.record("departure.confirmed", subject=row, details=_about(row), personal=_why(reason, trail))
    _carry_on([row for row in rows if not row.person.active], policy, trail, confirmed=True)
    for row in rows:
        if row.person.active:
            come_back(person=row.person, trail=trail)
    return rows


def keep_departures(*, departure_ids: Collection[UUID], reason: str, trail: Trail) -> list[Departure]:
    """A person says that these seats stay, for a directory that was wrong: until the leaver is back, or until the
    departure is confirmed. Raises DepartureReasonRequired and DepartureNotFound."""
    rows = _decidable(departure_ids, reason)
    _decide(rows, reason, trail)
    for row in rows:
        row.state, row.due_at = DepartureState.KEPT.value, None
        trail.record("departure.kept", subject=row, details=_about(row), personal=_why(reason, trail))
    Departure.objects.bulk_update(rows, ["state", "due_at"])
    return rows


def carry_on(*, departure_ids: Collection[UUID], trail: Trail) -> int:
    """What time alone decides: a grace that is over, a legal hold that was lifted or placed since. Says how many moved
    on; called twice it changes nothing more."""
    found = Departure.objects.filter(id__in=departure_ids, state__in=["grace", "held"])
    people = _locked_people(found.values_list("person_id", flat=True))
    policy = locked_policy(trail=trail)
    rows = _locked(Q(id__in=departure_ids, state__in=["grace", "held"], person__in=people))
    return _carry_on([row for row in rows if not row.person.active], policy, trail, confirmed=False)


def tell_of_stopped(*, trail: Trail) -> int:
    """Writes to those who may decide about leavers that wait, once for each that was stopped; says how many mails."""
    rows = list(Departure.objects.select_for_update(no_key=True).filter(state="stopped", told_at__isnull=True))
    if not rows:
        return 0
    rows.sort(key=lambda row: row.id)
    waiting = Departure.objects.filter(state="stopped").count()
    told = tell_deciders(first=rows[0].id, count=waiting, trail=trail)
    Departure.objects.filter(id__in=[row.id for row in rows]).update(told_at=trail.clock.now())
    return told


def set_leaving_policy(*, grace_days: int, return_days: int, most_leavers: int | None, trail: Trail) -> LeavingPolicy:
    """What becomes of the seats of whoever leaves from now on; the same again changes nothing. Raises
    LeavingPolicyInvalid."""
    if not 0 <= grace_days <= MOST_DAYS:
        raise LeavingPolicyInvalid(_("Between 0 and %(most)d days.") % {"most": MOST_DAYS}, pointer="/grace_days")
    if not grace_days <= return_days <= MOST_DAYS:
        raise LeavingPolicyInvalid(
            _("At least as long as the grace, and at most %(most)d days.") % {"most": MOST_DAYS},
            pointer="/return_days",
        )
    if most_leavers is not None and most_leavers < 1:
        raise LeavingPolicyInvalid(_("At least 1."), pointer="/most_leavers")
    row = locked_policy(trail=trail)
    if (row.grace_days, row.return_days, row.most_leavers) == (grace_days, return_days, most_leavers):
        return row
    row.grace_days, row.return_days, row.most_leavers = grace_days, return_days, most_leavers
    row.updated_at = trail.clock.now()
    row.save(update_fields=["grace_days", "return_days", "most_leavers", "updated_at"])
    trail.record(
        "leaving_policy.changed",
        subject=row,
        details={"grace_days": grace_days, "return_days": return_days, "most_leavers": most_leavers},
    )
    return row


def locked_policy(*, trail: Trail) -> LeavingPolicy:
    """The organisation's policy, its row locked and made when there is none yet."""
    row = LeavingPolicy.objects.select_for_update(no_key=True).first()
    return row or LeavingPolicy.objects.create(organization_id=trail.organization_id, updated_at=trail.clock.now())


def _facts(person: Person, left_at: datetime, policy: LeavingPolicy, now: datetime) -> LeavingFacts:
    recent = Q(active=False, left_at__gt=now - WINDOW, merged_into__isnull=True)
    counted = Person.objects.filter(Q(active=True) | recent).aggregate(
        leavers=Count("id", filter=recent), people=Count("id")
    )
    return LeavingFacts(
        left_at=left_at,
        legal_hold=person.legal_hold,
        grace_days=policy.grace_days,
        leavers=counted["leavers"],
        people=counted["people"],
        fixed_limit=policy.most_leavers,
    )


def _carry_on(rows: Sequence[Departure], policy: LeavingPolicy, trail: Trail, *, confirmed: bool) -> int:
    """Settles departures whose people are locked, in a number of queries that does not grow with them."""
    now = trail.clock.now()
    if not rows:
        return 0
    verdicts = {row.id: _again(row, policy, now, confirmed=confirmed) for row in rows}
    moved = [row for row in rows if (verdicts[row.id].fate, verdicts[row.id].due_at) != (row.state, row.due_at)]
    for row in moved:
        row.state, row.due_at, row.updated_at = verdicts[row.id].fate.value, verdicts[row.id].due_at, now
    Departure.objects.bulk_update(moved, ["state", "due_at", "updated_at"])
    leaving = [row.person_id for row in moved if row.state == DepartureState.RELEASED]
    seats = list(Assignment.objects.live().filter(person__in=leaving).order_by("id"))
    if seats:
        release_many(assignments=seats, reason=LEFT, trail=trail)
    forget_seats(person_ids=leaving)
    return len(moved)


def _again(row: Departure, policy: LeavingPolicy, now: datetime, *, confirmed: bool) -> Verdict:
    """The fate of a departure that is not stopped any more. A grace that has begun keeps its end."""
    facts = LeavingFacts(
        left_at=row.left_at,
        legal_hold=row.person.legal_hold,
        grace_days=policy.grace_days,
        leavers=0,
        people=0,
        confirmed=True,
    )
    if row.state == DepartureState.GRACE and not facts.legal_hold and not confirmed:
        return Verdict(Fate.GRACE, row.due_at) if row.due_at and row.due_at > now else Verdict(Fate.RELEASED)
    if row.state == DepartureState.GRACE and confirmed and not facts.legal_hold:
        return Verdict(Fate.RELEASED)
    return fate_of(facts, at=now)


def _decidable(departure_ids: Collection[UUID], reason: str) -> list[Departure]:
    if not reason.strip():
        raise DepartureReasonRequired(_("Say why."), pointer="/reason")
    wanted = set(departure_ids)
    found = Departure.objects.filter(id__in=wanted, state__in=UNDECIDED)
    people = _locked_people(found.values_list("person_id", flat=True))
    rows = _locked(Q(id__in=wanted, state__in=UNDECIDED, person__in=people))
    if len(rows) != len(wanted) or not rows:
        raise DepartureNotFound(_("There is no such departure that waits for a decision."))
    return rows


def _locked_people(ids: Collection[UUID]) -> list[UUID]:
    rows = Person.objects.select_for_update(no_key=True).filter(id__in=list(ids)).order_by("id")
    return [row.id for row in rows]


def _locked(which: Q) -> list[Departure]:
    rows = Departure.objects.select_for_update(no_key=True, of=("self",)).select_related("person")
    return list(rows.filter(which).order_by("id"))


def _decide(rows: Sequence[Departure], reason: str, trail: Trail) -> None:
    now, actor = trail.clock.now(), str(trail.actor.pseudonym)
    for row in rows:
        row.decided_at, row.decided_by, row.decision_reason, row.updated_at = now, actor, reason.strip(), now
    Departure.objects.bulk_update(rows, ["decided_at", "decided_by", "decision_reason", "updated_at"])


def _claims_of_returned(row: Departure, person: Person, now: datetime) -> list[SeatClaim]:
    """A claim for each seat of then that is gone, but for pools of which the person holds one or a rule brings one."""
    before = list(Assignment.objects.filter(id__in=row.seats, released_at__isnull=False).select_related("pool"))
    if not before:
        return []
    held = set(Assignment.objects.live().filter(person=person).values_list("pool_id", flat=True))
    owed = set(SeatClaim.objects.filter(person=person, ended_at__isnull=True).values_list("pool_id", flat=True))
    made = [
        SeatClaim(
            organization_id=row.organization_id,
            kind=ClaimKind.RETURN,
            pool=seat.pool,
            person=person,
            quantity=seat.quantity,
            created_at=now,
        )
        for seat in {seat.pool_id: seat for seat in before}.values()
        if seat.pool_id not in held | owed
    ]
    return SeatClaim.objects.bulk_create(made)


def _waiting_of(person: Person) -> list[SeatClaim]:
    rows = SeatClaim.objects.filter(person=person, ended_at__isnull=True, assignment__isnull=True, rule__isnull=False)
    return list(rows.select_related("person").order_by("priority", "created_at", "id"))


def _record_waiting(held: Sequence[Assignment], person: Person, verdict: Verdict, trail: Trail) -> None:
    for seat in held:
        trail.record(
            "seat.kept_for_leaver",
            subject=seat,
            details={
                "pool": str(seat.pool_id),
                "person": str(person.pseudonym),
                "why": verdict.fate.value,
                "until": verdict.due_at.isoformat() if verdict.due_at else None,
            },
        )


def _about(row: Departure) -> dict[str, JsonValue]:
    return {"person": str(row.person.pseudonym), "seats": len(row.seats), "state": row.state}


def _why(reason: str, trail: Trail) -> dict[str, Personal]:
    return {"reason": Personal(trail.actor.pseudonym, reason.strip())}
