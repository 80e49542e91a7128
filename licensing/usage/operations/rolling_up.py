"""Days are summed from their events, made anew each time: a second run changes nothing, a late event is not lost."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Count, Sum

from kernel.clock import Clock
from kernel.scope import scope
from licensing.models import UsageDaily, UsageDay, UsageEvent, UsageReceipt
from licensing.partitions import ensure_partitions

MOST_DAYS = 500
KEPT = timedelta(days=367)
"""Longer than an event may be late, so that none counts twice."""


def sweep(organization_id: UUID, clock: Clock) -> None:
    """Each minute, for one organisation: months to come get their place, touched days are summed, old receipts go."""
    now = clock.now()
    with scope(organization_id):
        ensure_partitions(UsageEvent._meta.db_table, first=now.date())
    while roll_up(organization_id=organization_id, clock=clock) == MOST_DAYS:
        pass
    with scope(organization_id):
        forget_receipts(organization_id=organization_id, now=now)


def roll_up(*, organization_id: UUID, clock: Clock) -> int:
    """Sums up to 500 touched days, each with its features, and answers how many. Derived rows, so without a ledger
    entry; may run at the same time as itself and as what comes in."""
    with scope(organization_id):
        days = UsageDay.objects.order_by("license_id", "day").select_for_update(
            skip_locked=connection.features.has_select_for_update_skip_locked, of=("self",)
        )[:MOST_DAYS]
        claimed = list(days)
        now = clock.now()
        for row in claimed:
            _sum(row, now)
        UsageDay.objects.filter(id__in=[row.id for row in claimed]).delete()
        return len(claimed)


def forget_receipts(*, organization_id: UUID, now: datetime) -> int:
    """Removes receipts that no event can need any more, and answers how many."""
    removed, _by_model = UsageReceipt.objects.filter(
        organization_id=organization_id, received_at__lt=now - KEPT
    ).delete()
    return removed


def _sum(row: UsageDay, now: datetime) -> None:
    start = datetime.combine(row.day, time(), UTC)
    events = UsageEvent.objects.filter(license_id=row.license_id, at__gte=start, at__lt=start + timedelta(days=1))
    sums = events.values("feature").annotate(total=Sum("value"), number=Count("id")).order_by("feature")
    UsageDaily.objects.filter(license_id=row.license_id, day=row.day).delete()
    UsageDaily.objects.bulk_create(
        UsageDaily(
            organization_id=row.organization_id,
            license_id=row.license_id,
            feature=one["feature"],
            day=row.day,
            value=one["total"],
            events=one["number"],
            summed_at=now,
        )
        for one in sums
    )
