"""Reads of access reviews: campaigns with their coverage, their questions, and what somebody still has to answer."""

from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from identity.models import AccessReview, AccessReviewItem
from identity.rules.access_reviews import Coverage


def reviews() -> QuerySet[AccessReview]:
    """Newest first, with the figures `total`, `decided` and `revoked`."""
    return AccessReview.objects.annotate(
        total=Count("items"),
        decided=Count("items", filter=Q(items__decided_at__isnull=False)),
        revoked=Count("items", filter=Q(items__decision__in=["revoke", "change"])),
    ).order_by("-started_at", "-id")


def open_reviews() -> QuerySet[AccessReview]:
    return AccessReview.objects.filter(closed_at__isnull=True)


def coverage_of(review: AccessReview) -> Coverage:
    """Two queries; lists have the same figures from `reviews()`."""
    rows = AccessReviewItem.objects.filter(review=review)
    return Coverage(rows.filter(decided_at__isnull=False).count(), rows.count())


def items() -> QuerySet[AccessReviewItem]:
    """Questions with those whom they are about and those who are asked."""
    return AccessReviewItem.objects.select_related(
        "review", "membership__account", "membership__person", "reviewer__account"
    )


def open_items() -> QuerySet[AccessReviewItem]:
    """Questions of reviews that run, without an answer."""
    return items().filter(decided_at__isnull=True, review__closed_at__isnull=True)


def asked_of(account_id: UUID | None) -> QuerySet[AccessReviewItem]:
    """What this account still has to answer, the most urgent first."""
    mine = open_items().filter(reviewer__account_id=account_id) if account_id else open_items().none()
    return mine.order_by("review__due_at", "membership__account__email_lower", "id")


def is_overdue(review: AccessReview, *, at: datetime) -> bool:
    return review.closed_at is None and review.due_at <= at


def questions_late(*, at: datetime) -> QuerySet[AccessReviewItem]:
    return open_items().filter(review__due_at__lte=at)


def decided_between(start: datetime, end: datetime) -> QuerySet[AccessReview]:
    """Reviews that ran at some moment of the half-open period, oldest first."""
    ran = Q(started_at__lt=end) & (Q(closed_at__isnull=True) | Q(closed_at__gte=start))
    return AccessReview.objects.filter(ran).order_by(F("started_at"), F("id"))
