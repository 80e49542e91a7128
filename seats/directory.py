"""What a person holds, for the page of the person in the directory. Implements identity.ports.SeatsOf."""

from collections.abc import Sequence

from django.db.models import F
from django.urls import reverse

from identity.models import Person
from identity.ports import HeldSeat
from seats.models import Assignment

MOST = 100


def seats_of(*, person: Person) -> Sequence[HeldSeat]:
    """Seats that are held now first, then those of before, newest first; at most a hundred."""
    rows = Assignment.objects.filter(person=person).select_related("pool")
    found = rows.order_by(F("released_at").desc(nulls_first=True), "-since")[:MOST]
    return [
        HeldSeat(row.pool.name, row.since, row.released_at, reverse("seats:pool", args=[row.pool_id])) for row in found
    ]
