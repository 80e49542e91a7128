"""What was consumed, to the event: summed days by their sums, touched days by their events, in one statement."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import DateField, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import TruncDate

from licensing.models import UsageDaily, UsageDay, UsageEvent
from licensing.rules.feature_values import QuotaPeriod
from licensing.rules.quota_periods import period_at
from licensing.rules.terms import Period

NO_FEATURE = ""


def used_in_period(*, license_id: UUID, feature: str, kind: QuotaPeriod, start: datetime, at: datetime) -> Decimal:
    """What was consumed of one feature in the period that runs at `at`, of a licence that starts at `start`."""
    return used_in(license_id=license_id, periods={feature: period_at(kind=kind, start=start, at=at)})[feature]


def used_in(*, license_id: UUID, periods: Mapping[str, Period]) -> dict[str, Decimal]:
    """What was consumed of each feature in its period of whole UTC days. One statement, also for no feature."""
    asked = periods or {NO_FEATURE: Period()}
    touched = UsageDay.objects.filter(license_id=OuterRef("license_id"), day=OuterRef("day"))
    summed = (
        UsageDaily.objects.filter(reduce(or_, (_days(code, period) for code, period in asked.items())))
        .filter(~Exists(touched), license_id=license_id)
        .values("feature")
        .annotate(total=Sum("value"))
    )
    single = (
        UsageEvent.objects.filter(reduce(or_, (_moments(code, period) for code, period in asked.items())))
        .filter(license_id=license_id)
        .annotate(day=TruncDate("at", tzinfo=UTC, output_field=DateField()))
        .filter(Exists(touched))
        .values("feature")
        .annotate(total=Sum("value"))
    )
    found = dict.fromkeys(periods, Decimal(0))
    for feature, total in summed.values_list("feature", "total").union(
        single.values_list("feature", F("total")), all=True
    ):
        found[feature] += Decimal(total)
    return found


def _days(feature: str, period: Period) -> Q:
    within = Q(feature=feature)
    if period.start is not None:
        within &= Q(day__gte=period.start.date())
    return within & Q(day__lt=period.end.date()) if period.end is not None else within


def _moments(feature: str, period: Period) -> Q:
    within = Q(feature=feature)
    if period.start is not None:
        within &= Q(at__gte=period.start)
    return within & Q(at__lt=period.end) if period.end is not None else within
