"""What the portal shows: rows of the customer's own partners, and of nobody else.

Every function takes the partners by name, beside the limit that the scope and the database hold to.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, QuerySet

from licensing.models import Activation, Certificate, License, LicenseKey, VendorContact
from licensing.queries.license_facts import facts_of
from licensing.rules.facts import LicenseStatus
from licensing.rules.notices import URGENCY, Notice, notice_about

MOST_EXAMINED = 1_000
MOST_MACHINES = 100
RELATED = ("license_type", "licensee", "product", "edition")


@dataclass(frozen=True)
class LicenseNotice:
    """A licence, and what its holder should know about it today."""

    license: License
    notice: Notice


def own_licenses(parties: Collection[UUID]) -> QuerySet[License]:
    """The partners' licences that left the vendor's desk, what ends first before what never ends."""
    rows = License.objects.filter(licensee_id__in=parties).exclude(status=LicenseStatus.DRAFT.value)
    return rows.select_related(*RELATED).order_by(F("expires_at").asc(nulls_last=True), "number")


def own_license(parties: Collection[UUID], license_id: UUID) -> License | None:
    return own_licenses(parties).filter(id=license_id).first()


def own_keys(license: License) -> list[LicenseKey]:
    return list(LicenseKey.objects.filter(license=license).order_by("-issued_at"))


def own_machines(license: License) -> list[Activation]:
    """Those that hold a place now, the latest first; at most MOST_MACHINES."""
    return list(Activation.objects.live().filter(license=license).order_by("-first_seen_at")[:MOST_MACHINES])


def own_certificates(license: License) -> list[Certificate]:
    return list(Certificate.objects.filter(license=license).order_by("-issued_at"))


def own_notices(parties: Collection[UUID], *, at: datetime) -> list[LicenseNotice]:
    """What stands in the way of licences or ends soon, the most urgent first; looks at a thousand licences, those that
    end or ended latest before others."""
    rows = own_licenses(parties).order_by(F("expires_at").desc(nulls_last=True))[:MOST_EXAMINED]
    told = [told for row in rows if (told := notice_of(row, at=at)) is not None]
    return sorted(told, key=lambda one: (URGENCY.index(one.notice.code), one.license.number))


def notice_of(row: License, *, at: datetime) -> LicenseNotice | None:
    """What is to be said about one licence, read with its type, licensee and product."""
    notice = notice_about(facts_of(row), revoked_at=row.revoked_at, at=at)
    return LicenseNotice(row, notice) if notice is not None else None


def vendor_contact() -> VendorContact | None:
    return VendorContact.objects.first()
