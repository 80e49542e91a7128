"""Everything that one package says, read at one moment."""

from dataclasses import replace
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation

from audit.models import Checkpoint
from identity.models import Organization
from kernel.clock import Clock
from kernel.scope import frozen
from reporting.gather.access_reviews import access_reviews
from reporting.gather.entitlements import entitlements
from reporting.gather.frame import Frame
from reporting.gather.imports import imports
from reporting.gather.inventory import inventory
from reporting.gather.ledger import ledger
from reporting.gather.lines import lines
from reporting.gather.people import colleagues
from reporting.gather.positions import positions
from reporting.gather.rights import own_rights
from reporting.gather.seat_history import seat_history
from reporting.gather.violations import violations
from reporting.models import AuditPackage
from reporting.packages.formatting import Formatter
from reporting.packages.snapshot import Parameters, Scope, Snapshot
from reporting.rules.spans import Span


def gather(package: AuditPackage, *, clock: Clock) -> Snapshot:
    """The facts of a package in its language, from one read-only transaction; `sealed` adds the signed checkpoint.

    The number of queries is the same for every book. Raises NoSigningKey.
    """
    with translation.override(package.language), frozen(package.organization_id):
        organization = Organization.objects.get(id=package.organization_id)
        frame = _frame(package, organization, clock)
        rights, people = own_rights(frame), colleagues()
        found = lines(frame, rights)
        return Snapshot(
            parameters=_parameters(package, organization, frame),
            ledger=ledger(frame, organization),
            inventory=inventory(frame, found, rights),
            positions=positions(frame, found),
            seat_history=seat_history(frame, people),
            violations=violations(frame, people),
            entitlements=entitlements(frame, rights),
            imports=imports(frame, rights),
            access_reviews=access_reviews(frame, people),
        )


def sealed(snapshot: Snapshot, checkpoint: Checkpoint) -> Snapshot:
    """The snapshot with the signed statement of its cut-off."""
    result = replace(snapshot.ledger, checkpoint=checkpoint.note, root=bytes(checkpoint.root).hex())
    return replace(snapshot, ledger=result)


def _frame(package: AuditPackage, organization: Organization, clock: Clock) -> Frame:
    zone = ZoneInfo(organization.time_zone)
    start, end = Span(package.period_start, package.period_end).instants(zone)
    return Frame(
        organization_id=organization.id,
        start=start,
        end=end,
        at=clock.now(),
        zone=zone,
        scope=Scope(package.scope["kind"]),
        scope_id=UUID(package.scope["id"]) if package.scope.get("id") else None,
        form=Formatter(package.language),
    )


def _parameters(package: AuditPackage, organization: Organization, frame: Frame) -> Parameters:
    return Parameters(
        package_id=package.number,
        organization_id=str(organization.id),
        organization=organization.name,
        period_start=package.period_start,
        period_end=package.period_end,
        as_of=frame.at,
        requested_by_role=package.requested_by_role,
        software_version=settings.VERSION,
        language=package.language,
        scope=frame.scope,
        scope_name=package.scope.get("name", ""),
    )
