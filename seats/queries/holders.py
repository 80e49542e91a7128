"""Reads of seats: who holds them, and whom a search finds to hold one."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.db.models import Q, QuerySet

from identity.models import Device, Person
from seats.models import Assignment, AssignmentSource

DIRECT_SOURCES = frozenset({AssignmentSource.ADMIN, AssignmentSource.API})
MOST_FOUND = 8


@dataclass(frozen=True)
class Candidate:
    """Somebody or something that could hold a seat; `holds`: it has one of the pool already."""

    kind: Literal["person", "device"]
    id: UUID
    name: str
    detail: str
    holds: bool

    @property
    def key(self) -> str:
        """What a form sends back."""
        return f"{self.kind}:{self.id}"


def holders() -> QuerySet[Assignment]:
    """Assignments with their holders and pools, for lists; filter on a pool and on what is held now."""
    return Assignment.objects.select_related("person", "device", "pool")


def live_holders(pool_id: UUID) -> QuerySet[Assignment]:
    """The seats of a pool that are held now, newest first."""
    return holders().filter(pool_id=pool_id, released_at__isnull=True).order_by("-since", "-id")


def holders_named(rows: QuerySet[Assignment], text: str) -> QuerySet[Assignment]:
    """Those whose holder's name, user name, host name or outside name contains the text."""
    wanted = text.strip().lower()
    return rows.filter(
        Q(person__user_name_lower__contains=wanted)
        | Q(person__display_name__icontains=wanted)
        | Q(device__hostname_lower__contains=wanted)
        | Q(external_holder_lower__contains=wanted)
    )


def holder_name(row: Assignment) -> str:
    """The name of whoever or whatever holds the seat."""
    return str(row.person or row.device or row.external_holder)


def is_direct_grant(row: Assignment) -> bool:
    """Given by somebody's own decision, without a request that was approved."""
    return row.request_id is None and row.source in DIRECT_SOURCES


def candidates(text: str, *, pool_id: UUID) -> list[Candidate]:
    """Active people whose user name or e-mail starts with the text or whose name contains it, and devices in use whose
    host name or serial number starts with it; at most eight of each. Fewer than two characters find nobody."""
    wanted = text.strip().lower()
    if len(wanted) < 2:
        return []
    people = list(_people(wanted))
    devices = list(_devices(text.strip()))
    held = Assignment.objects.live().filter(Q(person__in=people) | Q(device__in=devices), pool_id=pool_id)
    holding = {holder for pair in held.values_list("person_id", "device_id") for holder in pair}
    return [
        Candidate("person", row.id, str(row), _detail(row.user_name, row.department), row.id in holding)
        for row in people
    ] + [
        Candidate("device", row.id, row.hostname, _detail(row.platform, row.serial), row.id in holding)
        for row in devices
    ]


def _people(wanted: str) -> QuerySet[Person]:
    named = Q(user_name_lower__startswith=wanted) | Q(display_name__icontains=wanted)
    by_address = Q(emails__value_lower__startswith=wanted)
    return Person.objects.filter(named | by_address, active=True).distinct().order_by("user_name_lower")[:MOST_FOUND]


def _devices(wanted: str) -> QuerySet[Device]:
    named = Q(hostname_lower__startswith=wanted.lower()) | Q(serial__startswith=wanted)
    return Device.objects.filter(named, retired_at__isnull=True).order_by("hostname_lower")[:MOST_FOUND]


def _detail(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def holder_named(text: str) -> Person | Device | None:
    """The one person with exactly this user name or e-mail address, or the device with this host name, in any case;
    None when there is none, or more than one."""
    wanted = text.strip().lower()
    if not wanted:
        return None
    found: list[Person | Device] = [
        *Person.objects.filter(
            Q(user_name_lower=wanted) | Q(emails__value_lower=wanted), deleted_at__isnull=True
        ).distinct()[:2],
        *Device.objects.filter(hostname_lower=wanted)[:2],
    ]
    return found[0] if len(found) == 1 else None
