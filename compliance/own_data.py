"""What is stored about whoever asks: record, groups, devices, seats, claims and requests."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from compliance.models import ChangeRequest
from compliance.queries import change_requests
from identity.models import Membership, Person
from identity.queries.people import groups_of, person_of_account
from identity.queries.provisioning import emails_of
from kernel.principal import Principal
from seats.models import Assignment, Departure, SeatClaim

RECORD = (
    "user_name",
    "given_name",
    "family_name",
    "display_name",
    "formatted_name",
    "nick_name",
    "title",
    "user_type",
    "preferred_language",
    "locale",
    "time_zone",
    "company",
    "division",
    "cost_center",
    "department",
    "employee_number",
    "external_id",
    "territory",
    "active",
    "left_at",
    "created_at",
    "updated_at",
)


def own_requests(principal: Principal) -> QuerySet[ChangeRequest]:
    """What the principal asked for, newest first."""
    return change_requests().filter(requested_by=str(principal.pseudonym))


def data_about(principal: Principal, *, at: datetime) -> dict[str, Any]:
    """Everything that JSON can say about the account in this organisation, and about its person."""
    person = person_of_account(principal.account_id)
    memberships = Membership.objects.filter(account=principal.account_id).order_by("started_at")
    return {
        "as_of": at,
        "account": {"name": principal.label},
        "memberships": list(memberships.values("roles", "started_at", "ended_at")),
        "requests": [
            {
                "number": row.number,
                "kind": row.kind,
                "about": row.about,
                "reason": row.reason,
                "state": row.state,
                "requested_at": row.requested_at,
                "decision_reason": row.decision_reason,
            }
            for row in own_requests(principal)
        ],
        "person": _person(person) if person is not None else None,
    }


def _person(person: Person) -> dict[str, Any]:
    seats = Assignment.objects.filter(person=person).select_related("pool").order_by("since")
    waiting = SeatClaim.objects.filter(person=person).select_related("pool").order_by("created_at")
    departures = Departure.objects.filter(person=person).order_by("left_at")
    return {
        **{name: getattr(person, name) for name in RECORD},
        "emails": [
            {"value": one.value, "kind": one.kind, "primary": one.primary} for one in emails_of([person.id])[person.id]
        ],
        "groups": [{"name": one.group.display_name, "since": one.since} for one in groups_of(person)],
        "devices": list(person.devices.values("hostname", "serial", "platform", "last_seen_at", "retired_at")),
        "seats": [
            {
                "pool": row.pool.name,
                "quantity": row.quantity,
                "since": row.since,
                "released_at": row.released_at,
                "reason": row.reason,
                "end_reason": row.end_reason,
            }
            for row in seats
        ],
        "claims": [
            {"pool": row.pool.name, "since": row.created_at, "waiting": row.is_waiting, "ended_at": row.ended_at}
            for row in waiting
        ],
        "departures": list(departures.values("left_at", "state", "due_at")),
    }
