"""Seats that nobody used for long, as far as any source says when they were used."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from licensing.models import ObservedUse
from seats.models import Assignment, SeatPool

IDLE_DAYS = 90


def idle(rows: QuerySet[Assignment], *, at: datetime, days: int = IDLE_DAYS) -> QuerySet[Assignment]:
    """Those of these live seats whose last known use of the product lies so many days back. A seat of which nothing is
    known is none of them: a feed that fell silent must not make everybody look idle."""
    used = ObservedUse.objects.filter(product=OuterRef("pool__product"), last_used_at__isnull=False).filter(
        Q(person__isnull=False, person=OuterRef("person")) | Q(device__isnull=False, device=OuterRef("device"))
    )
    since = at - timedelta(days=days)
    return rows.filter(Exists(used), ~Exists(used.filter(last_used_at__gt=since)), since__lte=since)


def idle_seats(pool: SeatPool, *, at: datetime) -> int:
    """How many units of the pool are held by seats that have been idle for IDLE_DAYS."""
    return idle(Assignment.objects.live().filter(pool=pool), at=at).aggregate(held=Sum("quantity"))["held"] or 0
