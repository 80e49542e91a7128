"""Which licences an application of a licence type's version would change, and how: nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from licensing.grants import grants_from
from licensing.models import License, LicenseType
from licensing.queries.tiers import places, rights_of
from licensing.rules.carried import carried_at
from licensing.rules.rights_diff import Rights, RightsDiff, by_kind, rights_diff

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


def preview(kind: LicenseType, *, at: datetime) -> list[TypeChange]:
    """What applying this version at `at` would change, licence by licence, in one query."""
    return [change_of(row, kind, at=at) for row in licenses_behind(kind)]


def change_of(row: License, kind: LicenseType, *, at: datetime) -> TypeChange:
    """What this version would change for one licence, read with its type. What the licence states itself stays."""
    return TypeChange(
        license=row,
        diff=by_kind(rights_diff(_given(row, row.license_type, at), _given(row, kind, at))),
        grace_before=row.grace_until,
        grace_after=grace_under(row, kind),
    )


def grace_under(row: License, kind: LicenseType) -> datetime | None:
    """Until when the licence's grace would last under this version."""
    if row.expires_at is None or not kind.grace_days:
        return None
    return row.expires_at + timedelta(days=kind.grace_days)


def _given(row: License, kind: LicenseType, at: datetime) -> Rights:
    """What the licence grants under this version at `at`. Its term and model are its own, and stay."""
    return replace(
        rights_of(kind, at=at),
        features=carried_at(grants_from([*kind.features, *row.features]), at),
        limits={**kind.limits, **row.limits},
        territories=places(row.territories if row.territories is not None else kind.territories),
        domains=places(row.domains if row.domains is not None else kind.domains),
        departments=places(row.departments if row.departments is not None else kind.departments),
        versions=row.version_range or kind.version_range,
        model="",
        months=0,
        days=0,
    )
