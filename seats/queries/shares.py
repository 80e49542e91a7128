"""Reads of reservations and eligibility: what is drawn of each, and which of them concern somebody."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from identity.models import GroupMember, OrgUnit
from seats.models import Assignment, Eligibility, Reservation, SeatPool
from seats.rules.shares import Promise

Units = Mapping[UUID, UUID | None]
"""Each unit with the one above it."""


@dataclass(frozen=True)
class ReservationState:
    """A reservation with what its people hold of the pool."""

    row: Reservation
    promise: Promise


def reservations() -> QuerySet[Reservation]:
    return Reservation.objects.select_related("unit", "group", "pool")


def eligibilities() -> QuerySet[Eligibility]:
    return Eligibility.objects.select_related("person", "group", "pool")


def reservation_states(rows: Sequence[Reservation]) -> list[ReservationState]:
    """What is drawn of each, in their order: at most three queries for all."""
    by_unit, by_group = _held(rows)
    return [
        ReservationState(
            row,
            Promise(
                row.id,
                row.quantity,
                by_unit[row.pool_id, row.unit_id] if row.unit_id is not None else by_group[row.pool_id, row.group_id],
            ),
        )
        for row in rows
    ]


def promises_of(pools: Iterable[SeatPool]) -> dict[UUID, tuple[Promise, ...]]:
    """The promises of each pool by its id; no query where no pool has any."""
    reserved = [pool.id for pool in pools if pool.reserved]
    found: dict[UUID, list[Promise]] = defaultdict(list)
    if reserved:
        rows = list(Reservation.objects.filter(pool__in=reserved).order_by("id"))
        for state in reservation_states(rows):
            found[state.row.pool_id].append(state.promise)
    return {pool_id: tuple(promises) for pool_id, promises in found.items()}


def _held(
    rows: Sequence[Reservation],
) -> tuple[Mapping[tuple[UUID, UUID | None], int], Mapping[tuple[UUID, UUID | None], int]]:
    """What is held of each pool by the people of each unit (with the units below it), and by those of each group."""
    by_unit: dict[tuple[UUID, UUID | None], int] = defaultdict(int)
    by_group: dict[tuple[UUID, UUID | None], int] = defaultdict(int)
    pools = {row.pool_id for row in rows if row.unit_id is not None}
    if pools:
        above = units()
        in_unit = Coalesce("person__org_unit_id", "device__person__org_unit_id")
        for pool_id, unit_id, held in _sums(pools, in_unit):
            for one in lineage(unit_id, above):
                by_unit[pool_id, one] += held
    groups = {row.group_id for row in rows if row.group_id is not None}
    if groups:
        in_group = Coalesce("person__groups__group_id", "device__person__groups__group_id")
        for pool_id, group_id, held in _sums({row.pool_id for row in rows}, in_group, among=groups):
            by_group[pool_id, group_id] += held
    return by_unit, by_group


def _sums(
    pools: Collection[UUID], place: Coalesce, *, among: Collection[UUID] | None = None
) -> list[tuple[UUID, UUID, int]]:
    rows = Assignment.objects.live().filter(pool__in=pools).annotate(place=place).filter(place__isnull=False)
    if among is not None:
        rows = rows.filter(place__in=among)
    return list(rows.values("pool_id", "place").annotate(held=Sum("quantity")).values_list("pool_id", "place", "held"))


def units() -> Units:
    return dict(OrgUnit.objects.values_list("id", "parent_id"))


def lineage(unit_id: UUID | None, above: Units) -> set[UUID]:
    """A unit and all above it."""
    found: set[UUID] = set()
    while unit_id is not None and unit_id not in found:
        found.add(unit_id)
        unit_id = above.get(unit_id)
    return found


def drawn_by(pools: Collection[UUID], unit_of: Mapping[UUID, UUID | None]) -> dict[UUID, frozenset[UUID]]:
    """Which reservations of these pools each of these people draws; `unit_of` are the people with their units."""
    rows = list(Reservation.objects.filter(pool__in=pools))
    above = units() if any(row.unit_id for row in rows) else {}
    member_of = groups_of(unit_of, {row.group_id for row in rows if row.group_id})
    return {
        person_id: frozenset(
            row.id
            for row in rows
            if (row.unit_id in lineage(unit_id, above) if row.unit_id else row.group_id in member_of[person_id])
        )
        for person_id, unit_id in unit_of.items()
    }


def groups_of(people: Iterable[UUID], groups: Collection[UUID]) -> Mapping[UUID, set[UUID]]:
    """Which of these groups each of these people is in; no query for no group."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    if groups:
        rows = GroupMember.objects.filter(group__in=groups, person__in=list(people))
        for person_id, group_id in rows.values_list("person_id", "group_id"):
            found[person_id].add(group_id)
    return found


def eligible_of(pool_id: UUID, people: Collection[UUID]) -> frozenset[UUID]:
    """Who of these people may use the restricted pool: named, or in a group that is."""
    rows = Eligibility.objects.filter(pool=pool_id)
    named = rows.filter(person__in=people).values_list("person__id", flat=True)
    in_group = GroupMember.objects.filter(
        Q(group__in=rows.filter(group__isnull=False).values("group_id")), person__in=people
    ).values_list("person_id", flat=True)
    return frozenset([*named, *in_group])


def seats_by_age(pool_id: UUID) -> QuerySet[Assignment]:
    """The live seats of a pool with their holders, the one given last first."""
    return (
        Assignment.objects.live()
        .filter(pool=pool_id)
        .select_related("person", "device", "pool")
        .order_by(F("created_at").desc(), "-id")
    )
