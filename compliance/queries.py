"""Reads of compliance/."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from compliance.models import ChangeRequest, ChangeState, ScanRun, Violation, ViolationState
from identity.models import Account, Membership
from identity.rules.roles import permissions_of
from kernel.principal import Principal

DECIDE = "compliance.change.decide"


def violations() -> QuerySet[Violation]:
    """Violations with what their lists show, newest first."""
    return Violation.objects.select_related(
        "pool__product__publisher", "pool__edition", "pool__metric", "owner"
    ).order_by("-first_seen_at", "-id")


def open_violations() -> QuerySet[Violation]:
    return violations().filter(state=ViolationState.OPEN)


def violations_in(start: datetime, end: datetime) -> QuerySet[Violation]:
    """Violations that were open at some moment of the half-open period, oldest first."""
    return violations().filter(first_seen_at__lt=end).exclude(resolved_at__lt=start).order_by("first_seen_at", "id")


def last_scan() -> ScanRun | None:
    return ScanRun.objects.order_by("-started_at").first()


def violation_of(violation_id: UUID) -> Violation | None:
    return violations().filter(id=violation_id).first()


def colleagues(*, at: datetime) -> list[Account]:
    """The accounts that work in this organisation at `at`, by name."""
    rows = Membership.objects.select_related("account").filter(started_at__lte=at)
    live = [row.account for row in rows if row.ended_at is None or row.ended_at > at]
    return sorted(live, key=lambda account: str(account).lower())


def change_requests() -> QuerySet[ChangeRequest]:
    """Change requests with what their lists show, newest first."""
    related = ("license__licensee", "license__product", "pool", "requester", "decider")
    return ChangeRequest.objects.select_related(*related).order_by("-requested_at", "-id")


def change_request_of(request_id: UUID) -> ChangeRequest | None:
    return change_requests().filter(id=request_id).first()


def open_changes() -> int:
    return ChangeRequest.objects.filter(state=ChangeState.OPEN).count()


def overdue_changes(*, at: datetime) -> list[UUID]:
    """The open requests that nobody decided in time."""
    due = ChangeRequest.objects.filter(state=ChangeState.OPEN, due_at__lte=at)
    return list(due.order_by("due_at").values_list("id", flat=True))


def others_who_decide(actor: Principal, *, at: datetime) -> list[Account]:
    """The accounts other than the actor's that may decide about changes at `at`."""
    rows = Membership.objects.select_related("account").filter(started_at__lte=at, account__is_active=True)
    return [
        row.account
        for row in rows
        if (row.ended_at is None or row.ended_at > at)
        and row.account_id != actor.account_id
        and DECIDE in permissions_of(row.roles)
    ]
