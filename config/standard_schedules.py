"""The work that every organisation has done for it from its first day on, at night by its own clock.

An organisation moves the times or switches a schedule off in the admin; what it has of a kind is never touched again.
"""

from typing import Final
from zoneinfo import ZoneInfo

from compliance.schedules import SCAN
from identity.models import Organization
from identity.schedules import ACCESS_LOG, REMINDERS
from jobs.models import Schedule
from jobs.operations import NewSchedule, ensure_schedules
from kernel.trail import Trail
from reporting.schedules import PACKAGE, VERIFICATION
from seats.schedules import RECLAMATION, RECOUNT

EVERYWHERE: Final = (
    NewSchedule(kind=ACCESS_LOG, name="Batches of reads of personal data", hour="1"),
    NewSchedule(kind=VERIFICATION, name="Nightly verification", hour="4"),
    NewSchedule(kind=REMINDERS, name="Reminders of access reviews", hour="6"),
)
WITH_LICENCES: Final = (
    NewSchedule(kind=SCAN, name="Nightly scan", hour="2"),
    NewSchedule(kind=RECOUNT, name="Nightly recount", hour="3"),
    NewSchedule(kind=RECLAMATION, name="Reclamation of unused seats", hour="5"),
    NewSchedule(
        kind=PACKAGE,
        name="Audit package of the last quarter",
        hour="4",
        day_of_month="1",
        month_of_year="1,4,7,10",
        parameters={"every": "quarter"},
    ),
)
"""For whoever buys or sells software, which the platform's own organisation does not."""


def wanted_by(organization: Organization) -> tuple[NewSchedule, ...]:
    """What an organisation of this kind begins with."""
    return EVERYWHERE if organization.kind == "platform" else (*EVERYWHERE, *WITH_LICENCES)


def missing_kinds(organization: Organization) -> list[str]:
    """The kinds that the organisation of the open scope has no schedule of, switched off or not."""
    present = set(Schedule.objects.values_list("kind", flat=True))
    return sorted({one.kind for one in wanted_by(organization)} - present)


def standard_schedules(*, trail: Trail) -> None:
    """Gives the trail's organisation what it lacks of them."""
    organization = Organization.objects.get(id=trail.organization_id)
    ensure_schedules(wanted=wanted_by(organization), time_zone=_zone(organization), trail=trail)


def _zone(organization: Organization) -> str:
    """Its own zone. Earlier releases stored whatever was typed; a name that no clock knows counts as UTC."""
    try:
        ZoneInfo(organization.time_zone)
    except (ValueError, OSError, LookupError):
        return "UTC"
    return organization.time_zone
