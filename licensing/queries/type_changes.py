"""Which licences an application of a licence type's version would change, and how: nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from licensing.models import License, LicenseType
from licensing.rules.type_changes import Grants, RightsDiff, rights_diff

MOST_LICENSES = 500
"""Licences that one application changes; the next one goes on with the rest."""


@dataclass(frozen=True)
class TypeChange:
    """One licence with what it would gain and lose, and its grace before and after."""

    license: License
    diff: RightsDiff
    grace_before: datetime | None
    grace_after: datetime | None


def licenses_behind(kind: LicenseType) -> Sequence[License]:
    """Licences that older versions of this type were issued under and that are not revoked, oldest first."""
    rows = License.objects.filter(license_type__code=kind.code, license_type__version__lt=kind.version)
    rows = rows.exclude(status="revoked").select_related("license_type", "licensee", "product")
    return list(rows.order_by("created_at", "id")[:MOST_LICENSES])


def preview(kind: LicenseType) -> list[TypeChange]:
    """What applying this version would change, licence by licence, in one query."""
    return [change_of(row, kind) for row in licenses_behind(kind)]


def change_of(row: License, kind: LicenseType) -> TypeChange:
    """What this version would change for one licence, read with its type. What the licence states itself stays."""
    return TypeChange(
        license=row,
        diff=rights_diff(_given(row, row.license_type), _given(row, kind)),
        grace_before=row.grace_until,
        grace_after=grace_under(row, kind),
    )


def grace_under(row: License, kind: LicenseType) -> datetime | None:
    """Until when the licence's grace would last under this version."""
    if row.expires_at is None or not kind.grace_days:
        return None
    return row.expires_at + timedelta(days=kind.grace_days)


def _given(row: License, kind: LicenseType) -> Grants:
    territories = row.territories if row.territories is not None else kind.territories
    return Grants(
        features=frozenset(item["code"] for item in [*kind.features, *row.features]),
        limits={**kind.limits, **row.limits},
        territories=None if territories is None else frozenset(territories),
        version_range=row.version_range or kind.version_range,
        grace_days=kind.grace_days,
        expiry_strategy=kind.expiry_strategy,
    )
