"""Reads of departures, group rules and claims, for every interface."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from identity.models import DirectoryGroup, Person
from seats.models import Assignment, Departure, GroupRule, LeavingPolicy, SeatClaim


def departures() -> QuerySet[Departure]:
    """Departures with their people, those that happened last first."""
    return Departure.objects.select_related("person").order_by("-left_at", "-id")


def stopped_count() -> int:
    return Departure.objects.filter(state="stopped").count()


def leaving_policy() -> LeavingPolicy:
    """What the organisation set, or the defaults, which are stored with the first departure."""
    return LeavingPolicy.objects.first() or LeavingPolicy()


def group_rules() -> QuerySet[GroupRule]:
    """Rules with their pools and how many of their claims wait and hold a seat; those in force first. Who holds another
    seat of the pool neither waits nor holds one from the rule."""
    live = Q(claims__ended_at__isnull=True)
    return (
        GroupRule.objects.select_related("pool", "group")
        .annotate(
            waiting=Count("claims", filter=live & Q(claims__assignment__isnull=True) & ~Q(claims__code="HELD_ALREADY")),
            holding=Count("claims", filter=live & Q(claims__assignment__isnull=False)),
        )
        .order_by("ended_at", "priority", "group_name", "id")
    )


def claims() -> QuerySet[SeatClaim]:
    """Claims with what their lists show, in the order in which they are served."""
    return SeatClaim.objects.select_related("person", "pool", "rule").order_by("priority", "created_at", "id")


def waiting_claims(pool_id: UUID) -> QuerySet[SeatClaim]:
    """The queue of a pool; who holds another seat of it already does not stand in it."""
    rows = claims().filter(pool_id=pool_id, ended_at__isnull=True, assignment__isnull=True)
    return rows.exclude(code="HELD_ALREADY")


def groups_for_rules() -> QuerySet[DirectoryGroup]:
    return DirectoryGroup.objects.order_by("display_name_lower", "id")


@dataclass(frozen=True)
class OwnClaim:
    """A claim of one person: `position` counts from 1 in the queue of its pool."""

    claim: SeatClaim
    position: int


def seats_held_by(person: Person) -> QuerySet[Assignment]:
    """What somebody holds now, by the names of the pools."""
    rows = Assignment.objects.live().filter(person=person).select_related("pool__product__publisher", "pool__edition")
    return rows.order_by("pool__name", "id")


def claims_of(person: Person) -> list[OwnClaim]:
    """What somebody waits for, with the place in each queue: one query for all of them."""
    mine = set(
        SeatClaim.objects.filter(person=person, ended_at__isnull=True, assignment__isnull=True)
        .exclude(code="HELD_ALREADY")
        .values_list("pool_id", flat=True)
    )
    if not mine:
        return []
    waiting = claims().filter(pool__in=mine, ended_at__isnull=True, assignment__isnull=True)
    places: dict[UUID, int] = {}
    found = []
    for row in waiting.exclude(code="HELD_ALREADY"):
        places[row.pool_id] = places.get(row.pool_id, 0) + 1
        if row.person_id == person.id:
            found.append(OwnClaim(row, places[row.pool_id]))
    return found
