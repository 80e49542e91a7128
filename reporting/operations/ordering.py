"""Ordering an audit package: a row, a ledger entry, and a run for the workers that build."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from identity.models import Organization
from jobs.models import JobRun
from jobs.operations import start_run
from kernel.errors import Conflict, InvalidInput, NotFound
from kernel.ids import human_number
from kernel.trail import Trail
from licensing.models import Product, Publisher
from reporting.models import AuditPackage, PackageState
from reporting.packages.snapshot import Scope
from reporting.queries.packages import can_retry
from reporting.rules.spans import Span

BUILD_PACKAGE = "reporting.package"
FIRST_DAY = date(1990, 1, 1)
AHEAD = timedelta(days=366)
Wake = Callable[[UUID, UUID], None]


class PackagePeriodInvalid(InvalidInput):
    """The period of a package starts today or earlier, ends on or after its start, and within a year from today."""

    code = "PACKAGE_PERIOD_INVALID"


class PackageScopeUnknown(InvalidInput):
    """The publisher or product to which a package is to be limited does not exist in this organisation; or one was
    named for a package that covers everything."""

    code = "PACKAGE_SCOPE_UNKNOWN"


class PackageLanguageUnknown(InvalidInput):
    """A report is written in one of the languages of the installation."""

    code = "PACKAGE_LANGUAGE_UNKNOWN"


class PackageNotFound(NotFound):
    """There is no such audit package in this organisation."""

    code = "PACKAGE_NOT_FOUND"


class PackageNotFailed(Conflict):
    """The package is being built or was built; only one that failed can be tried again."""

    code = "PACKAGE_NOT_FAILED"


@dataclass(frozen=True)
class PackageScope:
    """What part of the book a package covers; `id` of the publisher or product, None for the whole organisation."""

    kind: Scope = Scope.ALL
    id: UUID | None = None


def request_package(
    *, first: date, last: date, scope: PackageScope, language: str, role: str, trail: Trail, wake: Wake
) -> AuditPackage:
    """Orders a package of the days from `first` to `last`, both included, and hands it to a worker.

    `role` is what the package says about whoever asked. Raises PackagePeriodInvalid, PackageScopeUnknown and
    PackageLanguageUnknown.
    """
    row = create_package(first=first, last=last, scope=scope, language=language, role=role, trail=trail)
    return _started(row, trail, wake)


def create_package(
    *, first: date, last: date, scope: PackageScope, language: str, role: str, trail: Trail
) -> AuditPackage:
    """The order alone, for a caller that builds at once. Raises what request_package raises."""
    span = _span(first, last, trail)
    if language not in dict(settings.LANGUAGES):
        raise PackageLanguageUnknown(_("A report cannot be written in this language."), pointer="/language")
    row = AuditPackage.objects.create(
        organization_id=trail.organization_id,
        number=human_number("AP"),
        period_start=span.start,
        period_end=span.end,
        scope=_described(scope),
        language=language,
        requested_by=str(trail.actor.pseudonym),
        requested_by_role=role,
        created_at=trail.clock.now(),
    )
    trail.record("audit_package.requested", subject=row, details=_order(row))
    return row


def retry_package(*, package_id: UUID, trail: Trail, wake: Wake) -> AuditPackage:
    """Hands a package that failed, or whose worker was lost, to a worker again. Raises PackageNotFound and
    PackageNotFailed."""
    row = locked_package(package_id)
    run = JobRun.objects.filter(id=row.job_run_id).first() if row.job_run_id else None
    if not can_retry(row, run):
        raise PackageNotFailed(_("Only a package that failed can be tried again."))
    row.state, row.error_code, row.error = PackageState.QUEUED, "", ""
    row.save(update_fields=["state", "error_code", "error"])
    trail.record("audit_package.requested", subject=row, details=_order(row))
    return _started(row, trail, wake)


def locked_package(package_id: UUID) -> AuditPackage:
    """The package as it is now, its row locked until the end of the transaction. Raises PackageNotFound."""
    row = AuditPackage.objects.select_for_update(no_key=True).filter(id=package_id).first()
    if row is None:
        raise PackageNotFound(_("There is no such audit package in your organisation."))
    return row


def _started(row: AuditPackage, trail: Trail, wake: Wake) -> AuditPackage:
    tries = JobRun.objects.filter(kind=BUILD_PACKAGE, parameters__package=str(row.id)).count()
    run, _created = start_run(
        kind=BUILD_PACKAGE,
        key=f"package:{row.id}:{tries}",
        parameters={"package": str(row.id)},
        trail=trail,
        wake=wake,
    )
    row.job_run_id = run.id
    row.save(update_fields=["job_run_id"])
    return row


def _span(first: date, last: date, trail: Trail) -> Span:
    zone = ZoneInfo(Organization.objects.values_list("time_zone", flat=True).get(id=trail.organization_id))
    today = trail.clock.now().astimezone(zone).date()
    if first > last:
        raise PackagePeriodInvalid(_("The period ends before it starts."), pointer="/last_day")
    if first > today or first < FIRST_DAY:
        raise PackagePeriodInvalid(_("The period starts between 1990 and today."), pointer="/first_day")
    if last > today + AHEAD:
        raise PackagePeriodInvalid(_("The period ends within a year from today."), pointer="/last_day")
    return Span(first, last + timedelta(days=1))


def _described(scope: PackageScope) -> dict[str, str]:
    """The scope as it is stored, with the name as it is now."""
    if scope.kind is Scope.ALL:
        if scope.id is not None:
            raise PackageScopeUnknown(
                _("A package of the whole organisation names no publisher or product. Leave the id out."),
                pointer="/scope",
            )
        return {"kind": Scope.ALL.value}
    named: Publisher | Product | None = None
    if scope.kind is Scope.PUBLISHER and scope.id is not None:
        named = Publisher.objects.filter(id=scope.id).first()
    elif scope.kind is Scope.PRODUCT and scope.id is not None:
        named = Product.objects.filter(id=scope.id).first()
    if named is None:
        raise PackageScopeUnknown(_("There is no such publisher or product in your organisation."), pointer="/scope")
    return {"kind": scope.kind.value, "id": str(named.id), "name": named.name}


def _order(row: AuditPackage) -> dict[str, str]:
    return {
        "number": row.number,
        "period_start": row.period_start.isoformat(),
        "period_end": row.period_end.isoformat(),
        "scope": row.scope["kind"],
        "scope_id": row.scope.get("id", ""),
    }
