"""Reads of floating seats: who holds what, who waits, and how a pool was used."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Coalesce

from identity.models import Person
from seats.models import Lease, LeaseDenial
from seats.rules.leases import Session, peaks

ENOUGH_HOLDS = 50
MOST_POOLS = 100
MOST_HOURS = 31 * 24
GROUPS = {"user": "user_lower", "department": "department"}


@dataclass(frozen=True)
class LeaseUse:
    """What one user or department did with a pool within a period. `wait` is the mean of those who waited and then held
    a seat; None where nobody did."""

    name: str
    check_outs: int
    denials: int
    waited: int
    wait: timedelta | None


@dataclass(frozen=True)
class PeakOfSpan:
    """The most seats held at one moment from `start` on, up to the next span."""

    start: datetime
    seats: int


RELATED = ("pool", "license", "person")


def live_leases(pool_id: UUID, *, at: datetime) -> QuerySet[Lease]:
    """Who holds a seat at `at` and who waits, in the order of the queue."""
    live = Lease.objects.live().filter(pool_id=pool_id, expires_at__gt=at)
    return live.select_related(*RELATED).order_by("priority", "ticket", "acquired_at")


def pools_with_due_leases(*, at: datetime) -> list[UUID]:
    """Pools of the open organisation with leases whose time has come, at most a hundred."""
    due = Lease.objects.live().filter(expires_at__lte=at)
    return list(due.order_by("pool").values_list("pool", flat=True).distinct()[:MOST_POOLS])


def person_behind(user: str) -> Person | None:
    """The one person of the directory with this address as user name or e-mail, locked. Names without an @ are the
    client's own: who works for a customer may be called like one of our people."""
    wanted = user.strip().lower()
    if "@" not in wanted:
        return None
    named = Q(user_name_lower=wanted) | Q(emails__value_lower=wanted)
    found = list(Person.objects.filter(named, deleted_at__isnull=True).order_by("id").distinct()[:2])
    if len(found) != 1:
        return None
    return Person.objects.select_for_update(no_key=True, of=("self",)).filter(id=found[0].id).first()


def holds_of(pool_id: UUID) -> list[timedelta]:
    """How long the last seats of a pool were held."""
    ended = Lease.objects.filter(pool_id=pool_id, acquired_at__isnull=False, released_at__isnull=False)
    rows = ended.order_by("-acquired_at").values_list("acquired_at", "released_at")[:ENOUGH_HOLDS]
    return [end - start for start, end in rows if start is not None and end is not None]


def lease_use(pool_id: UUID, *, by: str, start: datetime, end: datetime) -> list[LeaseUse]:
    """Check-outs, denials and waits of a pool from `start` up to `end`, by "user" or "department", the most active
    first. Two queries."""
    column = GROUPS[by]
    waited = ExpressionWrapper(F("acquired_at") - F("asked_at"), output_field=DurationField())
    rows = (
        Lease.objects.filter(pool_id=pool_id, acquired_at__gte=start, acquired_at__lt=end)
        .values(name=F(column))
        .annotate(
            check_outs=Count("id"),
            queued=Count("id", filter=Q(ticket__isnull=False)),
            wait=Avg(waited, filter=Q(ticket__isnull=False)),
        )
    )
    denied = dict(
        LeaseDenial.objects.filter(pool_id=pool_id, at__gte=start, at__lt=end)
        .values_list("user" if by == "user" else "department")
        .annotate(number=Count("id"))
    )
    found = {row["name"]: row for row in rows}
    denials: dict[str, int] = {}
    for name, number in denied.items():
        key = name.lower() if by == "user" else name
        denials[key] = denials.get(key, 0) + number
    used = [
        LeaseUse(
            name=name,
            check_outs=found[name]["check_outs"] if name in found else 0,
            denials=denials.get(name, 0),
            waited=found[name]["queued"] if name in found else 0,
            wait=found[name]["wait"] if name in found else None,
        )
        for name in {*found, *denials}
    ]
    return sorted(used, key=lambda one: (-one.check_outs, -one.denials, one.name))


def lease_peaks(pool_id: UUID, *, start: datetime, hours: int, span: timedelta) -> list[PeakOfSpan]:
    """The most seats that were held at once in each span of a period that begins at `start`. One query."""
    end = start + timedelta(hours=hours)
    edges = [start + span * number for number in range(int(timedelta(hours=hours) / span) + 1)]
    rows = Lease.objects.filter(pool_id=pool_id, acquired_at__lt=end).filter(
        Q(released_at__isnull=True) | Q(released_at__gt=start)
    )
    sessions = [
        Session(begun, ended, quantity)
        for begun, ended, quantity in rows.values_list("acquired_at", Coalesce("released_at", "expires_at"), "quantity")
        if begun is not None
    ]
    return [PeakOfSpan(at, most) for at, most in zip(edges, peaks(sessions, edges=edges), strict=False)]
