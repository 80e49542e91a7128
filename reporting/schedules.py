"""What the scheduler may call of reporting/: ordering the package of the period that is over, verifying the ledger."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from audit.operations import trail
from identity.models import Organization
from jobs.ports import Outcome, Payload
from jobs.tasks import wake_run
from kernel.clock import Clock
from kernel.errors import InvalidInput
from kernel.principal import system
from reporting.operations import PackageScope, request_package, verify_ledger
from reporting.packages.snapshot import Scope
from reporting.rules.spans import Every, previous

PACKAGE = "reporting.package"
VERIFICATION = "reporting.verification"


class PackageScheduleInvalid(InvalidInput):
    """A schedule of packages says `every` month or quarter, and perhaps `scope`, `scope_id` and `language`."""

    code = "PACKAGE_SCHEDULE_INVALID"


def scheduled_package(*, organization_id: UUID, parameters: Payload, clock: Clock) -> Outcome:
    """Orders the package of the previous calendar month or quarter, in the organisation's time zone.

    `parameters`: every ("month" or "quarter"), scope ("all", "publisher" or "product"; default all), scope_id,
    language.
    Raises PackageScheduleInvalid and what request_package raises.
    """
    every, scope = _read(parameters)
    zone = ZoneInfo(Organization.objects.values_list("time_zone", flat=True).get(id=organization_id))
    span = previous(every, day=clock.now().astimezone(zone).date())
    actor = system(organization_id, "audit_package")
    with trail(organization_id=organization_id, actor=actor, clock=clock) as opened:
        row = request_package(
            first=span.start,
            last=span.last,
            scope=scope,
            language=parameters.get("language", settings.LANGUAGE_CODE),
            role=_("Schedule"),
            trail=opened,
            wake=wake_run,
        )
    return {"package": str(row.id), "number": row.number}


def _read(parameters: Payload) -> tuple[Every, PackageScope]:
    try:
        named = parameters.get("scope_id")
        scope = PackageScope(Scope(parameters.get("scope", Scope.ALL)), UUID(named) if named else None)
        return Every(parameters["every"]), scope
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise PackageScheduleInvalid(_("Say every month or every quarter, and a scope that exists.")) from error


def scheduled_verification(*, organization_id: UUID, parameters: Payload, clock: Clock) -> Outcome:
    """Verifies the whole ledger; `parameters` are not used."""
    return verify_ledger(actor=system(organization_id, "verification"), clock=clock)
