"""The first-run checklist: what of setting up is done, read from what is there."""

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Subquery

from compliance.models import ScanRun
from compliance.schedules import SCAN
from identity.models import Membership, Organization, OrganizationKind
from jobs.models import Schedule
from licensing.models import Entitlement, EntitlementState, LicenseType, Product


@dataclass(frozen=True)
class Setup:
    """Each field is true when the step is done: something to license, rights on record, a scan, colleagues, a nightly
    scan."""

    catalogue: bool
    rights: bool
    scanned: bool
    colleagues: bool
    scheduled: bool

    @property
    def is_done(self) -> bool:
        return all(getattr(self, field.name) for field in fields(self))

    @property
    def done(self) -> int:
        return sum(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True)
class House:
    """The open organisation as the home page needs it; `last_scan_at` None: never scanned."""

    setup: Setup
    last_scan_at: datetime | None


def house(organization_id: UUID) -> House:
    """One query. Who sells software licenses it by licence types, who buys it records products."""
    row = (
        Organization.objects.filter(id=organization_id)
        .annotate(
            has_types=Exists(LicenseType.objects.filter(organization=OuterRef("pk"))),
            has_products=Exists(Product.objects.filter(organization=OuterRef("pk"))),
            has_rights=Exists(Entitlement.objects.filter(organization=OuterRef("pk"), state=EntitlementState.ACTIVE)),
            has_colleagues=Exists(Membership.objects.filter(organization=OuterRef("pk"), ended_at__isnull=True)[1:]),
            has_schedule=Exists(Schedule.objects.filter(organization_id=OuterRef("pk"), kind=SCAN, enabled=True)),
            last_scan_at=Subquery(
                ScanRun.objects.filter(organization=OuterRef("pk")).order_by("-started_at").values("started_at")[:1]
            ),
        )
        .get()
    )
    setup = Setup(
        catalogue=row.has_types if row.kind == OrganizationKind.VENDOR else row.has_products,
        rights=row.has_rights,
        scanned=row.last_scan_at is not None,
        colleagues=row.has_colleagues,
        scheduled=row.has_schedule,
    )
    return House(setup=setup, last_scan_at=row.last_scan_at)
