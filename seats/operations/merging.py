"""What happens to seats when two records of one human become one. Implements identity.ports.MergeSeats."""

from collections.abc import Sequence
from uuid import UUID

from identity.models import Person
from kernel.trail import Trail
from seats.models import Assignment, SeatPool
from seats.operations.releasing import release_many
from seats.operations.shares import eligibilities_of_merged

TWICE = "held twice by one person"
"""Why the second seat of a pool is given back, as the ledger and the history of a seat have it."""


class SeatsOfMerged:
    """A seat keeps its pool and its beginning and changes its holder; the use of a pool stays the same, or falls."""

    def preview(self, *, kept: Person, merged: Person) -> tuple[int, int]:
        moving, twice = _split(kept, merged)
        return len(moving), len(twice)

    def move(self, *, kept: Person, merged: Person, trail: Trail) -> Sequence[UUID]:
        eligibilities_of_merged(kept=kept, merged=merged, trail=trail)
        moving, twice = _split(kept, merged)
        if twice:
            release_many(assignments=twice, reason=TWICE, trail=trail)
        return _hand_over(moving, kept, trail)

    def move_back(self, *, ids: Sequence[UUID], kept: Person, merged: Person, trail: Trail) -> Sequence[UUID]:
        live = Assignment.objects.live().filter(id__in=ids, person=kept).order_by("pool_id", "id")
        return _hand_over(list(live), merged, trail)


def _split(kept: Person, merged: Person) -> tuple[list[Assignment], list[Assignment]]:
    """Seats that move, and those of pools of which the kept record holds one as well."""
    mine = set(Assignment.objects.live().filter(person=kept).values_list("pool_id", flat=True))
    held = list(Assignment.objects.live().filter(person=merged).order_by("pool_id", "id"))
    return [row for row in held if row.pool_id not in mine], [row for row in held if row.pool_id in mine]


def _hand_over(rows: Sequence[Assignment], holder: Person, trail: Trail) -> list[UUID]:
    list(SeatPool.objects.select_for_update(no_key=True).filter(id__in={row.pool_id for row in rows}).order_by("id"))
    Assignment.objects.filter(id__in=[row.id for row in rows]).update(person=holder)
    for row in rows:
        before = str(row.person.pseudonym) if row.person is not None else None
        trail.record(
            "seat.handed_over",
            subject=row,
            details={
                "pool": str(row.pool_id),
                "from": before,
                "person": str(holder.pseudonym),
                "quantity": row.quantity,
            },
        )
    return [row.id for row in rows]
